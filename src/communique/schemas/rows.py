"""Flat rows: one per record, for spreadsheets. A `Column` marker on a field names its column."""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, RootModel

from communique.schemas.annotation import LISTS, choices, ordered, unwrapped
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


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a record type and how a record fills them.

    Attributes:
        columns: All column names, in order.
        getters: One per column after those of the document.
    """

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

    Actors give a column of names and one of country codes; responses give `responses` and `denied_by`; a type that is
    not installed gives one column `fields` of JSON. `flags` has the fields to check with their rules, `left_out` and
    `corrected` the fields that the checks changed with what was there.
    """
    pairs: list[tuple[str, _Getter]] = [("id", lambda r: r.id)]
    for name, marks in stated_fields(kind):
        column = next((m.name for m in marks if isinstance(m, Column)), name)
        pairs += _own(name, column, _inner(kind.model_fields[name].annotation))
    if kind is AnyRecord:
        pairs.append(("fields", lambda r: json_line(r.model_extra or {})))
    pairs += _COMMON
    taken: dict[str, _Getter] = {}
    for name, get in pairs:  # a field of a user's own record may be called `date` or `document_id`
        while name in taken or name in DOCUMENT_COLUMNS:
            name += "_2"  # noqa: PLW2901 - until it is free
        taken[name] = get
    return Layout((*DOCUMENT_COLUMNS, *taken), tuple(taken.values()))


def _inner(annotation: Any) -> tuple[list[type], bool]:
    """Return the classes inside an annotation, and whether it holds several values."""
    annotation, _ = unwrapped(annotation)
    origin = typing.get_origin(annotation)
    if choices(annotation):
        return [str], False
    if origin is None:
        return ([annotation] if isinstance(annotation, type) else [object]), False
    parts = [_inner(a) for a in typing.get_args(annotation) if a not in (type(None), ...)]
    kinds = [k for inner, _ in parts for k in inner]
    many = isinstance(origin, type) and issubclass(origin, (list, tuple, set, frozenset))
    return (kinds or [origin], many or any(m for _, m in parts)) if not _is(origin, dict) else ([dict], False)


def _is(value: Any, kind: type) -> bool:
    """Return whether a value is a class derived from `kind`."""
    return isinstance(value, type) and issubclass(value, kind)


def _own(field: str, column: str, shape: tuple[list[type], bool]) -> list[tuple[str, _Getter]]:
    kinds, many = shape
    items = _items(field, many=many)
    if all(_is(k, Actor) for k in kinds):
        return [
            (column, lambda r: SEPARATOR.join(a.name for a in items(r))),
            (
                f"{column}_countries",
                lambda r: SEPARATOR.join(dict.fromkeys(a.country_code for a in items(r) if a.country_code)),
            ),
        ]
    if all(_is(k, Place) for k in kinds):
        return [
            (column, lambda r: SEPARATOR.join(p.name for p in items(r))),
            (
                f"{column}_country",
                lambda r: SEPARATOR.join(p.country_code for p in items(r) if p.country_code),
            ),
        ]
    if all(_is(k, Attribution) for k in kinds):
        return [(column, lambda r: SEPARATOR.join(a.name for t in items(r) for a in t.source))]
    if all(_is(k, Response) for k in kinds):
        return [
            (
                column,
                lambda r: SEPARATOR.join(f"{x.type}: {', '.join(a.name for a in x.responders)}" for x in items(r)),
            ),
            (
                "denied_by",
                lambda r: SEPARATOR.join(a.name for x in items(r) if x.type == "denial" for a in x.responders),
            ),
        ]
    if kinds == [str] and many:
        return [(column, lambda r: _joined(items(r)))]
    if len(kinds) == 1 and kinds[0] in (str, int, float, bool) and not many:
        return [(column, lambda r: _value(r, field))]
    return [(column, lambda r: _json(getattr(r, field)))]


def _items(field: str, *, many: bool) -> Callable[[Any], tuple[Any, ...]]:
    if many:
        return lambda r: tuple(ordered(_value(r, field) or ()))
    return lambda r: () if _value(r, field) is None else (_value(r, field),)


def _value(record: Any, field: str) -> Any:
    value = getattr(record, field)
    value = value.root if isinstance(value, RootModel) else value
    return value.value if isinstance(value, Enum) else value


def _joined(items: Iterable[Any]) -> Cell:
    """Return texts side by side; lists of lists as JSON, which keeps them apart."""
    values = [plain(v) for v in items]
    return SEPARATOR.join(values) if all(isinstance(v, str) for v in values) else json_line(values)


def _json(value: Any) -> Cell:
    if value is None:
        return None
    return json_line(plain(value))


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
