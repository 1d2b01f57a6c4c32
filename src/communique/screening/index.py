"""An index of a list, on disk: which entries share words, sounds or known name forms with a name."""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from hashlib import blake2b, file_digest
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from communique.errors import MissingExtraError, OutputError, UnreadableDocumentError
from communique.screening.entries import Entry, entity, entries, names_of
from communique.screening.output import ListVersion

if TYPE_CHECKING:
    from rigour.names import Name

_FORMAT = 2
"""Raise it when keys or tables change: an older index is then built anew."""
_MOST = 100
"""Entries that are compared with a name, those that share the rarest keys first."""
_TOLD = 5
"""Broken rows that are told one by one."""
_COMMON = {"SymbolCategory.ORG_CLASS", "SymbolCategory.INITIAL", "SymbolCategory.NUMERIC"}
"""Name forms that say nothing of whose name it is."""
_TABLES = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
    CREATE TABLE meta (value TEXT NOT NULL);
    CREATE TABLE entry (number INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE found (key INTEGER NOT NULL, entry INTEGER NOT NULL);
"""
_SORTED = """
    CREATE TABLE posting (key INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (key, entry)) WITHOUT ROWID;
    INSERT INTO posting SELECT DISTINCT key, entry FROM found ORDER BY key, entry;
    DROP TABLE found;
"""


class NameIndex:
    """A list of known names, ready to be asked. Use it as a context manager; open in one thread only.

    Attributes:
        version: Which list it is.
        skipped: What is wrong with rows and columns of the list.
        asked: The answers so far, by what was asked: in news the same names come again.
    """

    def __init__(self, database: sqlite3.Connection, opened: ExitStack) -> None:
        meta = json.loads(database.execute("SELECT value FROM meta").fetchone()[0])
        self.version = ListVersion(**meta["list"])
        self.skipped: tuple[str, ...] = tuple(meta["skipped"])
        self.asked: dict[Any, Any] = {}
        self._database, self._open = database, opened

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
        path = Path(path)
        try:
            with path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            versions = [version(name) for name in ("rigour", "followthemoney", "nomenklatura")]
            wanted = [_FORMAT, digest, versions, sorted((mapping or {}).items())]
        except OSError as error:
            raise UnreadableDocumentError(f"can't read {path}: {error.strerror or error}") from error
        except ImportError as error:
            raise MissingExtraError.of("screening", "screening") from error
        with ExitStack() as undone:
            target = Path(index or Path(undone.enter_context(TemporaryDirectory(prefix="communique-list-"))) / "index")
            try:
                if not _is_of(target, wanted):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as beside:
                        _build(Path(beside) / "index", path, mapping, wanted)
                        (Path(beside) / "index").replace(target)
                uri = f"{target.absolute().as_uri()}?immutable=1"
                database = undone.enter_context(closing(sqlite3.connect(uri, uri=True)))
                return cls(database, undone.pop_all())
            except (OSError, sqlite3.Error) as error:
                raise OutputError(f"can't keep the index of {path} at {target}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the index; a temporary one is removed."""
        self._open.close()

    def near(self, names: Iterable[Name]) -> Iterator[tuple[str, Entry]]:
        """Yield the entries that share most with these names, each with a key of its own in this list."""
        wanted = _keys(names)
        marks = ",".join("?" * len(wanted))
        counts = self._database.execute(
            f"SELECT key, count(*) FROM posting WHERE key IN ({marks}) GROUP BY key",  # noqa: S608 - marks only
            wanted,
        ).fetchall()
        weights = [(key, math.log(1 + self.version.entries / count)) for key, count in counts]
        if not weights:
            return
        values = ",".join("(?, ?)" for _ in weights)
        rows = self._database.execute(
            f"WITH wanted (key, weight) AS (VALUES {values}) SELECT number, data FROM entry JOIN"  # noqa: S608 - marks only
            " (SELECT entry, sum(weight) AS shared FROM wanted JOIN posting USING (key) GROUP BY entry"
            " ORDER BY shared DESC, entry LIMIT ?) ON number = entry ORDER BY shared DESC, number",
            [*(x for pair in weights for x in pair), _MOST],
        )
        for number, data in rows:
            yield f"{self.version.sha256}:{number}", json.loads(data)


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


def _is_of(index: Path, wanted: list[Any]) -> bool:
    try:
        with closing(sqlite3.connect(f"{index.absolute().as_uri()}?mode=ro", uri=True)) as database:
            meta = json.loads(database.execute("SELECT value FROM meta").fetchone()[0])
            return bool(meta["wanted"] == json.loads(json.dumps(wanted)))
    except (sqlite3.Error, ValueError, TypeError, KeyError) as error:
        if not index.exists():
            return False
        raise OutputError(
            f"{index} is no index of a list, so it isn't overwritten", hint="give --index another path"
        ) from error


def _build(target: Path, path: Path, mapping: Mapping[str, str] | None, wanted: list[Any]) -> None:
    told: list[str] = []
    faults, number = itertools.count(), 0

    def tell(line: int, why: str) -> None:
        if next(faults) < _TOLD:
            told.append(f"{path.name}, line {line}: {why}")

    with closing(sqlite3.connect(target)) as database:
        database.executescript(_TABLES)
        for number, entry in enumerate(entries(path, mapping, tell), 1):
            found = _keys(names_of(entity(str(number), entry["schema"], entry["properties"]), of_list=True))
            database.executemany("INSERT INTO found VALUES (?, ?)", ((key, number) for key in found))
            line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            database.execute("INSERT INTO entry VALUES (?, ?)", (number, line))
        if not number:
            why = f"; {told[-1]}" if told else ""
            raise UnreadableDocumentError(f"{path} has no entry with a name{why}", hint="is it the right file?")
        if (more := next(faults) - _TOLD) > 0:
            told.append(f"{path.name}: {more:,} more faults")
        last = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        which = ListVersion(name=path.name, sha256=wanted[1], date=last, entries=number)
        meta = {"wanted": wanted, "list": which.model_dump(), "skipped": told}
        database.execute("INSERT INTO meta VALUES (?)", (json.dumps(meta),))
        database.executescript(_SORTED)
        database.commit()
