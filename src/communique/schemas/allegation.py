"""Allegation: PLOVER's ACCUSE (mode allege), schema.org's Claim."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from communique.schemas.markers import Quoted, Worded
from communique.schemas.parts import ActivityField, Actor, Attribution, CommitmentField, Cue, Place, Response, When
from communique.schemas.record import Record


class Allegation(Record):
    """Somebody says or suspects that somebody else did a specific wrong or contested act.

    Wrong is a crime, a breach of law or agreement, an attack, interference, deceit, corruption, a cover-up, bad faith
    in an act. Charges and findings of an inquiry count, also where no accuser is named. To condemn a specific act is
    to accuse; an accusation that is told only with its denial counts. Not: opinions and value judgements, policy
    disputes, threats, predictions, demands, what only the article tells, as a fact, a denial of nothing in particular.
    One record for each accuser's side, accused side and act; mutual accusations are two, charges for one course of
    events are one. A state and its officials are one side; in a release, whoever issues it is the accuser. That
    somebody breaks or dodges sanctions is a sanctions concern only.
    """

    concept: ClassVar = "accusation"
    brief: ClassVar = (
        "somebody says that somebody else did a specific wrong act. accusers: who says so (empty if "
        "nobody is named). accused: who is said to have done it. denied_by: who denies it in the "
        "passage."
    )
    essential: ClassVar = ("accusers", "accused", "commitment", "denied_by")
    subjects_of: ClassVar = ("accused",)

    claim: Annotated[str, Worded()] = Field(
        min_length=1, description="What is alleged, one neutral sentence with who, what and whom."
    )
    activity: ActivityField = "other"
    accusers: tuple[Actor, ...] = Field(
        default=(), description="Who makes the claim; where A quotes B, it is B. Empty if the article names nobody."
    )
    accused: tuple[Actor, ...] = Field(default=(), description="Who is said to have done it. Empty if nobody is named.")
    targets: tuple[Actor, ...] = Field(
        default=(), description="Victims: who or what the act is done to, attacked, deceived or harmed."
    )
    counterparties: tuple[Actor, ...] = Field(
        default=(), description="Others said to supply, receive, help or benefit. No victims."
    )
    objects: tuple[Annotated[str, Quoted()], ...] = Field(
        default=(), description="Goods, money, weapons, data involved, each a few words, copied."
    )
    commitment: CommitmentField = "unspecified"
    cue: Cue = ""
    place: Place | None = Field(default=None, description="Where the act happened, if stated.")
    when: When = None
    attributions: tuple[Attribution, ...] = Field(
        default=(),
        description="Who tells of the accusation, when and where, if it isn't the accusers: a newspaper, a source.",
    )
    responses: tuple[Response, ...] = Field(
        default=(),
        description="Denials and other answers to this claim, before or behind it; a general denial answers every claim.",
    )
