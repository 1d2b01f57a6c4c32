"""WHAT can be said: record types, their parts, and the markers that say how a field is checked. Pure Pydantic."""

from communique.schemas.allegation import Allegation
from communique.schemas.json_schema import output_schema
from communique.schemas.markers import (
    Brief,
    Choice,
    Column,
    Computed,
    Ftm,
    Identity,
    Leaf,
    Marker,
    Meanings,
    Mentioned,
    Quoted,
    StatedDate,
    StatedNumber,
    StatedPlace,
    Worded,
    computed_fields,
    field_markers,
    leaves,
    stated_fields,
)
from communique.schemas.meeting import Meeting
from communique.schemas.parts import Activity, Actor, ActorKind, Attribution, Commitment, Participant, Place, Response
from communique.schemas.provenance import DocumentInfo, Provenance, Usage
from communique.schemas.record import Check, Derived, Evidence, Judgement, Part, Programme, Record, Rejection, Support
from communique.schemas.sanctions_concern import SanctionsConcern
from communique.schemas.summary import SCHEMA_VERSION, Statement, Summary, VerifiedSummary

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
    "Brief",
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
    "Judgement",
    "Leaf",
    "Marker",
    "Meanings",
    "Meeting",
    "Mentioned",
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
    "Support",
    "Usage",
    "VerifiedSummary",
    "Worded",
    "computed_fields",
    "field_markers",
    "leaves",
    "output_schema",
    "stated_fields",
]
