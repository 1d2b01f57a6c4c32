"""What every record has: evidence, and what the checks say of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from communique.schemas.markers import Computed


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
    """What a rule says against a field, or that no rule could speak.

    What holds is no check: `Record.support` says where each value is in the article.

    Attributes:
        field: Path of the field, as in JSON: `participants[0].name`; `record` for the whole.
        outcome: `contradicted` (words say otherwise), `unsupported` (looked for, not found), `not_checked` (no rule for
            this language or field), or `supported` (a remark on what holds, such as a denial that a rule added).
        reason: Id of the rule, such as `not_in_article`; docs/reference/reasons.md has them all.
        severity: `note` changes no verdict, `flag` asks a person to look, `reject` keeps the record out.
        detail: One sentence for a person, with the values at hand.
        sentences: Numbers of the sentences that it rests on.
        proposal: The value that the words speak for, where a rule knows one.
        change: What became of the value: `kept`; `left_out`, since the article doesn't have it; `replaced` by the
            proposal, where the policy says so.
        was: The value as it was drafted, where it was left out or replaced.
    """

    field: str
    outcome: Literal["supported", "contradicted", "unsupported", "not_checked"]
    reason: str
    severity: Literal["note", "flag", "reject"] = "note"
    detail: str = ""
    sentences: tuple[int, ...] = ()
    proposal: str | None = None
    change: Literal["kept", "left_out", "replaced"] = "kept"
    was: str | None = None


class Support(Part):
    """Where a copied value is in the article.

    Attributes:
        field: Path of the field, as in JSON: `participants[0].name`.
        where: `cited` (in the evidence), `context` (around it: two sentences, the paragraph, the speaker of a running
            quotation), `article` (elsewhere).
        by: `words` (the value itself), `form` (another form of the name, such as its short form or initials), `country`
            (other words for the same country), `mention` (a pronoun or description in the evidence stands for it).
        start: Offset of the first code point in `Document.text`.
        end: Offset behind the last.
        sentence: Number of that sentence.
    """

    field: str
    where: Literal["cited", "context", "article"]
    by: Literal["words", "form", "country", "mention"] = "words"
    start: int
    end: int
    sentence: int


class Judgement(Part):
    """What the judge, a model that saw the whole article, says of a record.

    Attributes:
        field: What was judged: `record`, or a response to it such as `responses[0]`.
        statement: The record in words, as it was judged.
        probability: That the article says so, 0 to 1.
        sentences: Numbers of the sentences that decided.
        model: Who judged.
    """

    field: str = "record"
    statement: str
    probability: float = Field(ge=0, le=1)
    sentences: tuple[int, ...] = ()
    model: str = ""


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
        measure_stated: What the cited sentences say of a sanctions measure: that it is imposed or in force, eased or
            lifted, or refused; None where they state none, or only fear or plan it.
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
    measure_stated: Literal["imposed", "eased", "refused"] | None = None


class Record(Part):
    """Base of every record type.

    Derive from it to make your own: the docstring and the field descriptions are the instruction to the model, the
    markers on the fields decide the checks.
    """

    plural: ClassVar[str]
    """Key of the list in JSON: made from the class name unless the class sets it."""

    concept: ClassVar[str] = ""
    """Name of the phrase list (`communique.languages`) without a word of which a sentence hardly states such a record;
    what the list of that name with `_retold` finds takes up a record told before, and counts for nothing (optional)."""

    cues: ClassVar[Mapping[str, str]] = {}
    """The same for a record type of one's own: by language, a regular expression (optional); it goes before
    `concept`."""

    essential: ClassVar[tuple[str, ...]] = ()
    """Fields that a small model is asked for; all of them if empty."""

    brief: ClassVar[str] = ""
    """Instruction to a small model, one line; the docstring's first sentence if empty."""

    subjects_of: ClassVar[tuple[str, ...]] = ()
    """Roles of which at least one must be filled by a name that holds; any role if empty."""

    evidence: tuple[Evidence, ...] = Field(
        default=(), alias="evidence", description="Numbers of the sentences that carry the record, mostly one to three."
    )
    id: Annotated[str, Computed()] = Field(default="", alias="id")
    verdict: Annotated[Literal["draft", "supported", "verified", "flagged"], Computed()] = Field(
        default="draft", alias="verdict"
    )
    support: Annotated[tuple[Support, ...], Computed()] = Field(default=(), alias="support")
    checks: Annotated[tuple[Check, ...], Computed()] = Field(default=(), alias="checks")
    judgements: Annotated[tuple[Judgement, ...], Computed()] = Field(default=(), alias="judgements")
    derived: Annotated[Derived, Computed()] = Field(default=Derived(), alias="derived")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "plural" not in cls.__dict__:
            cls.plural = plural_of(cls.__name__)

    @property
    def headline(self) -> str:
        """The record in one short sentence, made by code from its fields."""
        from communique.schemas.headline import headline  # it knows the types that derive from this one

        return headline(self)

    def _repr_html_(self) -> str:
        from communique.schemas.headline import card

        return card(self)

    @property
    def flags(self) -> tuple[Check, ...]:
        """The checks that ask a person to look."""
        return tuple(c for c in self.checks if c.severity != "note")


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
    def of(cls, record: Record, because: Check, draft: dict[str, Any], checks: Sequence[Check] | None = None) -> Self:
        """Return the rejection of a record for a check; `checks` are all of them, where the record doesn't hold them yet."""
        return cls(
            kind=type(record).plural,
            reason=because.reason,
            field=because.field,
            detail=because.detail,
            sentences=tuple(e.sentence for e in record.evidence),
            draft=draft,
            checks=record.checks if checks is None else tuple(checks),
        )
