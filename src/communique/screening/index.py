"""A list of known names, and its index on disk: which entries share words, sounds or known name forms with a name.

The list is FollowTheMoney entities, one JSON object a line, or CSV. A broken row costs only itself.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import itertools
import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from communique.errors import ConfigurationError, MissingExtraError, OutputError, UnreadableDocumentError
from communique.schemas.record import Part

if TYPE_CHECKING:
    from followthemoney.schema import Schema
    from rigour.names import Name

COLUMNS = ("id", "name", "aliases", "type", "country", "topics")  # of a CSV list, unless the mapping names others
SCHEMATA = {
    "individual": "Person", "organisation": "Organization", "entity": "Organization", "group": "Organization",
    "media": "Organization", "public_body": "PublicBody", "aircraft": "Airplane", "country": "Territory", "": "LegalEntity",
}  # fmt: skip
"""FollowTheMoney's schema for a `type` of a CSV list, where it isn't the schema's own name, large or small."""
Entry = dict[str, Any]  # `id`, `schema`, `caption` and `properties`: names, countries, topics
Told = Callable[[int, str], None]  # gets the line of a row with a fault, from 1, and what became of it

_TALLEST = 10  # lines of a row with line ends inside quotes; behind them a quotation mark counts as left open
_FORMAT = 3  # raise it when keys or tables change: an older index is then built anew
_MOST = 100  # entries that are compared with a name, those that share the rarest keys first
_TOLD = 5  # broken rows that are told one by one
_COMMON = {"SymbolCategory.ORG_CLASS", "SymbolCategory.INITIAL", "SymbolCategory.NUMERIC"}  # don't say whose it is
_TABLES = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
    CREATE TABLE list (wanted TEXT, version TEXT, skipped TEXT);
    CREATE TABLE entry (number INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE posting (key INTEGER, entry INTEGER, PRIMARY KEY (key, entry)) WITHOUT ROWID;
    CREATE TEMP TABLE found (key INTEGER, entry INTEGER);
"""
_SORTED = "INSERT INTO posting SELECT DISTINCT key, entry FROM found ORDER BY key, entry; DROP TABLE found;"
_NEAR = """
    WITH wanted AS MATERIALIZED (
        SELECT key, weight(count(*)) AS weight FROM posting WHERE key IN (SELECT value FROM json_each(?)) GROUP BY key
    ), shared AS (
        SELECT entry AS number, sum(weight) AS total FROM wanted JOIN posting USING (key)
        GROUP BY entry ORDER BY total DESC, entry LIMIT ?
    )
    SELECT data FROM shared JOIN entry USING (number) ORDER BY total DESC, number
"""


class ListVersion(Part):
    """Which list was asked: name of its file, SHA-256 of its bytes, ISO date of its last change, entries that have names."""

    name: str
    sha256: str
    date: str
    entries: int


class NameIndex(contextlib.AbstractContextManager["NameIndex"]):
    """A list of known names, ready to be asked. Use it as a context manager; open in one thread only."""

    def __init__(self, database: sqlite3.Connection) -> None:
        version, skipped = database.execute("SELECT version, skipped FROM list").fetchone()
        self.version = ListVersion.model_validate_json(version)
        """Which list it is."""
        self.skipped: tuple[str, ...] = tuple(json.loads(skipped))
        """What is wrong with rows and columns of the list."""
        self._database = database
        database.create_function("weight", 1, lambda count: math.log(1 + self.version.entries / count))

    @classmethod
    def of(cls, path: Path | str, *, mapping: Mapping[str, str] | None = None, index: Path | str | None = None) -> Self:
        """Open the index of a list; it is built first unless `index` is one of this very list.

        Args:
            path: FollowTheMoney entities, one JSON object a line, or CSV.
            mapping: Names of columns in a CSV file, by `id`, `name`, `aliases`, `type`, `country` or `topics`.
            index: Where it is kept for the next time; a temporary file if None.

        Raises:
            UnreadableDocumentError: The list can't be read, or has no usable entry.
            ConfigurationError: The mapping names a column that isn't there.
            MissingExtraError: The extra `screening` isn't installed.
            OutputError: The index can't be written.
        """
        path, columns = Path(path), dict(mapping or {})
        with MissingExtraError.naming("screening", "screening"):
            versions = [version(name) for name in ("rigour", "followthemoney", "nomenklatura")]
        with UnreadableDocumentError.reading(path), path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        wanted = json.dumps([_FORMAT, digest, versions, sorted(columns.items())])
        try:
            if index is None:
                return cls(_built("", path, columns, digest, wanted))  # a file without a name: SQLite removes it
            index = Path(index).absolute()
            if not index.exists() or not _is_of(index, wanted):
                index.parent.mkdir(parents=True, exist_ok=True)
                with TemporaryDirectory(prefix=f".{index.name}.", dir=index.parent) as beside:
                    _built(f"{beside}/index", path, columns, digest, wanted).close()
                    Path(beside, "index").replace(index)
            return cls(sqlite3.connect(f"{index.as_uri()}?immutable=1", uri=True))
        except (OSError, sqlite3.Error) as error:
            raise OutputError(f"can't keep the index of {path} at {index or 'a temporary file'}: {error}") from error

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def near(self, names: Iterable[Name]) -> Iterator[Entry]:
        """Yield the entries that share most with these names."""
        try:
            rows = self._database.execute(_NEAR, (json.dumps(_keys(names)), _MOST)).fetchall()
        except sqlite3.DatabaseError as error:
            raise OutputError(f"the index is damaged: {error}", hint="delete the file of --index") from error
        yield from (json.loads(data) for (data,) in rows)


def _keys(names: Iterable[Name]) -> list[int]:
    """Return the keys of names: words in ASCII, their sounds, known forms of names and terms, and all words together."""
    found: set[str] = set()
    for name in names:
        words = [part.comparable for part in name.parts if part.comparable]
        found.update(f"w {word}" for word in words)
        found.update(f"p {part.metaphone}" for part in name.parts if part.metaphone and len(part.metaphone) > 2)
        found.update(f"s {s.category} {s.id}" for s in name.symbols if str(s.category) not in _COMMON)
        found.add(f"n {' '.join(sorted(words))}")
    digests = (blake2b(key.encode("utf-8", "replace"), digest_size=8).digest() for key in found)
    return [int.from_bytes(digest, "big", signed=True) for digest in digests]


def _is_of(index: Path, wanted: str) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT wanted FROM list").fetchone() == (wanted,))
    except sqlite3.Error as error:
        why = f"{index} is no index of a list, so it isn't overwritten"
        raise OutputError(why, hint="give --index another path") from error


def _built(target: str, path: Path, mapping: dict[str, str], digest: str, wanted: str) -> sqlite3.Connection:
    from followthemoney import model
    from followthemoney.names import entity_names

    faults: list[str] = []  # the first few: a list may have a million
    number = count = 0

    def tell(line: int, why: str) -> None:
        nonlocal count
        count += 1
        if count <= _TOLD:
            faults.append(f"{path.name}, line {line}: {why}")

    with contextlib.ExitStack() as undone:
        database = undone.enter_context(contextlib.closing(sqlite3.connect(target)))
        database.executescript(_TABLES)
        for number, entry in enumerate(entries(path, mapping, tell), 1):
            keys = _keys(entity_names(model.get_proxy(entry), consolidate=False))
            database.executemany("INSERT INTO found VALUES (?, ?)", ((key, number) for key in keys))
            database.execute("INSERT INTO entry VALUES (?, ?)", (number, json.dumps(entry, ensure_ascii=False)))
        if not number:
            why = "; ".join([f"{path} has no entry with a name", *faults[-1:]])
            raise UnreadableDocumentError(why, hint="is it the right file?")
        more = [f"{path.name}: {count - _TOLD:,} more faults"] if count > _TOLD else []
        told = json.dumps(faults + more)
        last = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        which = ListVersion(name=path.name, sha256=digest, date=last, entries=number)
        database.execute("INSERT INTO list VALUES (?, ?, ?)", (wanted, which.model_dump_json(), told))
        database.executescript(_SORTED)
        undone.pop_all()
    return database


def entries(path: Path, mapping: Mapping[str, str] | None = None, tell: Told = lambda *_: None) -> Iterator[Entry]:
    """Yield the entries of a list that have names, of persons to vessels; addresses, sanctions and the like are passed over.

    Raises UnreadableDocumentError and ConfigurationError, as `NameIndex.of`.
    """
    if unknown := set(mapping or {}) - set(COLUMNS):
        raise ConfigurationError(f"a list has no {min(unknown)!r}", hint=f"known: {', '.join(COLUMNS)}")
    with (
        UnreadableDocumentError.reading(path),
        path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file,
    ):
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        is_json = path.suffix in {".json", ".jsonl", ".ndjson"} or first.lstrip().startswith("{")
        yield from _of_json(file, tell) if is_json else _of_csv(file, path, mapping or {}, tell)


@contextlib.contextmanager
def _left_out(line: int, tell: Told) -> Iterator[None]:
    """Tell why a row is left out, and go on."""
    try:
        yield
    except RecursionError:
        tell(line, "left out: nested too deeply")
    except UnicodeEncodeError as error:
        tell(line, f"left out: not UTF-8: {error.reason}")
    except (csv.Error, ValueError) as error:
        why = str(error).partition(": line ")[0]
        tell(line, f"left out: {'a quotation mark is left open' if why == 'unexpected end of data' else why}")


def _of_json(file: Iterable[str], tell: Told) -> Iterator[Entry]:
    from followthemoney import model

    for number, line in enumerate(file, 1):
        with _left_out(number, tell):
            match json.loads(line) if line.strip() else None:
                case None:
                    continue
                case {"id": key, "schema": str(name), "properties": dict(properties), **rest}:
                    if (schema := model.get(name)) is None:
                        raise ValueError(f"there is no schema {name!r}")
                    if _compared(schema):
                        yield _entry(str(key), schema, properties, rest.get("caption"))
                case _:
                    raise ValueError("no entity; `id`, `schema` and `properties` are needed")


def _of_csv(lines: Iterator[str], path: Path, mapping: Mapping[str, str], tell: Told) -> Iterator[Entry]:
    head = next(lines, "")
    delimiter = max(",;\t", key=head.count)
    header = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter), [])]
    wanted = {name: mapping.get(name, "schema" if name == "type" and "schema" in header else name) for name in COLUMNS}
    if missing := [name for key, name in wanted.items() if name not in header and (key == "name" or key in mapping)]:
        has = f"it has: {', '.join(header)[:200]}"
        raise ConfigurationError(f"{path} has no column {missing[0]!r}", hint=f"{has}; choose one: --map name=COLUMN")
    if unread := [cell for cell in header if cell not in wanted.values()]:
        tell(1, f"columns not read: {', '.join(unread)[:200]}")
    number, ahead = 2, list(itertools.islice(lines, _TALLEST))
    while ahead:
        row = csv.reader(ahead, delimiter=delimiter, strict=True)
        taken = 1  # a quotation mark that is left open costs its own line alone
        with _left_out(number, tell):
            cells = [cell.strip() for cell in next(row)]
            taken = row.line_num
            if any(cells):
                if len(cells) > len(header):
                    tell(number, "more cells than columns: is a comma in a name not quoted?")
                told = dict(reversed([*zip(header, cells, strict=False)]))  # of two columns of one name the first
                yield _of_row({key: told.get(name, "") for key, name in wanted.items()}, number, tell)
        number += taken
        ahead = [*ahead[taken:], *itertools.islice(lines, taken)]


def _of_row(cells: Mapping[str, str], line: int, tell: Told) -> Entry:
    from followthemoney import model
    from followthemoney.types import registry

    kind = cells["type"]
    schema = model.get(SCHEMATA.get(kind.lower(), kind[:1].upper() + kind[1:]))
    if schema is None or not _compared(schema):  # a name that isn't screened is worse than one of any type
        tell(line, f"kept as a person or organisation: type {kind!r} isn't known")
        schema = model[SCHEMATA[""]]
    told = {key: [value.strip() for value in cells[key].split(";")] for key in ("aliases", "country", "topics")}
    codes = {value: registry.country.clean(value) for value in told["country"] if value}
    for value in (value for value, code in codes.items() if not code):
        tell(line, f"kept without country {value!r}, which isn't known")
    properties = {"name": cells["name"], "alias": told["aliases"], "country": [*codes.values()]}
    properties["topics"] = told["topics"]
    return _entry(cells["id"] or f"line-{line}", schema, properties)


def _entry(key: str, schema: Schema, properties: Mapping[str, Any], caption: object = None) -> Entry:
    """Return an entry with the properties that are compared; ValueError if it has no name, or one that isn't Unicode."""
    types, kept = _compared(schema), {}
    for name, values in properties.items():
        given = [v for v in (values if isinstance(values, list) else [values]) if v and isinstance(v, str)]
        if given and name in types:
            kept[name] = given
    if not (names := [value for name, values in kept.items() if types[name] == "name" for value in values]):
        raise ValueError("no name")
    caption = caption if isinstance(caption, str) and caption else names[0]
    "".join([key, caption, *itertools.chain(*kept.values())]).encode()
    return {"id": key, "schema": schema.name, "caption": caption, "properties": kept}


@functools.cache
def _compared(schema: Schema) -> dict[str, str]:
    """Return the types of the properties of a schema that are kept, by name; none if its entries aren't screened."""
    from followthemoney.names import PART_TAG_PROPS

    if not (schema.matchable and any(schema.is_a(kind) for kind in ("LegalEntity", "Vehicle", "Territory"))):
        return {}
    kept = {"topics", *(name for name, _ in PART_TAG_PROPS)}
    return {n: p.type.name for n, p in schema.properties.items() if n in kept or p.type.name in {"name", "country"}}
