"""Published files are absent, the old ones, or complete. An export of a journal has its rows in input order."""

from __future__ import annotations

import json
import os
import sqlite3
import uuid
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from communique.batch.journal import Journal
from communique.errors import ConfigurationError, JournalError, OutputError
from communique.schemas import STANDARD_RECORDS, Record
from communique.schemas.lean import lean_form
from communique.schemas.stored import json_line


def check_writable(output: Path) -> None:
    """Refuse an output that can't be written, before anything is paid for: a folder, a device, a read-only place."""
    if output.is_dir():
        raise ConfigurationError(f"{output} is a folder", hint="give a file name, such as out.jsonl")
    # The file that replaces it would take a device's place.
    if str(output) == "-" or (output.exists() and not output.is_file()):
        raise ConfigurationError(f"{output} is not an ordinary file", hint="give a file name, such as out.jsonl")
    probe = output.parent / f".{output.name}.probe"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"{output} can't be written: {error.strerror}", hint="choose another folder"
        ) from error


@contextmanager
def written_whole(path: Path, *, first: bool = False) -> Iterator[TextIO]:
    """Give a stream whose text becomes a file at the end of the block, on disk; before that, and if it fails, nothing.

    With `first`, a file that is there stays as it is.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not first or not _linked(temporary, path):
            temporary.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _linked(temporary: Path, path: Path) -> bool:
    """Give a file its name unless the name is taken; False on a file system without links, where the last one wins."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Give a stream as `written_whole` does; whatever goes wrong is an OutputError."""
    try:
        with written_whole(path) as stream:
            yield stream
    except OSError as error:
        raise OutputError(
            f"{path} can't be written: {error.strerror}", hint="free some space, then run the same command again"
        ) from error


def manifest_path(output: Path) -> Path:
    """Return where the failures of an output are listed."""
    return output.with_name(f"{output.stem}.failed{output.suffix or '.jsonl'}")


def publish(output: Path, rows: Iterable[tuple[bool, str]]) -> tuple[int, int]:
    """Write lines, done ones into the output, others into its manifest of failures; return how many rows each has."""
    manifest = manifest_path(output)
    done = failed = 0
    with replacing(output) as lines, replacing(manifest) as failures:
        for is_done, line in rows:
            (lines if is_done else failures).write(line + "\n")
            done += is_done
            failed += not is_done
    if not failed:
        with suppress(OSError):
            manifest.unlink()
    return done, failed


def export(
    journal: Journal, output: Path, record_types: Sequence[type[Record]] = STANDARD_RECORDS, *, full: bool = False
) -> tuple[int, int]:
    """Publish what a journal has, or raise OutputError, or JournalError for a result that is damaged. See `publish`."""
    return publish(output, _lines(journal, record_types, full=full))


def _lines(journal: Journal, record_types: Sequence[type[Record]], *, full: bool) -> Iterator[tuple[bool, str]]:
    for row in journal.rows():
        if row["skip_reason"] or row["state"] == "failed":
            yield False, _failure(row)
        elif row["state"] is not None:
            yield True, in_form(_line(row, journal.path), record_types, full=full)


def _line(row: sqlite3.Row, where: Path) -> str:
    """Return the line of a place in the input: the stored one, with that place's id and source."""
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


def in_form(line: str, record_types: Iterable[type[Record]], *, full: bool) -> str:
    """Return a stored line as it is published: complete (`full`), as it is; else lean."""
    return line if full else json_line(lean_form(json.loads(line), record_types))


def moved(line: str, duplicate_of: str = "", **document: str | None) -> str:
    """Return a line with another id and source of its document, and a note if that stood in the input before."""
    content = json.loads(line)
    content["document"] |= document
    if duplicate_of:
        content["document"]["notes"] = [*content["document"].get("notes", ()), f"duplicate_of: {duplicate_of}"]
    return json_line(content)


def _failure(row: sqlite3.Row) -> str:
    told = {name: row[name] for name in ("ordinal", "id", "source")}
    if row["skip_reason"]:
        told |= {"state": "skipped", "reason": row["skip_reason"], "detail": row["skip_detail"], "attempts": 0}
    else:
        told |= {name: row[name] for name in ("state", "reason", "detail", "attempts")}
    if row["answer"]:
        told["answer"] = row["answer"]
    return json_line(told)
