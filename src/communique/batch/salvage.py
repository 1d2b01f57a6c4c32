"""Salvage: take over what can be read of a damaged journal."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from communique.batch.journal_file import JournalLock, connect
from communique.errors import JournalError

_TABLES = {
    "meta": "key",
    "result": "rowid",
    "occurrence": "ordinal",
    "unusable": "rowid",
    "spent": "config_fp",
    "provider_batch": "rowid",
    "provider_request": "rowid",
    "provider_spent": "config_fp",
}


def salvage(path: Path) -> int:
    """Move a damaged journal aside and build a new one of its sound rows; returns how many results were kept.

    The damaged file stays as `<name>.damaged`; a result whose checksum fails is left out and its document read again.

    Args:
        path: The journal.

    Raises:
        JournalError: It isn't there.
        JournalLockedError: A run holds it.
    """
    if not path.exists():
        raise JournalError(f"there is no journal {path}", hint="nothing to salvage: run without --salvage")
    lock = JournalLock(path)
    lock.acquire()
    try:
        aside = path.with_name(path.name + ".damaged")
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(str(path) + suffix).replace(str(aside) + suffix)
        path.replace(aside)
        return _copy(aside, path)
    finally:
        lock.release()


def _copy(damaged: Path, path: Path) -> int:
    kept = 0
    with closing(connect(path)) as new, closing(sqlite3.connect(damaged)) as old:
        new.execute("BEGIN")
        for table in _TABLES:
            for row in _sound_rows(old, table):
                if table == "result" and zlib.crc32(row[5].encode()) != row[6]:
                    continue
                new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608 - our names
                kept += table == "result"
        new.execute("UPDATE meta SET value = '' WHERE key IN ('complete', 'exported')")
        new.execute("COMMIT")
    return kept


def _sound_rows(old: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    """Read forwards until a page is damaged, then backwards from the end."""
    found: list[tuple[Any, ...]] = []
    order = _TABLES[table]
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
