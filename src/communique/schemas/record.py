"""What every record has: evidence, and what the checks say of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from communique.schemas.annotation import is_list, item_type, options, part_of
from communique.schemas.markers import Computed

STATEMENT = "Statement: {}\nDoes the passage say so? Check who did what to whom."
"""Frame of a closed question about a whole record, the best of those that were tried on the embedded model
(docs/design/0008-second-opinion.md)."""


class Part(BaseModel):
    """Base of records and their parts: closed and compared by value."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Evidence(Part):
    """A sentence that says it.

    The model gives only the number; code copies the words. Offsets are Unicode code points into `Document.text`,
    half-open, and `text[start:end] == exact` always (W3C Web Annotation: TextQuoteSelector, TextPositionSelector).

    Attributes:
        sentence: Number of the sentence, from 1.
        exact: The sentence, copied; "" in a draft.
        start: Offset of its first code point.
        end: Offset behind its last code point.
        page: Page of a paged source, from 1.
    """

    sentence: int
    exact: str = ""
    start: int = 0
    end: int = 0
    page: int | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"sentence": value} if isinstance(value, int) and not isinstance(value, bool) else value


class Check(Part):
    """Why a field is believed or not.

    Attributes:
        field: Path of the field, as in JSON: `participants[0].name`.
        outcome: `passed`, `flagged` (kept, look at it) or `failed`.
        reason: Machine-readable rule, such as `in_cited_sentence` or `not_in_article`.
        detail: One line for a person; "" where the reason says all.
        sentences: Numbers of the sentences that the check rests on.
    """

    field: str
    outcome: Literal["passed", "flagged", "failed"]
    reason: str
    detail: str = ""
    sentences: tuple[int, ...] = ()


class Opinion(Part):
    """A second model's answer to a closed question about a field or the record.

    Attributes:
        field: Path of the field, or "record".
        question: The question, as asked.
        probability: Of the answer yes, 0 to 1.
        calibrated: Whether the probability was fitted on gold data.
        verdict: What the two thresholds make of it.
        model: Who answered.
    """

    field: str
    question: str
    probability: float
    calibrated: bool = False
    verdict: Literal["accept", "review", "reject", "unverified"]
    model: str = ""

    def about(self, plural: str) -> str:
        """Return what its probability is calibrated by: the record type and the field, such as `allegations.accused`."""
        path = re.sub(r"\[\d+\]", "", self.field).removesuffix(".name")
        return f"{plural}.{path}"


class Programme(Part):
    """A sanctions programme, named as OpenSanctions names it, with the rule that led to it."""

    key: str
    basis: str


class Derived(Part):
    """What code adds by named rules; a model is never asked for it.

    Attributes:
        date: EDTF (ISO 8601-2) date of the event, or None.
        precision: day, week, month, season, year, decade.
        not_after: ISO date that bounds the event.
        date_basis: The words, the anchor and the rule that gave the date.
        date_note: Why there is no date.
        date_rule: Name of the rule.
        response_status: denied, admitted, contested, none_reported.
        group_key: A blocking key for the same matter, not an identity.
        programs: Sanctions programmes.
    """

    date: str | None = None
    precision: str | None = None
    not_after: str | None = None
    date_basis: str | None = None
    date_note: str | None = None
    date_rule: str | None = None
    response_status: Literal["denied", "admitted", "contested", "none_reported"] | None = None
    group_key: str | None = None
    programs: tuple[Programme, ...] = ()


class Record(Part):
    """Base of every record type.

    Derive from it to make your own: the docstring and the field descriptions are the instruction to the model, the
    markers on the fields decide the checks.
    """

    plural: ClassVar[str]
    """Key of the list in JSON: made from the class name unless the class sets it."""

    cues: ClassVar[Mapping[str, str]] = {}
    """By language, a regular expression of words without which a sentence hardly states such a record (optional)."""

    retellings: ClassVar[Mapping[str, str]] = {}
    """By language, a regular expression of mentions that take up a record told before: no cues for a new one (optional)."""

    essential: ClassVar[tuple[str, ...]] = ()
    """Fields that a small model is asked for; all of them if empty."""

    brief: ClassVar[str] = ""
    """Instruction to a small model, one line; the docstring's first sentence if empty."""

    subjects_of: ClassVar[tuple[str, ...]] = ()
    """Roles of which at least one must be filled by a name that holds; any role if empty."""

    asks: ClassVar[Mapping[str, str]] = {}
    """Closed questions for a second opinion (optional): by field, or `record` for the whole; `record=held` for the whole where
    a closed list says held. `{it}` stands for the value asked about, `{accused}` for what the field of that name holds. Without
    them questions are made of the descriptions."""

    # The aliases keep the names, whatever alias generator an author's configuration has.
    evidence: Annotated[
        tuple[Evidence, ...],
        Field(
            alias="evidence",
            description="Numbers of the one or two sentences that state the record.",
        ),
    ] = ()
    id: Annotated[str, Computed(), Field(alias="id")] = ""
    verdict: Annotated[Literal["draft", "verified", "flagged"], Computed(), Field(alias="verdict")] = "draft"
    checks: Annotated[tuple[Check, ...], Computed(), Field(alias="checks")] = ()
    opinions: Annotated[tuple[Opinion, ...], Computed(), Field(alias="opinions")] = ()
    derived: Annotated[Derived, Computed(), Field(alias="derived")] = Derived()
    _left_out: tuple[Check, ...] = PrivateAttr(default=())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "plural" not in cls.__dict__:
            cls.plural = plural_of(cls.__name__)

    @property
    def flags(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(c for c in self.checks if c.outcome != "passed")


R = TypeVar("R", bound=Record)


def with_notes(record: R, notes: tuple[Check, ...]) -> R:
    """Return a draft with what was left out of it; the checks, which know only fields, keep the notes as they are."""
    record._left_out = notes  # noqa: SLF001 - theirs alone, so that no field of a record is called so
    return record


def dumped(record: Record, **options: Any) -> dict[str, Any]:
    """Return a record as JSON has it, each field under its own name, whatever aliases it has.

    Args:
        record: The record.
        options: As `model_dump` takes them.
    """
    return record.model_dump(mode="json", by_alias=False, **options)


def loaded(kind: type[R], data: Mapping[str, Any]) -> R:
    """Return the record that JSON holds; computed fields, which `dumped` wrote, are computed anew.

    Raises:
        pydantic.ValidationError: It is none of this type.
    """
    return kind.model_validate_json(json.dumps(_given(kind, data)), by_alias=True, by_name=True)


def _given(kind: type[BaseModel], data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    kept = {}
    for key, value in data.items():
        info = kind.model_fields.get(key)
        if info is None and key in kind.model_computed_fields:
            continue
        kept[key] = value if info is None else _listed(info.annotation, value)
    return kept


def _listed(annotation: Any, values: Any) -> Any:
    if not isinstance(values, list):
        part = part_of(annotation)
        return values if part is None else _given(part, values)
    inner = next((item_type(option) for option in options(annotation) if is_list(option)), Any)
    return [_listed(inner, value) for value in values]


def noted(record: R) -> R:
    """Return a checked record with its notes among its checks."""
    notes = record._left_out  # noqa: SLF001
    if not notes:
        return record
    flagged = any(note.outcome == "flagged" for note in notes)
    update: dict[str, Any] = {"checks": (*notes, *record.checks)} | (
        {"verdict": "flagged"} if flagged else {}
    )
    return with_notes(record.model_copy(update=update), ())


def snake(name: str) -> str:
    """Return a class name in snake case: `SanctionsConcern` gives `sanctions_concern`."""
    words = re.sub(r"\W+", "_", name).strip("_")  # `Wrap[int]` is a class, too
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).lower()


def plural_of(name: str) -> str:
    """Return the JSON key for a class name: `SanctionsConcern` gives `sanctions_concerns`."""
    snake_name = snake(name)
    if re.search(r"[^aeiou]y$", snake_name):
        return snake_name[:-1] + "ies"
    return snake_name + ("es" if re.search(r"(s|x|ch|sh)$", snake_name) else "s")


class Rejection(Part):
    """A record that the checks kept out, and why. A value, never an exception.

    Attributes:
        kind: The record type's plural key.
        reason: Machine-readable name of the first failed check.
        field: Path of the field that failed.
        detail: One line for a person.
        sentences: The sentences that the draft cited.
        draft: What the model said, as it said it.
        checks: All checks of the record.
    """

    kind: str
    reason: str
    field: str = ""
    detail: str = ""
    sentences: tuple[int, ...] = ()
    draft: dict[str, Any] = {}
    checks: tuple[Check, ...] = ()

    @classmethod
    def of(
        cls, record: Record, because: Check, draft: dict[str, Any], checks: Sequence[Check] | None = None
    ) -> Self:
        """Return the rejection of a record for a check.

        Args:
            record: The record; its evidence tells the sentences.
            because: The check that keeps it out.
            draft: What the model said.
            checks: All checks, where the record doesn't hold them yet.
        """
        return cls(
            kind=type(record).plural,
            reason=because.reason,
            field=because.field,
            detail=because.detail,
            sentences=tuple(e.sentence for e in record.evidence),
            draft=draft,
            checks=record.checks if checks is None else tuple(checks),
        )
