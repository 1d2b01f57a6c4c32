"""Meeting: PLOVER's CONSULT."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from communique.schemas.markers import Choice, Meanings, Quoted
from communique.schemas.parts import Attribution, Participant, Place, When
from communique.schemas.record import Record


class Meeting(Record):
    """Named sides meet, talk, call, visit or negotiate, or are to, or refuse to.

    There are at least two sides, or one that visits another's place to meet somebody, or one body of states in session
    (the UN Security Council). A president and a head of government, or two parties, are two sides; a government and its
    ministers are one. Not: one side's own cabinet, parliament, party bodies or supporters, interviews, press
    conferences, speeches, rallies, debates, letters, court hearings, police questioning, a signing without a meeting. An
    earlier or later meeting counts, too, where the article says who meets and when. One record for each meeting, however
    often it is told; a round on another day is another one.
    """

    concept: ClassVar = "meeting"
    brief: ClassVar = (
        "sides meet, talk, call, visit or hold a summit. participants: those who meet. status: held, "
        "planned, proposed or cancelled."
    )
    essential: ClassVar = ("participants", "place", "when", "status")
    subjects_of: ClassVar = ("participants",)

    mode: Annotated[
        Literal["meeting", "visit", "summit", "negotiation", "call", "multilateral"], Meanings.named("modes")
    ] = Field(
        default="meeting",
        description="Form of the meeting: the first of call, summit, multilateral, negotiation, visit that fits.",
    )
    status: Annotated[
        Literal["held", "ongoing", "planned", "proposed", "cancelled", "refused", "broken_off", "unclear"],
        Choice(brief=("held", "ongoing", "planned", "proposed", "cancelled")),
        Meanings.named("statuses"),
    ] = Field(description="How far it came, by the latest word of the article.")
    participants: tuple[Participant, ...] = Field(
        description=(
            "The sides that meet, as specific as the sentences name them: the people where they are named, else the"
            " states or bodies; who leads a delegation, not all who came along; not a person and the body that he or she"
            " speaks for."
        )
    )
    place: Place | None = Field(default=None, description="Where, if the article states it of this meeting.")
    when: When = None
    topics: tuple[Annotated[str, Quoted()], ...] = Field(
        default=(), description="What was talked of, each a few words, copied."
    )
    anticipated_topics: tuple[Annotated[str, Quoted()], ...] = Field(
        default=(), description="What was only to be talked of, each a few words, copied."
    )
    outcome: Annotated[str | None, Quoted()] = Field(
        default=None, description="What was agreed or came of it, a few words, copied. Null for none."
    )
    attributions: tuple[Attribution, ...] = Field(
        default=(), description="Who is credited for the report of this meeting."
    )
