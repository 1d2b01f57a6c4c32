"""Meeting: PLOVER's CONSULT."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from communique.schemas.markers import Choice, Quoted
from communique.schemas.parts import Attribution, Participant, Place, When
from communique.schemas.record import Record


class Meeting(Record):
    """Named sides meet, talk, call, visit or hold a summit: held, planned, proposed or cancelled."""

    concept: ClassVar = "meeting"
    brief: ClassVar = (
        "sides meet, talk, call, visit or hold a summit. participants: those who meet. status: held, "
        "planned, proposed or cancelled."
    )
    essential: ClassVar = ("participants", "place", "when", "status")
    subjects_of: ClassVar = ("participants",)

    mode: Annotated[
        Literal["meeting", "visit", "summit", "negotiation", "call", "multilateral"],
        Field(description="Form of the meeting."),
    ] = "meeting"
    status: Annotated[
        Literal["held", "ongoing", "planned", "proposed", "cancelled"],
        Choice(),
        Field(description="Whether it took place."),
    ]
    participants: Annotated[tuple[Participant, ...], Field(description="The sides that meet.")]
    place: Annotated[Place | None, Field(description="Where, if stated.")] = None
    when: When = None
    topics: Annotated[tuple[Annotated[str, Quoted()], ...], Field(description="Reported as discussed, copied.")] = ()
    anticipated_topics: Annotated[
        tuple[Annotated[str, Quoted()], ...], Field(description="Expected beforehand only, copied.")
    ] = ()
    outcome: Annotated[str | None, Quoted(), Field(description="Agreement or result, copied.")] = None
    attributions: Annotated[tuple[Attribution, ...], Field(description="Who is credited for the report.")] = ()
