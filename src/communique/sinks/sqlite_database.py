"""SQLite: all results of a run in one database file, for SQL, Datasette and full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, RootModel

from communique.documents.sentences import number_sentences
from communique.schemas import Actor, Attribution, Evidence, Place, Record, Response, VerifiedSummary
from communique.schemas.annotation import choices, scalars
from communique.schemas.markers import leaves
from communique.schemas.rows import plain
from communique.schemas.stored import dumped, json_line
from communique.sinks.record_roles import parts
from communique.sinks.sink import SinkOptions
from communique.sinks.sqlite_columns import RecordColumns, quoted

LAYOUT = 1
"""`PRAGMA user_version`: grows when a query of old would break."""

_APPLICATION = 0x636D7131
"""`PRAGMA application_id`, `cmq1`: tells the file from other databases."""

_WIDEST = 2**63
_DERIVED = ("date", "precision", "not_after", "response_status", "group_key")


class SqliteSink:
    """One database with tables of documents, sentences, records, and of what belongs to a record.

    `records` has the columns that all records share and one for each field of the types; where types have a field of
    one name they share its column. Each type is a view of its own, too, with its own columns only.
    """

    name: ClassVar[str] = "sqlite"
    suffix: ClassVar[str] = ".db"
    tables: ClassVar[bool] = False

    def open(self, path: Path, options: SinkOptions) -> None:
        """Make the tables and the views of the record types that are asked for."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            # The file has a hidden name until it is whole: what a crash leaves of it is never looked at.
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;"
            f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {LAYOUT};" + _script("database.sql")
        )
        self._columns = RecordColumns(self._db)
        self._db.execute("BEGIN")
        for kind in options.record_types:
            self._columns.of(kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        document = self._document(summary)
        sentences = self._sentences(document, summary, text)
        for kind, group in summary.records.items():
            for record in group:
                self._record(document, kind, record, sentences)
        self._insert("rejections", *(
            {
                "document": document, "kind": r.kind, "reason": r.reason, "field": r.field, "detail": r.detail,
                "sentences": json_line(list(r.sentences)), "draft": json_line(plain(r.draft)),
            }
            for r in summary.rejections
        ))  # fmt: skip

    def close(self) -> None:
        try:
            self._db.execute("COMMIT")
            self._db.executescript(_script("database_end.sql"))
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
        row: dict[str, Any] = {"document": document, "kind": kind}
        row |= {n: getattr(record, n) for n in ("id", "verdict", "headline")}
        row |= {n: getattr(record.derived, n) for n in _DERIVED}
        row |= {"words": "\n".join(dict.fromkeys(_words(record))), "json": json_line(dumped(record))}
        for own in self._columns.of(type(record)):
            value = getattr(record, own.field)
            bare = value.root if isinstance(value, RootModel) else value
            row[own.column] = value.name if own.country and isinstance(value, Place) else plain(bare)
            if own.country:
                row[own.country] = getattr(value, "country_code", None)
        key = self._insert("records", row)
        self._cite(key, None, record.evidence, sentences)
        self._parts(key, record, sentences)
        self._insert("checks", *(
            {"record": key, **c.model_dump(exclude={"sentences"}), "sentences": json_line(list(c.sentences))}
            for c in record.checks
        ))  # fmt: skip

    def _parts(self, key: int, record: Record, sentences: Mapping[int, int]) -> None:
        places: dict[tuple[str, int | None], int] = {}

        def name(role: str, actor: Actor, response: int | None = None, attribution: int | None = None) -> None:
            group = (role, response or attribution)
            places[group] = places.get(group, -1) + 1
            rest = {n: plain(getattr(actor, n)) for n in type(actor).model_fields if n not in Actor.model_fields}
            self._insert("actors", {
                "record": key, "response": response, "attribution": attribution, "role": role,
                "position": places[group], "name": actor.name, "kind": actor.kind, "title": actor.role,
                "country": actor.country, "country_code": actor.country_code,
                "aliases": json_line(list(actor.aliases)), "details": json_line(rest) if rest else None,
            })  # fmt: skip

        for field, item in parts(record):
            if isinstance(item, Actor):
                name(field, item)
            elif isinstance(item, Attribution):
                row = {"cue": item.cue, "when": item.when, "via": item.via, "date": item.date}
                credit = self._insert("attributions", {"record": key, **row})
                for actor in item.source:
                    name("source", actor, attribution=credit)
            elif isinstance(item, Response):
                answer = self._insert("responses", {"record": key, "type": item.type, "cue": item.cue})
                for actor in item.responders:
                    name("responders", actor, response=answer)
                self._cite(key, answer, item.evidence, sentences)

    def _cite(self, key: int, answer: int | None, items: Iterable[Evidence], sentences: Mapping[int, int]) -> None:
        self._insert("evidence", *(
            {"record": key, "response": answer, "sentence": sentences[e.sentence], "exact": e.exact} for e in items
        ))  # fmt: skip

    def _insert(self, table: str, *rows: Mapping[str, Any]) -> int:
        """Insert rows; return the key of the last one."""
        key = 0
        for row in rows:
            names, marks = ", ".join(map(quoted, row)), ", ".join("?" * len(row))
            done = self._db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of ours, or quoted
                [_stored(value) for value in row.values()],
            )
            key = done.lastrowid or 0
        return key


def _cited(record: Record) -> Iterator[Evidence]:
    """Yield all evidence, that of the answers first: where two disagree on a sentence the record's own stays."""
    for _, item in parts(record):
        if isinstance(item, Response):
            yield from item.evidence
    yield from record.evidence


def _words(record: Record) -> Iterator[str]:
    """Yield the texts that a record states, values from closed lists not among them."""
    for leaf in leaves(record):
        if isinstance(leaf.value, str) and not _is_closed(type(leaf.owner), leaf.field):
            yield leaf.value
    yield from _texts(record.model_extra or {})


@cache
def _is_closed(kind: type[BaseModel], field: str) -> bool:
    return any(choices(inner) for inner in scalars(kind.model_fields[field].annotation))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)


def _stored(value: Any) -> str | int | float | None:
    """Return what SQLite can hold: lists and objects as JSON, wider numbers and lone surrogates as text."""
    if isinstance(value, (list, dict, BaseModel)):
        return json_line(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not -_WIDEST <= value < _WIDEST:
        return str(value)
    return value  # type: ignore[no-any-return]


def _script(name: str) -> str:
    return (files("communique.sinks") / "templates" / name).read_text(encoding="utf-8")
