"""WHAT can be said: record types, their parts, and the markers that say how a field is checked. Pure Pydantic."""

from communique.schemas.allegation import Allegation
from communique.schemas.markers import (
    Choice,
    Column,
    Computed,
    Ftm,
    Identity,
    Leaf,
    Marker,
    Mentioned,
    Quoted,
    StatedDate,
    StatedNumber,
    StatedPlace,
    Worded,
    field_markers,
    leaves,
)
from communique.schemas.meeting import Meeting
from communique.schemas.parts import Activity, Actor, ActorKind, Attribution, Commitment, Participant, Place, Response
from communique.schemas.record import (
    Check,
    Derived,
    Evidence,
    Opinion,
    Part,
    Programme,
    Record,
    Rejection,
    plural_of,
)
from communique.schemas.sanctions_concern import SanctionsConcern
from communique.schemas.summary import SCHEMA_VERSION, DocumentInfo, Provenance, Statement, Summary, Usage, VerifiedSummary

STANDARD_RECORDS: tuple[type[Record], ...] = (Meeting, Allegation, SanctionsConcern)
"""The three record types that communique comes with, in output order."""

__all__ = [
    "SCHEMA_VERSION",
    "STANDARD_RECORDS",
    "Activity",
    "Actor",
    "ActorKind",
    "Allegation",
    "Attribution",
    "Check",
    "Choice",
    "Column",
    "Commitment",
    "Computed",
    "Derived",
    "DocumentInfo",
    "Evidence",
    "Ftm",
    "Identity",
    "Leaf",
    "Marker",
    "Meeting",
    "Mentioned",
    "Opinion",
    "Part",
    "Participant",
    "Place",
    "Programme",
    "Provenance",
    "Quoted",
    "Record",
    "Rejection",
    "Response",
    "SanctionsConcern",
    "StatedDate",
    "StatedNumber",
    "StatedPlace",
    "Statement",
    "Summary",
    "Usage",
    "VerifiedSummary",
    "Worded",
    "field_markers",
    "leaves",
    "plural_of",
]
