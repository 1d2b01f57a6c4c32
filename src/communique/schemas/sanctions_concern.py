"""SanctionsConcern: a worry, claim or measure about sanctions, as the article voices it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from communique.schemas.markers import Choice, Quoted, Worded
from communique.schemas.parts import ActivityField, Actor, CommitmentField, Cue, Place, Response, When
from communique.schemas.record import Record


class SanctionsConcern(Record):
    """The article says that something may break, breaks or leads to sanctions, an embargo or export controls."""

    concept: ClassVar = "sanctions"
    brief: ClassVar = (
        "sanctions, an embargo or export controls are broken, or may be, or are imposed or proposed. "
        "raised_by: who says so or imposes them. subjects: who breaks them or is hit by them."
    )
    essential: ClassVar = ("raised_by", "subjects", "stage")
    subjects_of: ClassVar = ("subjects",)

    concern: Annotated[
        str,
        Worded(),
        Field(
            min_length=1,
            description="The possible breach, or the measure and its reason, one neutral sentence.",
        ),
    ]
    activity: ActivityField = "other"
    raised_by: Annotated[
        tuple[Actor, ...], Field(description="Who raises it or imposes it. Empty if none is named.")
    ] = ()
    subjects: Annotated[tuple[Actor, ...], Field(description="Who does the activity or is hit.")] = ()
    counterparties: Annotated[tuple[Actor, ...], Field(description="Others said to receive, supply or benefit.")] = ()
    regime: Annotated[
        tuple[Annotated[str, Quoted()], ...],
        Field(description="Sanctions or resolutions that the article names, copied."),
    ] = ()
    stage: Annotated[
        Literal["potential", "alleged", "found", "proposed", "imposed"],
        Choice(),
        Field(description="potential: may breach; alleged or found: does breach; proposed, imposed: a measure."),
    ]
    commitment: CommitmentField = "unspecified"
    cue: Cue = ""
    purpose: Annotated[str | None, Quoted(), Field(description="Stated motive or use of proceeds, copied.")] = None
    place: Annotated[Place | None, Field(description="Where, if stated.")] = None
    when: When = None
    responses: Annotated[tuple[Response, ...], Field(description="Denials and other answers to it.")] = ()
