"""SQLite: all results of a run in one database file, for SQL, Datasette and full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, RootModel

from communique.documents.sentences import number_sentences
from communique.schemas import Actor, Attribution, Column, Evidence, Place, Record, Response, VerifiedSummary
from communique.schemas.annotation import scalars
from communique.schemas.markers import leaves, stated_fields
from communique.schemas.stored import dumped
from communique.schemas.summary import AnyRecord
from communique.sinks.cards import headline_of, origin_of
from communique.sinks.graph import parts
from communique.sinks.jsonl import json_line
from communique.sinks.rows import plain
from communique.sinks.sink import SinkOptions

LAYOUT = 1
"""`PRAGMA user_version`: grows when a query of old would break."""

_APPLICATION = 0x636D7131
"""`PRAGMA application_id`, `cmq1`: tells the file from other databases."""

_OWN_TABLES = (Actor, Attribution, Response)
_FIXED = frozenset([
    "key", "document", "id", "kind", "verdict", "headline", "date", "precision", "not_after", "response_status",
    "group_key", "words", "json",
])  # fmt: skip
"""Columns of `records` that every type has."""

_WIDEST = 2**63
_LAST = (
    "CREATE INDEX records_document ON records (document)",
    "CREATE INDEX records_id ON records (id)",
    "CREATE INDEX records_kind ON records (kind, verdict, date)",
    "CREATE INDEX documents_id ON documents (id)",
    "CREATE INDEX responses_record ON responses (record, type)",
    "CREATE INDEX actors_record ON actors (record, role)",
    "CREATE INDEX actors_response ON actors (response)",
    "CREATE INDEX actors_name ON actors (name COLLATE NOCASE)",
    "CREATE INDEX actors_country ON actors (country_code)",
    "CREATE INDEX evidence_record ON evidence (record)",
    "CREATE INDEX evidence_response ON evidence (response)",
    "CREATE INDEX evidence_sentence ON evidence (sentence)",
    "CREATE INDEX checks_record ON checks (record)",
    "CREATE INDEX rejections_document ON rejections (document)",
    "INSERT INTO sentences_fts (sentences_fts) VALUES ('rebuild')",
    "INSERT INTO records_fts (records_fts) VALUES ('rebuild')",
    "ANALYZE",
)
"""Made at the end, which is faster than to keep them up with every row."""


class _Own(NamedTuple):
    field: str
    column: str
    country: str
    """Column of the country's code, where the field is a place."""


class SqliteSink:
    """One database: documents, sentences, records, actors, evidence, responses, checks, rejections.

    `records` has the columns that all records share and one for each field of the types; where types have a field of
    one name they share its column. Each type is a view of its own, too, with its own columns only.
    """

    name: ClassVar[str] = "sqlite"
    suffix: ClassVar[str] = ".db"
    media_type: ClassVar[str] = "application/vnd.sqlite3"
    tables: ClassVar[bool] = False

    _db: sqlite3.Connection
    _columns: dict[str, str]
    _types: dict[type[Record], tuple[_Own, ...]]

    def open(self, path: Path, options: SinkOptions) -> None:
        """Make the tables and the views of the record types that are asked for."""
        self._columns, self._types = {}, {}
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            # The file has a hidden name until it is whole: what a crash leaves of it is never looked at.
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;"
            f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {LAYOUT};"
            + (files("communique.sinks") / "templates" / "database.sql").read_text(encoding="utf-8")
        )
        self._db.execute("BEGIN")
        for kind in options.record_types:
            self._own(kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add the rows of one document."""
        document = self._document(summary)
        sentences = self._sentences(document, summary, text)
        for kind, group in summary.records.items():
            for record in group:
                self._record(document, kind, record, sentences)
        self._insert_all("rejections", (
            {
                "document": document, "kind": r.kind, "reason": r.reason, "field": r.field, "detail": r.detail,
                "sentences": json_line(list(r.sentences)), "draft": json_line(plain(r.draft)),
            }
            for r in summary.rejections
        ))  # fmt: skip

    def close(self) -> None:
        """Make the indices, and end the file."""
        try:
            for statement in _LAST:
                self._db.execute(statement)
            self._db.execute("COMMIT")
        finally:
            self._db.close()

    def _document(self, summary: VerifiedSummary) -> int:
        info, made = summary.document, summary.provenance
        row: dict[str, Any] = info.model_dump(exclude={"text", "notes"})
        row |= {n: getattr(made, n) for n in ("model", "backend", "judge", "prompt", "policy", "communique", "seconds")}
        row |= made.usage.model_dump()
        row["notes"], row["warnings"] = json_line(list(info.notes)), json_line(list(made.warnings))
        row["brief"] = "\n".join(s.text for s in summary.brief)
        return self._insert("documents", row)

    def _sentences(self, document: int, summary: VerifiedSummary, text: str | None) -> dict[int, int]:
        """Write the sentences: those of the text, and as the evidence has them those that are cited; keys by number."""
        text = summary.document.text if text is None else text
        found: dict[int, dict[str, Any]] = {}
        for sentence in number_sentences(text, summary.document.language or "en") if text else ():
            row = {"text": sentence.text, "start": sentence.start, "end": sentence.end}
            found[sentence.number] = row
        for record in summary.all_records():
            for item in _cited(record):
                row = {"text": item.exact, "start": item.start, "end": item.end, "page": item.page}
                if item.exact or item.sentence not in found:
                    found[item.sentence] = row
        keys: dict[int, int] = {}
        for number, row in sorted(found.items()):
            stored = max(-_WIDEST, min(number, _WIDEST - 1))
            if stored == number or stored not in keys:
                keys[stored] = self._insert("sentences", {"document": document, "number": stored, **row})
            keys[number] = keys[stored]
        return keys

    def _record(self, document: int, kind: str, record: Record, sentences: Mapping[int, int]) -> None:
        derived = record.derived
        row = {
            "document": document,
            "id": record.id,
            "kind": kind,
            "verdict": record.verdict,
            "headline": headline_of(record),
            "date": derived.date,
            "precision": derived.precision,
            "not_after": derived.not_after,
            "response_status": derived.response_status,
            "group_key": derived.group_key,
            "words": "\n".join(dict.fromkeys(_words(record))),
            "json": json_line(dumped(record)),
        }
        for own in self._own(type(record)):
            value = getattr(record, own.field)
            row[own.column] = value.name if own.country and isinstance(value, Place) else plain(_bare(value))
            if own.country:
                row[own.country] = getattr(value, "country_code", None)
        key = self._insert("records", row)
        self._cite(key, None, record.evidence, sentences)
        self._parts(key, record, sentences)
        self._insert_all("checks", (
            {"record": key, **c.model_dump(exclude={"sentences"}), "sentences": json_line(list(c.sentences))}
            for c in record.checks
        ))  # fmt: skip

    def _parts(self, key: int, record: Record, sentences: Mapping[int, int]) -> None:
        named: list[tuple[str, int | None, Actor]] = []
        for field, item in parts(record):
            if isinstance(item, Actor):
                named.append((field, None, item))
            elif isinstance(item, Attribution):
                named += [("source", None, a) for a in item.source]
            elif isinstance(item, Response):
                answer = self._insert("responses", {"record": key, "type": item.type, "cue": item.cue})
                named += [("responders", answer, a) for a in item.responders]
                self._cite(key, answer, item.evidence, sentences)
        places: dict[tuple[str, int | None], int] = {}
        for role, response, actor in named:
            place = places[role, response] = places.get((role, response), -1) + 1
            rest = {n: plain(getattr(actor, n)) for n in type(actor).model_fields if n not in Actor.model_fields}
            self._insert("actors", {
                "record": key, "response": response, "role": role, "position": place, "name": actor.name,
                "kind": actor.kind, "title": actor.role, "country": actor.country,
                "country_code": actor.country_code, "aliases": json_line(list(actor.aliases)),
                "details": json_line(rest) if rest else None,
            })  # fmt: skip

    def _cite(self, key: int, answer: int | None, items: Iterable[Evidence], sentences: Mapping[int, int]) -> None:
        self._insert_all("evidence", (
            {"record": key, "response": answer, "sentence": sentences[e.sentence], "exact": e.exact} for e in items
        ))  # fmt: skip

    def _own(self, kind: type[Record]) -> tuple[_Own, ...]:
        """Return the columns of a record type; a type that is new gets them, and its view."""
        if kind not in self._types:
            taken: set[str] = set()
            found = []
            for field, marks in stated_fields(kind):
                types = set(scalars(kind.model_fields[field].annotation))
                if types and all(isinstance(t, type) and issubclass(t, _OWN_TABLES) for t in types):
                    continue
                name = next((m.name for m in marks if isinstance(m, Column)), field)
                one_place = bool(types) and all(isinstance(t, type) and issubclass(t, Place) for t in types)
                column = self._column(name, taken)
                found.append(_Own(field, column, self._column(f"{name}_country", taken) if one_place else ""))
            self._types[kind] = tuple(found)
            if kind is not AnyRecord:
                self._view(kind)
        return self._types[kind]

    def _column(self, name: str, taken: set[str]) -> str:
        name = name.replace("\0", "")
        while name.casefold() in _FIXED | taken or self._columns.get(name.casefold(), name) != name:
            name += "_2"  # a user's field may have the name of a column of ours
        if name.casefold() not in self._columns:
            self._db.execute(f"ALTER TABLE records ADD COLUMN {_quoted(name)}")
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
        people = [f for f, _ in stated_fields(kind) if _all_actors(kind.model_fields[f].annotation)]
        shown = [
            "r.key", "r.id", "d.id AS document_id", "d.title AS document_title", "d.published", "r.verdict",
            "r.headline", "r.date", "r.precision", "r.not_after", "r.response_status", "r.group_key",
        ]  # fmt: skip
        shown += [f"r.{_quoted(c)}" for c in own]
        of_role = "(SELECT group_concat(a.name, '; ') FROM actors a WHERE a.record = r.key AND a.role = {}) AS {}"
        shown += [of_role.format(_text(p), _quoted(p)) for p in people]
        self._db.execute(
            f"CREATE VIEW {_quoted(name)} AS SELECT {', '.join(shown)} FROM records r"  # noqa: S608 - names, quoted
            f" JOIN documents d ON d.key = r.document WHERE r.kind = {_text(kind.plural)}"
        )

    def _insert(self, table: str, row: Mapping[str, Any]) -> int:
        names = ", ".join(map(_quoted, row))
        marks = ", ".join("?" * len(row))
        done = self._db.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of ours, or quoted
            [_stored(value) for value in row.values()],
        )
        return done.lastrowid or 0

    def _insert_all(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._insert(table, row)


def _cited(record: Record) -> Iterator[Evidence]:
    """Yield all evidence, that of the answers first: where two disagree on a sentence the record's own stays."""
    for _, item in parts(record):
        if isinstance(item, Response):
            yield from item.evidence
    yield from record.evidence


def _words(record: Record) -> Iterator[str]:
    """Yield the texts that a record states, values from closed lists not among them."""
    for leaf in leaves(record):
        if isinstance(leaf.value, str) and origin_of(type(leaf.owner), leaf.field) != "chosen":
            yield leaf.value
    yield from _texts(record.model_extra or {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _all_actors(annotation: Any) -> bool:
    types = list(scalars(annotation))
    return bool(types) and all(isinstance(t, type) and issubclass(t, Actor) for t in types)


def _bare(value: Any) -> Any:
    return value.root if isinstance(value, RootModel) else value


def _stored(value: Any) -> str | int | float | None:
    """Return what SQLite can hold: lists and objects as JSON, wider numbers and lone surrogates as text."""
    if isinstance(value, (list, dict, BaseModel)):
        return json_line(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not -_WIDEST <= value < _WIDEST:
        return str(value)
    return value  # type: ignore[no-any-return]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("\0", "").replace("'", "''") + "'"
