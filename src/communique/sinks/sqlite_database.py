"""SQLite: all results of a run in one database file, for SQL, Datasette and full-text search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, RootModel

from communique.documents.sentences import number_sentences
from communique.schemas import Actor, Attribution, Column, Evidence, Place, Record, Response, VerifiedSummary
from communique.schemas.annotation import choices, scalars
from communique.schemas.markers import leaves, stated_fields
from communique.schemas.rows import plain
from communique.schemas.stored import AnyRecord, dumped, json_line
from communique.sinks.identifiers import parts
from communique.sinks.sink import SinkOptions

LAYOUT = 1
"""`PRAGMA user_version`: grows when a query of old would break."""

_APPLICATION = 0x636D7131
"""`PRAGMA application_id`, `cmq1`: tells the file from other databases."""

_WIDEST = 2**63
_DERIVED = ("date", "precision", "not_after", "response_status", "group_key")
_FIXED = frozenset([
    "key", "document", "id", "kind", "verdict", "headline", *_DERIVED, "words", "json", "document_id", "document_title",
    "published",
])  # fmt: skip
"""Columns that `records` or the views have for every type."""


class SqliteSink:
    """One database with tables of documents, sentences, records, and of what belongs to a record.

    `records` has the columns that all records share and one for each field of the types; where types have a field of
    one name they share its column. Each type is a view of its own, too, with its own columns only.
    """

    name: ClassVar[str] = "sqlite"
    suffix: ClassVar[str] = ".db"
    tables: ClassVar[bool] = False

    def open(self, path: Path, options: SinkOptions) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript(
            # The file has a hidden name until it is whole: what a crash leaves of it is never looked at.
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;"
            f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {LAYOUT};" + _script("database.sql")
        )
        self._names: dict[str, str] = {}  # of the columns that the fields have, by the same in lower case
        self._types: dict[type[Record], list[tuple[str, str, str]]] = {}
        self._db.execute("BEGIN")
        for kind in options.record_types:
            self._columns(kind)

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
            found[sentence.number] = {"text": sentence.text, "start": sentence.start, "end": sentence.end}
        for record in summary.all_records():
            answers = [e for _, item in parts(record) if isinstance(item, Response) for e in item.evidence]
            for e in (*answers, *record.evidence):  # where two disagree on a sentence, the record's own evidence stays
                if e.exact or e.sentence not in found:
                    found[e.sentence] = {"text": e.exact, "start": e.start, "end": e.end, "page": e.page}
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
        for field, column, country in self._columns(type(record)):
            value = getattr(record, field)
            bare = value.root if isinstance(value, RootModel) else value
            row[column] = value.name if country and isinstance(value, Place) else plain(bare)
            if country:
                row[country] = getattr(value, "country_code", None)
        key = self._insert("records", row)
        self._cite(key, None, record.evidence, sentences)
        self._parts(key, record, sentences)
        self._insert("checks", *(
            {"record": key, **c.model_dump(exclude={"sentences"}), "sentences": json_line(list(c.sentences))}
            for c in record.checks
        ))  # fmt: skip

    def _parts(self, key: int, record: Record, sentences: Mapping[int, int]) -> None:
        def name(role: str, position: int, actor: Actor, **owner: int) -> None:
            rest = {n: plain(getattr(actor, n)) for n in type(actor).model_fields if n not in Actor.model_fields}
            self._insert("actors", {
                "record": key, **owner, "role": role, "position": position, "name": actor.name, "kind": actor.kind,
                "title": actor.role, "country": actor.country, "country_code": actor.country_code,
                "aliases": json_line(list(actor.aliases)), "details": json_line(rest) if rest else None,
            })  # fmt: skip

        for field, items in groupby(parts(record), key=itemgetter(0)):
            for place, (_, item) in enumerate(items):
                if isinstance(item, Actor):
                    name(field, place, item)
                elif isinstance(item, Attribution):
                    row = {"cue": item.cue, "when": item.when, "via": item.via, "date": item.date}
                    credit = self._insert("attributions", {"record": key, **row})
                    for number, actor in enumerate(item.source):
                        name("source", number, actor, attribution=credit)
                elif isinstance(item, Response):
                    answer = self._insert("responses", {"record": key, "type": item.type, "cue": item.cue})
                    for number, actor in enumerate(item.responders):
                        name("responders", number, actor, response=answer)
                    self._cite(key, answer, item.evidence, sentences)

    def _cite(self, key: int, answer: int | None, items: Iterable[Evidence], sentences: Mapping[int, int]) -> None:
        self._insert("evidence", *(
            {"record": key, "response": answer, "sentence": sentences[e.sentence], "exact": e.exact} for e in items
        ))  # fmt: skip

    def _columns(self, kind: type[Record]) -> list[tuple[str, str, str]]:
        """Return the fields of a record type, each with its column, and that of a place's country, or "".

        A type that is new gets them, and its view. Types share the column of a field that they call the same. A field that
        has the name of a column of ours, or of another type in other case, gets `_2` behind its name.
        """
        if kind not in self._types:
            taken, found = set[str](), []
            for field, marks in stated_fields(kind):
                if not _all(kind, field, Actor, Attribution, Response):  # these have tables of their own
                    name = next((m.name for m in marks if isinstance(m, Column)), field)
                    column = self._column(name, taken)
                    found.append(
                        (field, column, self._column(f"{name}_country", taken) if _all(kind, field, Place) else "")
                    )
            self._types[kind] = found
            if kind is not AnyRecord:
                self._view(kind)
        return self._types[kind]

    def _column(self, name: str, taken: set[str]) -> str:
        name = name.replace("\0", "")
        while name.casefold() in _FIXED | taken or self._names.get(name.casefold(), name) != name:
            name += "_2"
        if name.casefold() not in self._names:
            self._db.execute(f"ALTER TABLE records ADD COLUMN {_quoted(name)}")
            self._names[name.casefold()] = name
        taken.add(name.casefold())
        return name

    def _view(self, kind: type[Record]) -> None:
        name, taken = kind.plural.replace("\0", ""), "SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE"
        while name.lower().startswith("sqlite_") or self._db.execute(taken, (name,)).fetchone():
            name = f"type_{name}"
        shown = ["r.key, r.id, d.id AS document_id, d.title AS document_title, d.published, r.verdict, r.headline"]
        shown += [f"r.{column}" for column in _DERIVED]
        shown += [f"r.{_quoted(column)}" for _, *columns in self._types[kind] for column in columns if column]
        people = [field for field, _ in stated_fields(kind) if _all(kind, field, Actor)]
        of_role = "(SELECT group_concat(a.name, '; ') FROM actors a WHERE a.record = r.key AND a.role = {}) AS {}"
        shown += [of_role.format(_text(p), _quoted(p)) for p in people]
        self._db.execute(
            f"CREATE VIEW {_quoted(name)} AS SELECT {', '.join(shown)} FROM records r"  # noqa: S608 - names, quoted
            f" JOIN documents d ON d.key = r.document WHERE r.kind = {_text(kind.plural)}"
        )

    def _insert(self, table: str, *rows: Mapping[str, Any]) -> int:
        """Insert rows; return the key of the last one."""
        key = 0
        for row in rows:
            names, marks = ", ".join(map(_quoted, row)), ", ".join("?" * len(row))
            done = self._db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names of ours, or quoted
                [_stored(value) for value in row.values()],
            )
            key = done.lastrowid or 0
        return key


def _all(kind: type[BaseModel], field: str, *kinds: type) -> bool:
    """Tell whether a field holds nothing but these."""
    types = list(scalars(kind.model_fields[field].annotation))
    return bool(types) and all(isinstance(t, type) and issubclass(t, kinds) for t in types)


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
    elif isinstance(value, (Mapping, list, tuple)):
        for inner in value.values() if isinstance(value, Mapping) else value:
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


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("\0", "").replace("'", "''") + "'"


def _script(name: str) -> str:
    return (files("communique.sinks") / "templates" / name).read_text(encoding="utf-8")
