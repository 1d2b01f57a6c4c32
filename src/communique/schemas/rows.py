"""Flat rows: one per record, for spreadsheets. A `Column` marker on a field names its column."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, RootModel

from communique.schemas.annotation import LISTS, choices, inside, is_list, ordered, scalars
from communique.schemas.markers import Column, stated_fields
from communique.schemas.parts import Actor, Attribution, Place, Response
from communique.schemas.provenance import DocumentInfo
from communique.schemas.record import Check, Record
from communique.schemas.stored import AnyRecord, dumped, json_line

SEPARATOR = "; "
"""Between several values of one cell."""

Cell = str | int | float | bool | None
_Getter = Callable[[Any], Cell]

DOCUMENT_COLUMNS = ("document_id", "document_title", "published", "outlet", "source", "language", "record_type")
_COMMON: tuple[tuple[str, _Getter], ...] = (
    ("headline", lambda r: r.headline),
    ("date", lambda r: r.derived.date),
    ("precision", lambda r: r.derived.precision),
    ("not_after", lambda r: r.derived.not_after),
    ("response_status", lambda r: r.derived.response_status),
    ("group_key", lambda r: r.derived.group_key),
    ("programs", lambda r: SEPARATOR.join(p.key for p in r.derived.programs)),
    ("verdict", lambda r: r.verdict),
    ("flags", lambda r: _checks(r, "kept", lambda c: c.reason)),
    ("left_out", lambda r: _checks(r, "left_out", lambda c: c.was or c.detail or c.reason)),
    ("corrected", lambda r: _checks(r, "replaced", lambda c: f"{c.was or '?'} -> {c.proposal}")),
    ("evidence_sentences", lambda r: SEPARATOR.join(str(e.sentence) for e in r.evidence)),
    ("evidence", lambda r: "\n".join(e.exact for e in r.evidence)),
)
COMMON_COLUMNS = tuple(name for name, _ in _COMMON)

_PARTS: dict[type, dict[str, Callable[[Any], Iterable[str]]]] = {
    Actor: {
        "{}": lambda actors: (a.name for a in actors),
        "{}_countries": lambda actors: dict.fromkeys(a.country_code for a in actors if a.country_code),
    },
    Place: {
        "{}": lambda places: (p.name for p in places),
        "{}_country": lambda places: (p.country_code for p in places if p.country_code),
    },
    Attribution: {"{}": lambda found: (actor.name for a in found for actor in a.source)},
    Response: {
        "{}": lambda found: (f"{r.type}: {', '.join(a.name for a in r.responders)}" for r in found),
        "denied_by": lambda found: (a.name for r in found if r.type == "denial" for a in r.responders),
    },
}
"""The columns of a field that holds such parts, and the texts in them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a record type, in order, and how a record fills them: a getter for each that isn't the document's."""

    columns: tuple[str, ...]
    getters: tuple[_Getter, ...]

    def row(self, record: Record, document: tuple[Cell, ...]) -> list[Cell]:
        """Return the cells of a record behind those of its document."""
        return [*document, *[get(record) for get in self.getters]]


def document_cells(info: DocumentInfo, kind: str = "") -> tuple[Cell, ...]:
    """Return the cells that the rows of a document begin with, the plural key of the record type last."""
    return (info.id, info.title, info.published, info.outlet, info.source, info.language, kind)


def _checks(record: Record, change: str, told: Callable[[Check], str]) -> str:
    found = (c for c in record.checks if c.change == change and (change != "kept" or c.severity != "note"))
    return SEPARATOR.join(f"{c.field}: {told(c)}" for c in found)


@functools.cache
def layout_of(kind: type[Record]) -> Layout:
    """Return the columns of a record type: the document's, the id, its own fields, the headline, what was derived, the evidence.

    docs/reference/rows.md says what they hold; a type that is not installed gives one column `fields` of JSON.
    """
    pairs: list[tuple[str, _Getter]] = [("id", lambda r: r.id)]
    for name, marks in stated_fields(kind):
        column = next((m.name for m in marks if isinstance(m, Column)), name)
        pairs += _columns(name, column, kind.model_fields[name].annotation)
    if kind is AnyRecord:
        pairs.append(("fields", lambda r: json_line(r.model_extra or {})))
    pairs += _COMMON
    taken: dict[str, _Getter] = {}
    for name, get in pairs:  # a field of a user's own record may be called `date` or `document_id`
        while name in taken or name in DOCUMENT_COLUMNS:
            name += "_2"  # noqa: PLW2901 - until it is free
        taken[name] = get
    return Layout((*DOCUMENT_COLUMNS, *taken), tuple(taken.values()))


def _columns(field: str, column: str, annotation: Any) -> list[tuple[str, _Getter]]:
    kinds = [str if choices(kind) else kind for kind in scalars(annotation)] or [object]
    many = any(map(is_list, inside(annotation)))

    def items(record: Any) -> tuple[Any, ...]:
        value = _value(record, field)
        return tuple(ordered(value or ())) if many else () if value is None else (value,)

    def in_one_cell(texts: Callable[[Any], Iterable[str]]) -> _Getter:
        return lambda r: SEPARATOR.join(texts(items(r)))

    def joined(record: Any) -> Cell:
        values = [plain(v) for v in items(record)]
        return SEPARATOR.join(values) if all(isinstance(v, str) for v in values) else json_line(values)

    for part, columns in _PARTS.items():
        if all(isinstance(kind, type) and issubclass(kind, part) for kind in kinds):
            return [(name.format(column), in_one_cell(texts)) for name, texts in columns.items()]
    if kinds == [str] and many:
        return [(column, joined)]
    if len(kinds) == 1 and kinds[0] in (str, int, float, bool) and not many:
        return [(column, lambda r: _value(r, field))]
    return [(column, lambda r: None if getattr(r, field) is None else json_line(plain(getattr(r, field))))]


def _value(record: Any, field: str) -> Any:
    value = getattr(record, field)
    value = value.root if isinstance(value, RootModel) else value
    return value.value if isinstance(value, Enum) else value


def plain(value: Any) -> Any:
    """Return a field's value as JSON has it; what JSON doesn't know, such as a day, as text."""
    if isinstance(value, BaseModel):
        return dumped(value)
    if isinstance(value, LISTS):
        return [plain(v) for v in ordered(value)]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Enum):
        return plain(value.value)
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
