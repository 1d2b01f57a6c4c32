"""Card: a record made ready for people, whatever its type; text, Markdown and HTML are drawn from it."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel

from communique.schemas import (
    Actor,
    Attribution,
    Computed,
    Derived,
    Evidence,
    Judgement,
    Place,
    Record,
    Response,
    VerifiedSummary,
    Worded,
    field_markers,
)
from communique.schemas.annotation import LISTS, choices, ordered, scalars
from communique.schemas.markers import Choice, Marker
from communique.schemas.record import snake
from communique.schemas.stored import dumped
from communique.sinks.record_roles import responses
from communique.sinks.remarks import Remark, field_label, join, remarks_of, words

Origin = Literal["copied", "chosen", "worded", "derived", "rendered"]
"""Who put a value there: the article's words, the model's choice from a closed list, the model's own words, our code;
`rendered` is a sentence that our code made of the others."""

_SENTENCE_FIELDS = {"claim", "concern"}
_BADGE_FIELDS = {"mode", "status", "activity", "commitment", "stage"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a fact: its text, what is said beside it, and the codes that we derived from it."""

    text: str
    detail: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled field with its values, and who put them there."""

    field: str
    label: str
    values: tuple[Value, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Answer:
    """A denial or another response, with the words and the sentences that show it."""

    type: str
    responders: tuple[Value, ...]
    cue: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class CardNote:
    """What something outside a record says of it, beside the checks: a screening, an event, a person's decision."""

    group: str  # heading, such as `Known names`; notes of one heading stand together
    about: str  # what of the record it is about, such as a name, or ""
    state: str  # one or two words for a pill, or ""
    tone: Literal["plain", "look", "done"]  # to `look` at where a person has something to do
    text: str  # a sentence


NotesOf = Callable[[VerifiedSummary, Record], Iterable[CardNote]]
"""Gives the notes on a record of a summary; a report asks it of every record."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a person reads of one record.

    Attributes:
        kind: The plural key, such as `meetings`.
        label: Name of the type, such as `Sanctions concern`.
        id: The record's id.
        headline: The record's headline, one sentence made by code.
        own_words: The model's sentence, such as a claim, or "".
        badges: Values from closed lists, such as `held`.
        facts: The filled fields, in schema order, then what was derived.
        answers: Denials and other responses.
        verdict: `supported`, `verified`, `flagged` or `draft`.
        remarks: What the checks say, by group.
        judgements: What a judge says.
        evidence: The sentences that state it.
        headline_origin: `rendered` by code from the record, unless a sink shows the model's sentence or the names instead.
    """

    kind: str
    label: str
    id: str
    headline: str
    own_words: str
    badges: tuple[str, ...]
    facts: tuple[Fact, ...]
    answers: tuple[Answer, ...]
    verdict: str
    remarks: tuple[Remark, ...]
    judgements: tuple[Judgement, ...]
    evidence: tuple[Evidence, ...]
    headline_origin: Origin = "rendered"

    @property
    def denied(self) -> bool:
        """Whether somebody denies it."""
        return any(a.type == "denial" for a in self.answers)


def card_of(kind: str, record: Record) -> Card:
    """Return the card of a record."""
    field = _sentence_field(record)
    own_words = str(getattr(record, field)) if field else ""
    headline = record.headline
    badges = [
        v
        for n, v in _plain_fields(record)
        if n in _BADGE_FIELDS and isinstance(v, str) and v not in ("", "unspecified")
    ]
    facts = [
        Fact(name, field_label(name), values, origin)
        for name, value in _plain_fields(record)
        if not (name in _BADGE_FIELDS and isinstance(value, str)) and not (name == field and own_words in headline)
        if (values := values_of(value))
        if (origin := origin_of(type(record), name)) != "chosen" or value not in ("none", *badges)  # already said
    ]
    return Card(
        kind=kind,
        label=label_of(kind, record),
        id=record.id,
        headline=headline,
        own_words=own_words,
        badges=tuple(map(words, badges)),
        facts=(*facts, *_derived(record.derived)),
        answers=tuple(Answer(r.type, values_of(r.responders), r.cue, r.evidence) for r in responses(record)),
        verdict=record.verdict,
        remarks=remarks_of(record.checks),
        judgements=record.judgements,
        evidence=record.evidence,
    )


def label_of(kind: str, record: Record) -> str:
    """Return the name of a record's type for people: `Sanctions concern`."""
    name = snake(type(record).__name__)
    singular = kind.removesuffix("s") if name == "any_record" else name
    return words(singular).capitalize()


def values_of(item: Any) -> tuple[Value, ...]:
    """Return the values that an actor, a place, a string or a sequence of them holds."""
    if isinstance(item, Enum):
        return values_of(item.value)
    if isinstance(item, LISTS):
        return tuple(v for i in ordered(item) for v in values_of(i))
    if isinstance(item, Attribution):
        source = join([a.name for a in item.source]) or "an unnamed source"
        return (Value(source, ", ".join(x for x in (f"“{item.cue}”" * bool(item.cue), item.when, item.via) if x)),)
    if isinstance(item, (Actor, Place)):
        role, capacity = getattr(item, "role", None), getattr(item, "capacity", None)
        shown = (role, item.country, capacity if capacity != "attendee" else None)
        return (Value(item.name, ", ".join(x for x in shown if x), item.country_code or ""),)
    if isinstance(item, BaseModel):
        return values_of(dumped(item))
    if isinstance(item, Mapping):
        name = item.get("name") or item.get("text")
        rest = ", ".join(f"{words(str(k))}: {v}" for k, v in item.items() if v not in (None, "", [], ()) and v != name)
        return (Value(str(name), rest),) if name else (Value(rest),)
    return () if item is None or item == "" else (Value(str(item)),)


@functools.cache
def origin_of(record: type[BaseModel], field: str) -> Origin:
    """Return who fills a field. A field without a marker is the model's own, which claims the least."""
    if field not in record.model_fields:
        return "worded"
    marks: tuple[Marker, ...] = field_markers(record, field)
    annotation = record.model_fields[field].annotation
    if any(isinstance(m, Worded) for m in marks):
        return "worded"
    closed = [bool(choices(kind)) or kind is bool for kind in scalars(annotation)]
    if any(isinstance(m, Choice) for m in marks) or (closed and all(closed)):
        return "chosen"
    return "copied" if marks or _holds_parts(annotation) else "worded"


def _holds_parts(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, BaseModel)
    return any(_holds_parts(a) for a in typing.get_args(annotation))


def _plain_fields(record: Record) -> Iterator[tuple[str, Any]]:
    for name in _stated(type(record)):
        value = getattr(record, name)
        if not (isinstance(value, (tuple, list)) and value and isinstance(value[0], Response)):
            yield name, value.value if isinstance(value, Enum) else value  # responses have a place of their own
    yield from (record.model_extra or {}).items()


@functools.cache
def _stated(kind: type[Record]) -> tuple[str, ...]:
    fields = [n for n in kind.model_fields if n != "evidence"]
    return tuple(n for n in fields if not any(isinstance(m, Computed) for m in field_markers(kind, n)))


def _sentence_field(record: Record) -> str:
    """Return the field that holds the model's own sentence, or ""."""
    fields = type(record).model_fields
    worded = [
        n
        for n, v in _plain_fields(record)
        if isinstance(v, str) and v and origin_of(type(record), n) == "worded"
        if n in _SENTENCE_FIELDS or (n in fields and any(isinstance(m, Worded) for m in field_markers(type(record), n)))
    ]
    return next((n for n in worded if n in _SENTENCE_FIELDS), worded[0] if worded else "")


def _derived(derived: Derived) -> Iterator[Fact]:
    shown: dict[str, tuple[str, tuple[Value, ...]]] = {
        "date": ("Date", (Value(derived.date, derived.date_basis or ""),) if derived.date else ()),
        "not_after": ("Not after", values_of(derived.not_after)),
        "date_note": ("No date", values_of(derived.date_note) if not derived.date else ()),
        "response_status": ("Answer", values_of(words(derived.response_status or ""))),
        "programs": ("Programmes", tuple(Value(p.key, p.basis) for p in derived.programs)),
        "group_key": ("Same matter", values_of(derived.group_key)),
    }
    for name, (label, values) in shown.items():
        if values:
            yield Fact(name, label, values, "derived")
