"""Export: published files are absent, the old ones, or complete; rows stand in input order."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from communique.batch.filesystem import written_whole
from communique.batch.journal import Journal
from communique.errors import JournalError, OutputError
from communique.schemas import STANDARD_RECORDS, Record
from communique.schemas.lean import lean_form
from communique.schemas.stored import json_line


def in_form(line: str, record_types: Iterable[type[Record]], *, full: bool) -> str:
    """Return a stored line as it is published: complete (`full`), as it is; else lean."""
    return line if full else json_line(lean_form(json.loads(line), record_types))


def manifest_path(output: Path) -> Path:
    """Return where the failures of an output are listed."""
    return output.with_name(f"{output.stem}.failed{output.suffix or '.jsonl'}")


def export(
    journal: Journal, output: Path, record_types: Sequence[type[Record]] = STANDARD_RECORDS, *, full: bool = False
) -> tuple[int, int]:
    """Write the output and, if anything failed, its manifest of failures; return how many rows each has.

    Raises:
        OutputError: A file can't be written; the old ones are still there.
        JournalError: A stored result is damaged.
    """
    manifest = manifest_path(output)
    done = failed = 0
    with replacing(output) as rows, replacing(manifest) as failures:
        for row in journal.rows():
            if row["skip_reason"] or row["state"] == "failed":
                failures.write(json_line(_failure(row)) + "\n")
                failed += 1
            elif row["state"] is not None:
                rows.write(in_form(line_of(row, journal.path), record_types, full=full) + "\n")
                done += 1
    if not failed:
        with suppress(OSError):
            manifest.unlink()
    return done, failed


def line_of(row: sqlite3.Row, where: Path) -> str:
    """Return the line of a place in the input: the stored one, with that place's id and source.

    Raises:
        JournalError: The stored line is not what was stored.
    """
    payload: str = row["payload"]
    if zlib.crc32(payload.encode()) != row["crc"]:
        raise JournalError(
            f"{where} is damaged: the result of {row['id']} fails its checksum",
            hint="--salvage recovers what can be read",
        )
    duplicate = row["first"] != row["ordinal"]
    if not duplicate and row["id"] == row["read_id"] and row["source"] == row["read_source"]:
        return payload
    return moved(payload, row["read_id"] if duplicate else "", id=row["id"], source=row["source"] or None)


def moved(line: str, duplicate_of: str = "", **document: str | None) -> str:
    """Return a line with another id and source of its document, and a note if that stood in the input before."""
    content = json.loads(line)
    content["document"] |= document
    if duplicate_of:
        content["document"]["notes"] = [*content["document"].get("notes", ()), f"duplicate_of: {duplicate_of}"]
    return json_line(content)


def _failure(row: sqlite3.Row) -> dict[str, Any]:
    skipped = bool(row["skip_reason"])
    told: dict[str, Any] = {
        "ordinal": row["ordinal"],
        "id": row["id"],
        "source": row["source"],
        "state": "skipped" if skipped else "failed",
        "reason": row["skip_reason"] if skipped else row["reason"],
        "detail": row["skip_detail"] if skipped else row["detail"],
        "attempts": 0 if skipped else row["attempts"],
    }
    return told | ({"answer": row["answer"]} if row["answer"] else {})


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Give a stream whose text becomes the file at the end of the block, on disk; before that, and if it fails, nothing.

    Raises:
        OutputError: The file can't be written.
    """
    try:
        with written_whole(path) as stream:
            yield stream
    except OSError as error:
        raise OutputError(
            f"{path} can't be written: {error.strerror}", hint="free some space, then run the same command again"
        ) from error
