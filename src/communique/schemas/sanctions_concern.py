"""SanctionsConcern: a worry, claim or measure about sanctions, as the article voices it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, cast, get_args

from pydantic import Field, model_validator

from communique.schemas.markers import Brief, Choice, Meanings, Quoted, Worded
from communique.schemas.parts import ActivityField, Actor, Attribution, CommitmentField, Cue, Place, Response, When
from communique.schemas.record import Record

Measure = Literal["none", "called_for", "proposed", "imposed", "in_force", "eased", "lifted", "refused"]
Stage = Literal["potential", "alleged", "found", "proposed", "imposed", "eased", "lifted", "refused", "unclear"]
BREACHES = frozenset({"potential", "alleged", "found"})
"""Stages that are a breach, not a measure."""
_MEASURES = frozenset(get_args(Measure)) & frozenset(get_args(Stage))
_STAGE_OF = {"called_for": "proposed", "in_force": "imposed", "none": "unclear"}


def stage_of(breach: str, measure: str) -> str:
    """Return the stage of a matter: the measure, or else the breach, in one word."""
    told = breach if measure == "none" else measure
    return _STAGE_OF.get(told, told)


class SanctionsConcern(Record):
    """Sanctions, an embargo or export controls are broken or may be; or a measure is taken, weighed or ended.

    A measure counts that is demanded, proposed, imposed, in force, eased, lifted or refused because of something.
    Listings, asset freezes, travel bans, arms embargoes, export controls and UN resolutions that impose them count, and
    a blockade or trade ban where the article calls it sanctions. Not: tariffs, court fines, sport bans, a regime that is
    only background, a wrong act without a word of sanctions. One record for each group that is hit or accused, with its
    own reason; many names under one order are one record. A breach and the measure that answers it are one record, too.
    An old measure counts where the article says whom it hits and why.
    """

    concept: ClassVar = "sanctions"
    brief: ClassVar = (
        "sanctions, an embargo or export controls are broken, or may be, or are imposed or proposed. "
        "raised_by: who says so or imposes them. subjects: who breaks them or is hit by them."
    )
    essential: ClassVar = ("raised_by", "subjects", "stage")
    subjects_of: ClassVar = ("subjects",)

    concern: Annotated[str, Worded()] = Field(
        min_length=1,
        description="The breach, or the measure and what it answers, one neutral sentence with who, what and why.",
    )
    activity: ActivityField = "other"
    raised_by: tuple[Actor, ...] = Field(
        default=(),
        description="Who voices the breach, or who demands, weighs or takes the measure. Empty if none is named.",
    )
    subjects: tuple[Actor, ...] = Field(
        default=(), description="Who breaks the sanctions, or whom the measure hits or would hit."
    )
    counterparties: tuple[Actor, ...] = Field(
        default=(), description="Others said to supply, receive, help or benefit."
    )
    regime: tuple[Annotated[str, Quoted()], ...] = Field(
        default=(),
        description="Sanctions, laws or resolutions by the name that the article gives them, copied; “sanctions” is none.",
    )
    breach: Annotated[Literal["none", "potential", "alleged", "found"], Meanings.named("breaches")] = Field(
        default="none", description="How sure it is that sanctions are broken."
    )
    measure: Annotated[Measure, Meanings.named("measures")] = Field(
        default="none", description="How far a measure has come, by the latest word of the article."
    )
    measure_kinds: Annotated[
        tuple[
            Literal[
                "listing", "asset_freeze", "travel_ban", "arms_embargo", "export_control", "import_ban", "financial",
                "sectoral", "diplomatic", "other",
            ],
            ...,
        ],
        Meanings.named("measure_kinds"),
        Field(description="What the measure does. Empty where the record is about a breach."),
    ] = ()  # fmt: skip
    stage: Annotated[
        Stage, Choice(brief=("potential", "alleged", "found", "proposed", "imposed")), Brief(), Meanings.named("stages")
    ] = Field(description="The measure, or else the breach, in one word; made from both where they are given.")
    commitment: CommitmentField = "unspecified"
    cue: Cue = ""
    purpose: Annotated[str | None, Quoted()] = Field(
        default=None, description="Stated motive of the breach, or aim of the measure, a few words, copied."
    )
    place: Place | None = Field(default=None, description="Where the breach happens, if stated.")
    when: When = None
    attributions: tuple[Attribution, ...] = Field(
        default=(), description="Who tells of it, when and where, if it isn't who raises it: a newspaper, a source."
    )
    responses: tuple[Response, ...] = Field(
        default=(), description="Denials and other answers to it, before or behind it."
    )

    @model_validator(mode="before")
    @classmethod
    def _both_axes(cls, value: Any) -> Any:
        """Make the stage of breach and measure, and of a stage alone the axis that it stands on."""
        if not isinstance(value, dict):
            return value
        said = cast("dict[str, Any]", value)
        stage, breach, measure = said.get("stage"), said.get("breach"), said.get("measure")
        if stage is None:
            axes = (axis if isinstance(axis, str) else "none" for axis in (breach, measure))
            return said if breach is None and measure is None else {**said, "stage": stage_of(*axes)}
        if breach is None and measure is None and isinstance(stage, str) and stage in _MEASURES | BREACHES:
            return {**said, "measure" if stage in _MEASURES else "breach": stage}
        return said
