"""The file of a journal: its tables, how it is opened and locked, and what SQLite says of it in words of ours."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from communique.batch.filesystem import is_remote
from communique.errors import ConfigurationError, JournalError, JournalLockedError, JournalMismatchError
from communique.schemas import Usage

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS result (
  doc_key BLOB NOT NULL, config_fp TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
  payload TEXT NOT NULL, crc INTEGER NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
  tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, tokens_cached INTEGER NOT NULL,
  tokens_reasoning INTEGER NOT NULL,
  cost REAL NOT NULL, seconds REAL NOT NULL, attempts INTEGER NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (doc_key, config_fp)) STRICT;
CREATE TABLE IF NOT EXISTS occurrence (
  ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL, doc_key BLOB NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS occurrence_key ON occurrence (doc_key, ordinal);
CREATE TABLE IF NOT EXISTS unusable (
  doc_key BLOB NOT NULL, config_fp TEXT NOT NULL, answer TEXT NOT NULL, PRIMARY KEY (doc_key, config_fp)) STRICT;
CREATE TABLE IF NOT EXISTS spent (
  config_fp TEXT PRIMARY KEY, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, tokens_cached INTEGER NOT NULL,
  tokens_reasoning INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS provider_batch (
  name TEXT PRIMARY KEY, config_fp TEXT NOT NULL, state TEXT NOT NULL, batch_id TEXT NOT NULL,
  requests INTEGER NOT NULL, detail TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS provider_request (
  custom_id TEXT PRIMARY KEY, doc_key BLOB NOT NULL, config_fp TEXT NOT NULL, batch TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL, tokens INTEGER NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS provider_request_document ON provider_request (doc_key, config_fp, state);
CREATE INDEX IF NOT EXISTS provider_request_batch ON provider_request (batch, state);
CREATE TABLE IF NOT EXISTS provider_spent (
  config_fp TEXT PRIMARY KEY, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, tokens_cached INTEGER NOT NULL,
  tokens_reasoning INTEGER NOT NULL) STRICT;
"""
_ORDERS = {
    "meta": "key",
    "result": "rowid",
    "occurrence": "ordinal",
    "unusable": "rowid",
    "spent": "config_fp",
    "provider_batch": "rowid",
    "provider_request": "rowid",
    "provider_spent": "config_fp",
}
"""Every table, and what its rows are ordered by."""
CUT = "length"
"""Reason of a partial document that is not read again: its answers would be cut off again."""
AGAIN = f"(result.state = 'failed' OR result.state = 'partial' AND result.reason != '{CUT}')"
"""SQL: a result that is worth another reading (`Outcome.again`)."""
VERSION = "3"
"""Of the tables."""
OPEN = ("planned", "submitted")
"""States of a provider's batch that has not come to its end."""


def journal_path(output: Path) -> Path:
    """Return where the journal of an output lies.

    Raises:
        ConfigurationError: The output has no name.
    """
    if not output.name:
        raise ConfigurationError("the output has no name", hint="give a file name, such as out.jsonl")
    return output.with_name(output.name + ".journal.db")


def journal_files(output: Path) -> list[Path]:
    """Return what may lie beside an output while a run is at work: the journal, SQLite's files and the lock's."""
    path = journal_path(output)
    return [path.with_name(path.name + more) for more in ("", "-wal", "-shm", "-journal", ".lock", ".holder")]


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal's file, durable and with its tables. Only under the lock."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        db.execute(f"PRAGMA journal_mode={'DELETE' if is_remote(path.parent) else 'WAL'}")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA cell_size_check=ON")
        db.executescript(_TABLES)
    except BaseException:
        db.close()
        raise
    return db


def counts_in(db: sqlite3.Connection, config_fp: str) -> dict[str, int]:
    """Return how many places are `ok`, `partial`, `failed`, `skipped` and `left`."""
    sql = (
        "SELECT CASE WHEN o.reason != '' THEN 'skipped' ELSE coalesce(r.state, 'left') END, count(*) FROM"
        " occurrence o LEFT JOIN result r ON r.doc_key = o.doc_key AND r.config_fp = ? GROUP BY 1"
    )
    return dict(db.execute(sql, (config_fp,)).fetchall())


def reasons_in(db: sqlite3.Connection, config_fp: str) -> dict[str, int]:
    """Return how many places are failed or skipped, or have a window that failed, for each reason, the most frequent first."""
    sql = (
        "SELECT coalesce(nullif(o.reason, ''), result.reason), count(*) FROM occurrence o LEFT JOIN result ON"  # noqa: S608 - ours
        f" result.doc_key = o.doc_key AND result.config_fp = ? WHERE o.reason != '' OR {AGAIN} GROUP BY 1 ORDER BY 2 DESC"
    )
    return dict(db.execute(sql, (config_fp,)).fetchall())


def spent_in(db: sqlite3.Connection, config_fp: str, table: str = "spent") -> Usage:
    """Return the tokens of all runs with a configuration, or of its part in another table."""
    sql = f"SELECT tokens_in, tokens_out, tokens_cached, tokens_reasoning FROM {table} WHERE config_fp = ?"  # noqa: S608 - our names
    return Usage.of(db.execute(sql, (config_fp,)).fetchone() or ())


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise what SQLite says as an error of ours."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "full" in said or "disk I/O" in said:
            raise JournalError(
                f"disk full: no space left in {path.parent} ({said})",
                hint="free some space, then run the same command again",
            ) from error
        if "readonly" in said or "unable to open" in said:
            raise JournalError(f"{path} can't be written: {said}", hint="choose another folder") from error
        raise JournalError(f"{path} is damaged: {said}", hint="--salvage recovers what can be read") from error


def check_version(path: Path, version: str | None) -> None:
    """Make sure that a journal has our tables, as far as it says.

    Raises:
        JournalMismatchError: It was made by another version.
    """
    if version is not None and version != VERSION:
        raise JournalMismatchError(
            f"{path} is a journal of version {version}, not {VERSION}", hint="choose another output"
        )


class JournalLock:
    """A lock beside a journal, with a note of who holds it. The kernel frees it when its holder dies."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._lock = FileLock(str(journal) + ".lock", timeout=0)
        self._note = Path(str(journal) + ".holder")

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            JournalLockedError: Another process has it.
            JournalError: The lock can't be made.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            holder = ""
            with suppress(OSError):
                holder = f" ({self._note.read_text('utf-8', 'replace')})"
            raise JournalLockedError(
                f"another run holds {self._journal.name}{holder}",
                hint="wait for it, or choose another output",
            ) from error
        except OSError as error:
            raise JournalError(f"{self._journal} can't be locked: {error.strerror}") from error
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        with suppress(OSError):
            self._note.write_text(f"process {os.getpid()} on {socket.gethostname()} since {since}", "utf-8")

    def release(self) -> None:
        """Let it go."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()


def salvage(path: Path) -> int:
    """Move a damaged journal aside and build a new one of its sound rows; returns how many results were kept.

    The damaged file stays as `<name>.damaged`; a result whose checksum fails is left out and its document read again.

    Args:
        path: The journal.

    Raises:
        JournalError: It isn't there, or the new one can't be written; it is left as it is.
        JournalMismatchError: It was made by another version; it is left as it is.
        JournalLockedError: A run holds it.
    """
    if not path.exists():
        raise JournalError(f"there is no journal {path}", hint="nothing to salvage: run without --salvage")
    lock = JournalLock(path)
    lock.acquire()
    fresh, aside = path.with_name(path.name + ".salvaged"), path.with_name(path.name + ".damaged")
    try:
        fresh.unlink(missing_ok=True)  # of a salvage that was killed
        with explained(path):
            kept = _copy(path, fresh)
        for suffix in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
        fresh.replace(path)
        return kept
    finally:
        for suffix in ("-wal", "-shm", ""):
            Path(f"{fresh}{suffix}").unlink(missing_ok=True)
        lock.release()


def _copy(damaged: Path, path: Path) -> int:
    kept = 0
    with closing(sqlite3.connect(damaged)) as old:
        check_version(damaged, dict(_sound_rows(old, "meta")).get("journal_version"))
        with closing(connect(path)) as new:
            new.execute("BEGIN")
            for table in _ORDERS:
                for row in _sound_rows(old, table):
                    if table == "result" and zlib.crc32(row[5].encode()) != row[6]:
                        continue
                    new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our names
                    kept += table == "result"
            new.execute("UPDATE meta SET value = '' WHERE key IN ('complete', 'exported', 'seen')")
            new.execute("COMMIT")
    return kept


def _sound_rows(old: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Read forwards until a page is damaged, then backwards from the end."""
    found: list[tuple[Any, ...]] = []
    order = _ORDERS[table]
    for direction in ("ASC", "DESC"):
        before = len(found)
        try:
            cursor = old.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY {order} {direction}")  # noqa: S608 - our names
            while (row := cursor.fetchone()) is not None:
                found.append(row)
            if direction == "ASC":
                break
        except (sqlite3.Error, UnicodeDecodeError):
            if len(found) == before:
                continue
    return found
