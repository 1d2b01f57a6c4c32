"""Card: a record made ready for people, whatever its type; text, Markdown and HTML are drawn from it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel

from communique.schemas import (
    Actor,
    Attribution,
    Derived,
    Place,
    Record,
    Response,
    VerifiedSummary,
    Worded,
    field_markers,
    stated_fields,
)
from communique.schemas.annotation import LISTS, choices, is_model, ordered, scalars
from communique.schemas.markers import Choice
from communique.schemas.record import snake
from communique.schemas.stored import dumped
from communique.sinks.identifiers import responses
from communique.sinks.remarks import Remark, field_label, join, remarks_of, words

Origin = Literal["copied", "chosen", "worded", "derived", "rendered"]
"""Who put a value there: the article's words, the model's choice from a closed list, the model's own words, our code;
`rendered` is a sentence that our code made of the others."""

_SENTENCE_FIELDS = {"claim", "concern"}
_BADGE_FIELDS = {"mode", "status", "activity", "commitment", "stage"}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a fact: its text, what is said beside it, and the code that we derived from it."""

    text: str
    detail: str = ""
    code: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.detail})" if self.detail else self.text


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled field with its values, and who put them there."""

    field: str
    label: str
    values: tuple[Value, ...]
    origin: Origin


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
    """What a person reads of one record."""

    record: Record
    kind: str  # the plural key, such as `meetings`
    label: str  # name of the type, such as `Sanctions concern`
    headline: str
    own_words: str  # the model's sentence, such as a claim, or ""
    badges: tuple[str, ...]  # values from closed lists, such as `held`
    facts: tuple[Fact, ...]  # the filled fields, in schema order, then what was derived
    answers: tuple[Response, ...]
    remarks: tuple[Remark, ...]  # what the checks say, by group
    denied: bool  # by somebody
    headline_origin: Origin = "rendered"  # unless a sink shows the model's sentence or the names instead


def card_of(kind: str, record: Record) -> Card:
    """Return the card of a record, by the plural key of its type."""
    fields = list(_fields(record))
    sentence = _sentence_field(type(record), fields)
    own_words = str(getattr(record, sentence)) if sentence else ""
    headline, answers, singular = record.headline, tuple(responses(record)), snake(type(record).__name__)
    closed = {n: v for n, v in fields if n in _BADGE_FIELDS and isinstance(v, str)}
    badges = [value for value in closed.values() if value not in ("", "unspecified")]
    facts = [
        Fact(name, field_label(name), values, origin)
        for name, value in fields
        if name not in closed and not (name == sentence and own_words in headline)
        if (values := values_of(value))
        if (origin := origin_of(type(record), name)) != "chosen" or value not in ("none", *badges)  # already said
    ]
    return Card(
        record=record,
        kind=kind,
        label=words(kind.removesuffix("s") if singular == "any_record" else singular).capitalize(),
        headline=headline,
        own_words=own_words,
        badges=tuple(map(words, badges)),
        facts=(*facts, *_derived(record.derived)),
        answers=answers,
        remarks=remarks_of(record.checks),
        denied=any(a.type == "denial" for a in answers),
    )


def values_of(item: Any) -> tuple[Value, ...]:
    """Return the values that an actor, a place, a string or a sequence of them holds."""
    if isinstance(item, Enum):
        return values_of(item.value)
    if isinstance(item, LISTS):
        return tuple(v for i in ordered(item) for v in values_of(i))
    if isinstance(item, Attribution):
        source = join([a.name for a in item.source]) or "an unnamed source"
        return (Value(source, ", ".join(filter(None, [f"“{item.cue}”" * bool(item.cue), item.when, item.via]))),)
    if isinstance(item, (Actor, Place)):
        role, capacity = getattr(item, "role", None), getattr(item, "capacity", None)
        shown = (role, item.country, capacity if capacity != "attendee" else None)
        return (Value(item.name, ", ".join(filter(None, shown)), item.country_code or ""),)
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
    if field not in record.model_fields or _is_worded(record, field):
        return "worded"
    marks, kinds = field_markers(record, field), list(scalars(record.model_fields[field].annotation))
    closed = [bool(choices(kind)) or kind is bool for kind in kinds]
    if any(isinstance(m, Choice) for m in marks) or (closed and all(closed)):
        return "chosen"
    return "copied" if marks or any(map(is_model, kinds)) else "worded"


def _is_worded(record: type[BaseModel], field: str) -> bool:
    return field in record.model_fields and any(isinstance(m, Worded) for m in field_markers(record, field))


def _fields(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield what a record states but for its responses, which have a place of their own."""
    for name, _ in stated_fields(type(record)):
        value = getattr(record, name)
        if not (isinstance(value, (tuple, list)) and value and isinstance(value[0], Response)):
            yield name, value.value if isinstance(value, Enum) else value
    yield from (record.model_extra or {}).items()


def _sentence_field(kind: type[Record], fields: Iterable[tuple[str, Any]]) -> str:
    """Return the field that holds the model's own sentence, or ""."""
    filled = [n for n, v in fields if isinstance(v, str) and v and origin_of(kind, n) == "worded"]
    found = [n for n in filled if n in _SENTENCE_FIELDS or _is_worded(kind, n)]
    return min(found, key=lambda n: n not in _SENTENCE_FIELDS, default="")


def _derived(derived: Derived) -> Iterator[Fact]:
    shown: tuple[tuple[str, str, tuple[Value, ...]], ...] = (
        ("date", "Date", (Value(derived.date, derived.date_basis or ""),) if derived.date else ()),
        ("not_after", "Not after", values_of(derived.not_after)),
        ("date_note", "No date", values_of(derived.date_note) if not derived.date else ()),
        ("response_status", "Answer", values_of(words(derived.response_status or ""))),
        ("programs", "Programmes", tuple(Value(p.key, p.basis) for p in derived.programs)),
        ("group_key", "Same matter", values_of(derived.group_key)),
    )
    return (Fact(name, label, values, "derived") for name, label, values in shown if values)
