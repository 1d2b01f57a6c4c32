"""An index of a list, on disk: which entries share words, sounds or known name forms with a name."""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import UTC, datetime
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from communique.errors import MissingExtraError, OutputError, UnreadableDocumentError
from communique.schemas.record import Part
from communique.screening.entries import Entry, entries

if TYPE_CHECKING:
    from rigour.names import Name

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


class NameIndex(AbstractContextManager["NameIndex"]):
    """A list of known names, ready to be asked. Use it as a context manager; open in one thread only.

    Attributes:
        version: Which list it is.
        skipped: What is wrong with rows and columns of the list.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        version, skipped = database.execute("SELECT version, skipped FROM list").fetchone()
        self.version = ListVersion.model_validate_json(version)
        self.skipped: tuple[str, ...] = tuple(json.loads(skipped))
        self._database = database
        database.create_function("weight", 1, lambda count: math.log(1 + self.version.entries / count))

    @classmethod
    def of(cls, path: Path | str, *, mapping: Mapping[str, str] | None = None, index: Path | str | None = None) -> Self:
        """Open the index of a list; it is built first unless `index` is one of this very list.

        Args:
            path: FollowTheMoney entities, one JSON object a line, or CSV.
            mapping: Names of columns in a CSV file, by `communique.screening.entries.COLUMNS`.
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
    """Return the keys of names: their words in ASCII, the sounds, the known forms of names and terms, and all words together."""
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
        with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as database:
            return bool(database.execute("SELECT wanted FROM list").fetchone() == (wanted,))
    except sqlite3.Error as error:
        why = f"{index} is no index of a list, so it isn't overwritten"
        raise OutputError(why, hint="give --index another path") from error


def _built(target: str, path: Path, mapping: dict[str, str], digest: str, wanted: str) -> sqlite3.Connection:
    from followthemoney import model
    from followthemoney.names import entity_names

    told: list[str] = []
    faults, number = itertools.count(), 0

    def tell(line: int, why: str) -> None:
        if next(faults) < _TOLD:
            told.append(f"{path.name}, line {line}: {why}")

    with ExitStack() as undone:
        database = undone.enter_context(closing(sqlite3.connect(target)))
        database.executescript(_TABLES)
        for number, entry in enumerate(entries(path, mapping, tell), 1):
            keys = _keys(entity_names(model.get_proxy(entry), consolidate=False))
            database.executemany("INSERT INTO found VALUES (?, ?)", ((key, number) for key in keys))
            database.execute("INSERT INTO entry VALUES (?, ?)", (number, json.dumps(entry, ensure_ascii=False)))
        if not number:
            why = "; ".join([f"{path} has no entry with a name", *told[-1:]])
            raise UnreadableDocumentError(why, hint="is it the right file?")
        if (more := next(faults) - _TOLD) > 0:
            told.append(f"{path.name}: {more:,} more faults")
        last = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        which = ListVersion(name=path.name, sha256=digest, date=last, entries=number)
        database.execute("INSERT INTO list VALUES (?, ?, ?)", (wanted, which.model_dump_json(), json.dumps(told)))
        database.executescript(_SORTED)
        undone.pop_all()
    return database
