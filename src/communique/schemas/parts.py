"""What records share: actors, places, attributions, responses, and the closed vocabularies.

Sources of the terms: FollowTheMoney (kinds of actor, position, country), PLOVER (capacity), FactBank (commitment),
PolNeAR (source, cue, content). `docs/reference/vocabulary.md` lists them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from communique.schemas.markers import (
    Choice,
    Computed,
    Ftm,
    Identity,
    Mentioned,
    Quoted,
    StatedDate,
    StatedPlace,
)
from communique.schemas.record import Evidence, Part

ActorKind = Literal["person", "public_body", "organization", "company", "media", "vessel", "country", "group"]
Commitment = Literal["asserted", "probable", "possible", "unspecified"]
Activity = Literal[
    "arms_transfer",
    "military_support",
    "wmd_programme",
    "labour_export",
    "petroleum_transfer",
    "ship_to_ship_transfer",
    "commodity_trade",
    "dual_use_goods",
    "luxury_goods",
    "financial_services",
    "cyber_theft",
    "front_company",
    "transport",
    "investment",
    "other",
]


class Actor(Part):
    """Somebody or something that acts: a person, a body, a company, a vessel, a country, a group.

    A bare string is taken as the name.
    """

    name: Annotated[
        str,
        Mentioned(),
        Identity(),
        Ftm("name"),
        Field(min_length=1, description="Fullest name used in the article, copied."),
    ]
    kind: Annotated[ActorKind | None, Field(description="What it is; null if unclear.")] = None
    role: Annotated[
        str | None, Quoted(anywhere=True), Ftm("position"), Field(description="Office or title, copied.")
    ] = None
    country: Annotated[
        str | None,
        StatedPlace(anywhere=True),
        Field(description="Country it acts for, as worded in the article. Null when kind is country."),
    ] = None
    country_code: Annotated[str | None, Computed(), Ftm("country")] = None
    aliases: Annotated[tuple[str, ...], Computed()] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Participant(Actor):
    """An actor at a meeting, with the capacity in which it took part (PLOVER visit: visitor, host)."""

    capacity: Annotated[
        Literal["host", "visitor", "mediator", "attendee"],
        Field(description="Part played; attendee if unclear."),
    ] = "attendee"


class Place(Part):
    """Where something happened. A bare string is taken as the name."""

    name: Annotated[str, StatedPlace(), Field(min_length=1, description="Place of the event, copied.")]
    country: Annotated[
        str | None, StatedPlace(anywhere=True), Field(description="Its country, if the article names it.")
    ] = None
    country_code: Annotated[str | None, Computed()] = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Attribution(Part):
    """Whom the article credits for the information (source, cue, content)."""

    source: Annotated[tuple[Actor, ...], Field(description="Who is credited. Never the article itself.")]
    cue: Annotated[str, Quoted(), Field(description="Words that link source and content, copied.")]
    when: Annotated[
        str | None, Quoted(), Field(description="When the source said it, copied. Not the date of the event.")
    ] = None
    via: Annotated[str | None, Quoted(), Field(description="Medium the source spoke through, copied.")] = None
    date: Annotated[str | None, Computed()] = None


class Response(Part):
    """What the accused, or anybody for them, answered."""

    type: Annotated[
        Literal["denial", "admission", "justification", "counter_accusation", "no_comment", "other"],
        Choice(),
        Field(description="Kind of answer."),
    ]
    responders: Annotated[tuple[Actor, ...], Field(description="Who answered.")]
    cue: Annotated[str, Quoted(), Field(description="Words that show the answer, copied.")] = ""
    evidence: Annotated[tuple[Evidence, ...], Field(description="Numbers of the sentences that state the answer.")] = ()


When = Annotated[
    str | None,
    StatedDate(),
    Field(description="When the event itself takes place, copied. Null if not stated. Not the day of the report."),
]
Cue = Annotated[str, Quoted(), Field(description="The word or words that show it, copied: accused, may, denied.")]
CommitmentField = Annotated[
    Commitment, Choice(), Field(description="How strongly the source commits to it; not whether it is true.")
]
ActivityField = Annotated[Activity, Field(description="What is done; other if none fits.")]
