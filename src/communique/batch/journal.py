"""Journal: one SQLite file per output, the only memory of a run.

A result and its state are one transaction: once `record` returns, the document is done, whatever happens to the
process. There is one connection in one process, under a file lock; published files are exports
(`communique.batch.export`).
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from communique.batch.fingerprint import fingerprint
from communique.batch.journal_file import (
    AGAIN,
    COUNTS,
    OPEN,
    REASONS,
    SPENT,
    VERSION,
    check_version,
    connect,
    explained,
    locked,
)
from communique.batch.outcome import Occurrence, Outcome
from communique.errors import JournalError, JournalMismatchError
from communique.schemas import Usage

MOST_IDS = 10
"""Most ids that are named of those that stand for more than one text."""


class Journal:
    """The results of one output. Safe to call from several threads; it blocks, so call it in one.

    The file is made if it is not there. Another configuration (see `config_of`) is refused, or with `new_run` taken as it
    is: documents are read again, earlier results stay in the file.
    """

    def __init__(self, path: Path, config: dict[str, Any], *, new_run: bool = False) -> None:
        self.path = path
        self.config_fp = fingerprint(config)
        self.moved = False  # whether a document was found where another one stood in an earlier input
        self._mutex = threading.RLock()
        with ExitStack() as opened:
            opened.enter_context(locked(path))
            with explained(path):
                self._db = opened.enter_context(closing(connect(path)))
            self._adopt(config, new_run=new_run)
            self._opened = opened.pop_all()

    def _adopt(self, config: dict[str, Any], *, new_run: bool) -> None:
        check_version(self.path, self.meta("journal_version"))
        before = json.loads(self.meta("config") or "null")
        if before is not None and before != config and not new_run:
            names = sorted(k for k in {*before, *config} if before.get(k) != config.get(k))
            changes = ", ".join(f"{k}: {before.get(k)!r} → {config.get(k)!r}" for k in names)
            raise JournalMismatchError(
                f"{self.path.name} was made with another configuration ({changes})",
                hint="--new-run, in Python BatchSettings(new_run=True), reads all documents again; or choose another output",
            )
        stale = {} if before == config else {"complete": "", "seen": ""}
        self.set_meta(journal_version=VERSION, config=json.dumps(config, sort_keys=True), **stale)

    def query(self, sql: str, *bound: Any) -> list[Any]:
        """Return all rows of a query, also of tables that another file keeps in this journal."""
        with explained(self.path), self._mutex:
            return self._db.execute(sql, bound).fetchall()

    def meta(self, key: str) -> str | None:
        """Return a value that is kept with the journal."""
        return next((str(value) for (value,) in self.query("SELECT value FROM meta WHERE key = ?", key)), None)

    def set_meta(self, **values: str) -> None:
        """Keep values with the journal."""
        with self.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def has(self, key: bytes) -> bool:
        """Tell whether a document has a result."""
        return bool(self.query("SELECT 1 FROM result WHERE doc_key = ? AND config_fp = ?", key, self.config_fp))

    def record(
        self, outcomes: Sequence[Outcome], occurrences: Sequence[Occurrence] = (), spent: Usage | None = None
    ) -> None:
        """Store results and places in one transaction; one that is there is replaced. When this returns they are safe.

        `spent`: tokens of all runs with this configuration so far, those without a result included.
        """
        with self.transaction():
            self.moved = self.moved or any(map(self._elsewhere, occurrences))
            self._put("result", [self._row(o) for o in outcomes])
            self._put("occurrence", [(o.ordinal, o.id, o.source, o.key, o.reason, o.detail) for o in occurrences])
            self._put("unusable", [(o.key, self.config_fp, o.answer) for o in outcomes if o.answer])
            self._put("spent", [(self.config_fp, *spent.counts)] if spent is not None else [])

    def _elsewhere(self, place: Occurrence) -> bool:
        """Tell whether another document stood in this place of the input before."""
        rows = self.query("SELECT doc_key FROM occurrence WHERE ordinal = ?", place.ordinal)
        return any(key != place.key for (key,) in rows)

    def _put(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        sql = f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"  # noqa: S608 - our names
        try:
            self._db.executemany(sql, rows)
        except UnicodeEncodeError:  # a lone surrogate in an id or a name, which no reader of ours lets through
            self._db.executemany(sql, [tuple(map(_encodable, row)) for row in rows])

    def _row(self, o: Outcome) -> tuple[Any, ...]:
        crc = zlib.crc32(o.payload.encode())
        return (
            *(o.key, self.config_fp, o.state, o.reason, o.detail, o.payload, crc, o.id, o.source),
            *(*o.usage.counts, o.cost, o.seconds, o.attempts, time.time()),
        )

    def forget(
        self, *, reason: str | None = None, keys: Iterable[bytes] | None = None, places: int | None = None
    ) -> None:
        """Drop the results of what failed, or of which a window did, so that it is read again.

        Only those of one reason, of these documents, or of documents in the first places of the input, if given.
        """
        clause = f"config_fp = ? AND {AGAIN}"
        bound: list[str | int] = [self.config_fp]
        if reason:
            clause += " AND reason = ?"
            bound.append(reason)
        if places is not None:
            clause += " AND doc_key IN (SELECT doc_key FROM occurrence WHERE ordinal < ?)"
            bound.append(places)
        with self.transaction() as db:
            if keys is None:
                db.execute(f"DELETE FROM result WHERE {clause}", bound)  # noqa: S608 - no user text in it
            else:
                db.executemany(f"DELETE FROM result WHERE {clause} AND doc_key = ?", ((*bound, key) for key in keys))  # noqa: S608
            db.execute(
                "DELETE FROM unusable WHERE NOT EXISTS (SELECT 1 FROM result r WHERE r.doc_key = unusable.doc_key"
                " AND r.config_fp = unusable.config_fp)"
            )

    def end_input(self, count: int) -> None:
        """Drop places behind the end of the input."""
        with self.transaction() as db:
            db.execute("DELETE FROM occurrence WHERE ordinal >= ?", (count,))

    def rows(self) -> Iterator[sqlite3.Row]:
        """Yield all places in input order, joined with their results (see `communique.batch.export`)."""
        with explained(self.path):
            cursor = self._db.cursor()
            cursor.row_factory = sqlite3.Row
            yield from cursor.execute(
                "SELECT o.ordinal, o.id, o.source, o.doc_key, o.reason AS skip_reason, o.detail AS skip_detail, (SELECT"
                " min(f.ordinal) FROM occurrence f WHERE f.doc_key = o.doc_key) AS first, r.*, r.id AS read_id,"
                " r.source AS read_source, u.answer FROM occurrence o LEFT JOIN result r ON r.doc_key = o.doc_key AND"
                " r.config_fp = ? LEFT JOIN unusable u ON u.doc_key = r.doc_key AND u.config_fp = r.config_fp ORDER BY"
                " o.ordinal",
                (self.config_fp,),
            )

    def counts(self) -> dict[str, int]:
        """Return how many places are `ok`, `partial`, `failed`, `skipped` and `left`."""
        return dict(self.query(COUNTS, self.config_fp))

    def reasons(self) -> dict[str, int]:
        """Return how many places are failed or skipped for each reason, the most frequent first."""
        return dict(self.query(REASONS, self.config_fp))

    def spent(self, table: str = "spent") -> Usage:
        """Return the tokens of all runs with this configuration, or in `provider_spent` those paid at the batch price."""
        rows = self.query(SPENT.format(table=table), self.config_fp)
        return Usage.of(rows[0] if rows else ())

    def outside(self) -> int:
        """Return how many results are of documents that are not in the input, as it was read last."""
        sql = "SELECT count(*) FROM result WHERE config_fp = ? AND doc_key NOT IN (SELECT doc_key FROM occurrence)"
        return int(self.query(sql, self.config_fp)[0][0])

    def waiting(self) -> int:
        """Return how many requests are pending at the provider."""
        sql = f"SELECT coalesce(sum(requests), 0) FROM provider_batch WHERE config_fp = ? AND state IN {OPEN}"  # noqa: S608 - ours
        return int(self.query(sql, self.config_fp)[0][0])

    def same_ids(self) -> tuple[str, ...]:
        """Return the first ten ids that stand for more than one text in the input, and keep them: people are told of them."""
        sql = (
            "SELECT id FROM occurrence WHERE reason = '' GROUP BY id HAVING min(doc_key) != max(doc_key)"
            " ORDER BY min(ordinal) LIMIT ?"
        )
        found = tuple(str(name) for (name,) in self.query(sql, MOST_IDS))
        if self.meta("same_ids") != json.dumps(found):
            with suppress(JournalError):
                self.set_meta(same_ids=json.dumps(found))
        return found

    def close(self) -> None:
        """Close the file and let the lock go."""
        with self._mutex, suppress(sqlite3.Error):
            self._opened.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection inside one transaction, also for tables that another file keeps in this journal."""
        with self._mutex, explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
