"""Allegation: PLOVER's ACCUSE (mode allege), schema.org's Claim."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from communique.schemas.markers import Quoted, Worded
from communique.schemas.parts import ActivityField, Actor, CommitmentField, Cue, Place, Response, When
from communique.schemas.record import Record


class Allegation(Record):
    """Somebody says that somebody else did a specific wrong or contested act. Opinions and alliances are none."""

    concept: ClassVar = "accusation"
    brief: ClassVar = (
        "somebody says that somebody else did a specific wrong act. accusers: who says so (empty if "
        "nobody is named). accused: who is said to have done it. denied_by: who denies it in the "
        "passage."
    )
    essential: ClassVar = ("accusers", "accused", "commitment", "denied_by")
    subjects_of: ClassVar = ("accused",)

    claim: Annotated[str, Worded(), Field(min_length=1, description="What is alleged, one neutral sentence.")]
    activity: ActivityField = "other"
    accusers: Annotated[tuple[Actor, ...], Field(description="Who says so. Empty if the article names none.")] = ()
    accused: Annotated[tuple[Actor, ...], Field(description="Who is said to have done it.")] = ()
    counterparties: Annotated[tuple[Actor, ...], Field(description="Others said to receive, supply or benefit.")] = ()
    objects: Annotated[
        tuple[Annotated[str, Quoted()], ...], Field(description="Goods, money or people involved, copied.")
    ] = ()
    commitment: CommitmentField = "unspecified"
    cue: Cue = ""
    place: Annotated[Place | None, Field(description="Where, if stated.")] = None
    when: When = None
    responses: Annotated[tuple[Response, ...], Field(description="Denials and other answers to this claim.")] = ()
