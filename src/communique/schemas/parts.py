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
    Meanings,
    Mentioned,
    Quoted,
    StatedDate,
    StatedPlace,
)
from communique.schemas.record import Evidence, Part

ActorKind = Literal["person", "public_body", "organization", "company", "media", "vessel", "country", "group"]
Commitment = Literal["asserted", "probable", "possible", "unspecified"]
Activity = Literal[
    "armed_attack", "killing", "detention", "abuse", "repression", "threat", "border_violation", "treaty_violation",
    "terrorism", "espionage", "sabotage", "cyber_intrusion", "cyber_theft", "election_interference", "disinformation",
    "corruption", "fraud", "concealment", "obstruction", "organised_crime", "negligence", "arms_transfer",
    "military_support", "wmd_programme", "labour_export", "petroleum_transfer", "ship_to_ship_transfer",
    "commodity_trade", "dual_use_goods", "luxury_goods", "financial_services", "front_company", "transport",
    "investment", "other",
]  # fmt: skip


class Actor(Part):
    """Somebody or something that acts: a person, a body, a company, a vessel, a country, a group.

    A bare string is taken as the name.
    """

    name: Annotated[str, Mentioned(), Identity(), Ftm("name")] = Field(
        min_length=1,
        description=(
            "Fullest name in the article, copied as it is inflected, without office, article or number; the country"
            " where its capital or government is meant and named. Where there is no name: the fullest description,"
            " copied."
        ),
    )
    kind: Annotated[ActorKind | None, Meanings.named("actor_kinds")] = Field(
        default=None, description="What it is; null if unclear."
    )
    role: Annotated[str | None, Quoted(anywhere=True), Ftm("position")] = Field(
        default=None,
        description="Its present office, title or tie to others, copied, without nationality; the highest of several.",
    )
    country: Annotated[str | None, StatedPlace(anywhere=True)] = Field(
        default=None,
        description=(
            "Country whose state it serves, or under whose flag or law it is, as worded in the article, adjectives too."
            " Null when kind is country, or where the article doesn't say."
        ),
    )
    country_code: Annotated[str | None, Computed(), Ftm("country")] = None
    aliases: Annotated[tuple[str, ...], Computed()] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Participant(Actor):
    """An actor at a meeting, with the capacity in which it took part (PLOVER visit: visitor, host)."""

    capacity: Annotated[Literal["host", "visitor", "mediator", "attendee"], Meanings.named("capacities")] = Field(
        default="attendee", description="Part played; attendee if unclear. Who merely owns the place is no host."
    )


class Place(Part):
    """Where something happened. A bare string is taken as the name."""

    name: Annotated[str, StatedPlace()] = Field(
        min_length=1, description="The town if there is one, else what is named, copied."
    )
    country: Annotated[str | None, StatedPlace(anywhere=True)] = Field(
        default=None, description="Its country, if the article names it."
    )
    country_code: Annotated[str | None, Computed()] = None

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Attribution(Part):
    """Whom the article credits for the information (source, cue, content); a chain of sources is one entry each."""

    source: tuple[Actor, ...] = Field(description="Who says it. Never the article itself or its author.")
    cue: Annotated[str, Quoted()] = Field(description="Words that link source and content, copied: said, according to.")
    when: Annotated[str | None, Quoted()] = Field(
        default=None, description="When the source said it, copied. Not the date of the event."
    )
    via: Annotated[str | None, Quoted()] = Field(
        default=None,
        description="Through whom or what it was told, copied: a news agency, a post, a statement, an interview.",
    )
    date: Annotated[str | None, Computed()] = None


class Response(Part):
    """What the accused, or anybody for them, answered."""

    type: Annotated[
        Literal["denial", "admission", "justification", "counter_accusation", "no_comment", "other"],
        Choice(),
        Meanings.named("responses"),
    ] = Field(description="Kind of answer; a denial that also gives reasons is a denial.")
    responders: tuple[Actor, ...] = Field(
        description="Who answers: the accused, or who speaks for them. No third parties."
    )
    cue: Annotated[str, Quoted()] = Field(default="", description="Words that show the answer, copied.")
    evidence: tuple[Evidence, ...] = Field(default=(), description="Numbers of the sentences that state the answer.")


When = Annotated[
    str | None,
    StatedDate(),
    Field(
        description=(
            "When the event itself takes place, the exact words, copied. Null if not stated. Not the day of the report, the"
            " accusation or the announcement. Of several times the most exact."
        )
    ),
]
Cue = Annotated[str, Quoted(), Field(description="The word or words that show it, copied: accused, may, denied.")]
CommitmentField = Annotated[
    Commitment,
    Choice(),
    Meanings.named("commitments"),
    Field(
        description="How strongly the accuser or raiser stands behind it; not whether it is true, nor what the article thinks."
    ),
]
ActivityField = Annotated[
    Activity,
    Meanings.named("activities"),
    Field(
        description="The act itself, not what it serves; the most exact value, and of two as exact ones the earlier."
    ),
]
