"""The columns and views that record types get in a database: `records` grows with each type."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from communique.schemas import Actor, Attribution, Column, Place, Record, Response
from communique.schemas.annotation import scalars
from communique.schemas.markers import stated_fields
from communique.schemas.stored import AnyRecord

_OWN_TABLES = (Actor, Attribution, Response)
_FIXED = frozenset([
    "key", "document", "id", "kind", "verdict", "headline", "date", "precision", "not_after", "response_status",
    "group_key", "words", "json", "document_id", "document_title", "published",
])  # fmt: skip
"""Columns that `records` or the views have for every type."""


class OwnColumn(NamedTuple):
    """A field of a record type with its column; `country` is the column of the country's code of a place, or ""."""

    field: str
    column: str
    country: str


class RecordColumns:
    """Adds the columns and the view of a record type when it first comes.

    Types share the column of a field that they call the same. A field that has the name of a column of ours, or of
    another type in other case, gets `_2` behind its name.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._columns: dict[str, str] = {}
        self._types: dict[type[Record], tuple[OwnColumn, ...]] = {}

    def of(self, kind: type[Record]) -> tuple[OwnColumn, ...]:
        """Return the columns of a record type; a type that is new gets them, and its view."""
        if kind not in self._types:
            taken: set[str] = set()
            found = []
            for field, marks in stated_fields(kind):
                annotation = kind.model_fields[field].annotation
                if _all(annotation, *_OWN_TABLES):
                    continue
                name = next((m.name for m in marks if isinstance(m, Column)), field)
                column = self._column(name, taken)
                country = self._column(f"{name}_country", taken) if _all(annotation, Place) else ""
                found.append(OwnColumn(field, column, country))
            self._types[kind] = tuple(found)
            if kind is not AnyRecord:
                self._view(kind)
        return self._types[kind]

    def _column(self, name: str, taken: set[str]) -> str:
        name = name.replace("\0", "")
        while name.casefold() in _FIXED | taken or self._columns.get(name.casefold(), name) != name:
            name += "_2"  # a user's field may have the name of a column of ours
        if name.casefold() not in self._columns:
            self._db.execute(f"ALTER TABLE records ADD COLUMN {quoted(name)}")
            self._columns[name.casefold()] = name
        taken.add(name.casefold())
        return name

    def _view(self, kind: type[Record]) -> None:
        name = kind.plural.replace("\0", "")
        while (
            name.lower().startswith("sqlite_")
            or self._db.execute("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE", (name,)).fetchone()
        ):
            name = f"type_{name}"
        own = [c for o in self._types[kind] for c in (o.column, o.country) if c]
        people = [f for f, _ in stated_fields(kind) if _all(kind.model_fields[f].annotation, Actor)]
        shown = [
            "r.key", "r.id", "d.id AS document_id", "d.title AS document_title", "d.published", "r.verdict",
            "r.headline", "r.date", "r.precision", "r.not_after", "r.response_status", "r.group_key",
        ]  # fmt: skip
        shown += [f"r.{quoted(c)}" for c in own]
        of_role = "(SELECT group_concat(a.name, '; ') FROM actors a WHERE a.record = r.key AND a.role = {}) AS {}"
        shown += [of_role.format(_text(p), quoted(p)) for p in people]
        self._db.execute(
            f"CREATE VIEW {quoted(name)} AS SELECT {', '.join(shown)} FROM records r"  # noqa: S608 - names, quoted
            f" JOIN documents d ON d.key = r.document WHERE r.kind = {_text(kind.plural)}"
        )


def _all(annotation: Any, *kinds: type) -> bool:
    """Tell whether a field holds nothing but these."""
    types = list(scalars(annotation))
    return bool(types) and all(isinstance(t, type) and issubclass(t, kinds) for t in types)


def quoted(name: str) -> str:
    """Return a name as SQL takes any."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("\0", "").replace("'", "''") + "'"
