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

from communique.errors import ConfigurationError, JournalError, JournalLockedError, JournalMismatchError

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
CUT = "length"
"""Reason of a partial document that is not read again: its answers would be cut off again."""
AGAIN = f"(result.state = 'failed' OR result.state = 'partial' AND result.reason != '{CUT}')"
"""SQL: a result that is worth another reading (`Outcome.again`)."""
VERSION = "3"
"""Of the tables."""
OPEN = "('planned', 'submitted')"
"""SQL: states of a provider's batch that has not come to its end."""
COUNTS = """
SELECT CASE WHEN o.reason != '' THEN 'skipped' ELSE coalesce(r.state, 'left') END, count(*)
FROM occurrence o LEFT JOIN result r ON r.doc_key = o.doc_key AND r.config_fp = ? GROUP BY 1
"""
"""How many places are `ok`, `partial`, `failed`, `skipped` and `left`."""
REASONS = f"""
SELECT coalesce(nullif(o.reason, ''), result.reason), count(*)
FROM occurrence o LEFT JOIN result ON result.doc_key = o.doc_key AND result.config_fp = ?
WHERE o.reason != '' OR {AGAIN} GROUP BY 1 ORDER BY 2 DESC
"""  # noqa: S608 - ours
"""How many places are failed or skipped, or have a window that failed, for each reason, the most frequent first."""
SPENT = "SELECT tokens_in, tokens_out, tokens_cached, tokens_reasoning FROM {table} WHERE config_fp = ?"
"""The tokens of all runs with a configuration: of `spent`, or those of `provider_spent` among them."""
_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "lustre"}


def journal_path(output: Path) -> Path:
    """Return where the journal of an output lies."""
    if not output.name:
        raise ConfigurationError("the output has no name", hint="give a file name, such as out.jsonl")
    return output.with_name(output.name + ".journal.db")


def journal_files(output: Path) -> list[Path]:
    """Return what may lie beside an output while a run is at work: the journal, SQLite's files and the lock's."""
    path = journal_path(output)
    return [path.with_name(path.name + more) for more in ("", "-wal", "-shm", "-journal", ".lock", ".holder")]


def is_remote(folder: Path, mounts: str | None = None) -> bool:
    """Tell whether an existing folder lies on a network file system, where SQLite's WAL can't work."""
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text("utf-8", "replace")
        except OSError:
            return False
    fields = [line.split(" ") for line in mounts.splitlines() if line.count(" ") > 1]
    kinds = {point.replace("\\040", " "): kind for _, point, kind, *_ in fields}
    where = folder.resolve()
    return next((kinds[str(at)] for at in (where, *where.parents) if str(at) in kinds), "") in _REMOTE


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
    """Refuse a journal that says it has other tables than ours."""
    if version is not None and version != VERSION:
        raise JournalMismatchError(
            f"{path} is a journal of version {version}, not {VERSION}", hint="choose another output"
        )


@contextmanager
def locked(journal: Path) -> Iterator[None]:
    """Hold a lock beside a journal, with a note of who holds it. The kernel frees it when its holder dies."""
    lock, note = FileLock(f"{journal}.lock", timeout=0), Path(f"{journal}.holder")
    try:
        lock.acquire()
    except Timeout as error:
        holder = ""
        with suppress(OSError):
            holder = f" ({note.read_text('utf-8', 'replace')})"
        raise JournalLockedError(
            f"another run holds {journal.name}{holder}", hint="wait for it, or choose another output"
        ) from error
    except OSError as error:
        raise JournalError(f"{journal} can't be locked: {error.strerror}") from error
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    with suppress(OSError):
        note.write_text(f"process {os.getpid()} on {socket.gethostname()} since {since}", "utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def salvage(path: Path) -> int:
    """Move a damaged journal aside and build a new one of its sound rows; returns how many results were kept.

    The damaged file stays as `<name>.damaged`; a result whose checksum fails is left out and its document read again.
    Whatever is raised, the journal is left as it is.
    """
    if not path.exists():
        raise JournalError(f"there is no journal {path}", hint="nothing to salvage: run without --salvage")
    fresh, aside = path.with_name(path.name + ".salvaged"), path.with_name(path.name + ".damaged")
    with locked(path):
        try:
            fresh.unlink(missing_ok=True)  # of a salvage that was killed
            with explained(path):
                kept = _copy(path, fresh)
            for suffix in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
            fresh.replace(path)
        finally:
            for suffix in ("-wal", "-shm", ""):
                Path(f"{fresh}{suffix}").unlink(missing_ok=True)
    return kept


def _copy(damaged: Path, path: Path) -> int:
    kept = 0
    with closing(sqlite3.connect(damaged)) as old:
        check_version(damaged, dict(_sound_rows(old, "meta")).get("journal_version"))
        with closing(connect(path)) as new:
            new.execute("BEGIN")
            for (table,) in new.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in _sound_rows(old, table):
                    if table == "result" and zlib.crc32(row[5].encode()) != row[6]:
                        continue
                    new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our names
                    kept += table == "result"
            new.execute("UPDATE meta SET value = '' WHERE key IN ('complete', 'exported', 'seen')")
            new.execute("COMMIT")
    return kept


def _sound_rows(old: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    """Read forwards until a page is damaged, then backwards from the end."""
    for direction in ("ASC", "DESC"):
        with suppress(sqlite3.Error, UnicodeDecodeError):
            yield from old.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY rowid {direction}")  # noqa: S608 - our names
            return
