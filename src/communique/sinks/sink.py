"""Sink: what takes summaries, one at a time, and leaves a file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from communique.errors import ConfigurationError, UnknownNameError
from communique.plugins import load, names, usable
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import NotesOf


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What a user may choose for all sinks of a run.

    Attributes:
        csv_raw: Leave cells as they are, also those that a spreadsheet would run as a formula.
        title: Title of a report.
        record_types: Types whose tables exist even when there are no rows.
        full: JSON and JSONL: complete records, with all checks and nulls, instead of lean ones.
        notes: What others say of records, such as `communique.screening.notes_of(path)`; the HTML report shows it in their
            cards, in this order.
    """

    csv_raw: bool = False
    title: str | None = None
    record_types: tuple[type[Record], ...] = STANDARD_RECORDS
    full: bool = False
    notes: tuple[NotesOf, ...] = ()


@runtime_checkable
class Sink(Protocol):
    """An output format. `communique.sinks.fan_out` opens it on a temporary path and renames afterwards.

    A sink that needs several files makes them beside the path it was given, named from it (`OUT.meetings.csv`).

    Attributes:
        name: Its name, as in `--to NAME`.
        suffix: Ending of its files, with the dot; the longest one that fits a path decides.
        tables: Whether it leaves one file per record type instead of one file; a sink without it leaves one.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]
    tables: ClassVar[bool] = False

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file at `path`."""

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add one document's summary.

        Args:
            summary: The checked summary.
            text: The article that the offsets count in; `summary.document.text` if None.
        """

    def close(self) -> None:
        """End the file, so that it is complete on disk."""


class TextFileSink:
    """Writes a file of text: `head`, the pieces with `between` between them, `tail`. A sink says what its pieces are.

    Attributes:
        full: Whether complete records are asked for, where there are lean ones.
    """

    tables: ClassVar[bool] = False
    head: ClassVar[str] = ""
    between: ClassVar[str] = ""
    tail: ClassVar[str] = ""

    full: bool

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterable[str]:
        """Return what is written of one document."""
        raise NotImplementedError

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file."""
        self.full = options.full
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write(self.head)
        self._separator = ""

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add one document."""
        for piece in self.pieces(summary, text):
            self._file.write(self._separator + piece)
            self._separator = self.between

    def close(self) -> None:
        """End the file."""
        if not self._file.closed:
            self._file.write(self.tail)
            self._file.close()


class JsonListSink(TextFileSink):
    """Writes a JSON array, an item a line; `head` and `tail` may put an object around it."""

    head: ClassVar[str] = "["
    between: ClassVar[str] = ","
    tail: ClassVar[str] = "\n]\n"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterable[Any]:
        """Return what JSON can hold of one document."""
        raise NotImplementedError

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterable[str]:
        """Return the items as lines of JSON."""
        return (f"\n{json_line(item)}" for item in self.items(summary, text))


def sink_named(name: str) -> Sink:
    """Return a new sink of that name.

    Raises:
        UnknownNameError: There is none; the hint has the nearest name.
        MissingExtraError: It needs one of our extras.
        ConfigurationError: It is a stranger's and can't be made.
    """
    kind = load("sinks", name)
    try:
        sink: Sink = kind()
    except Exception as error:
        raise ConfigurationError(
            f"can't create the sink {name!r}: {type(error).__name__}: {error}",
            hint="a sink is a class that takes no arguments",
        ) from error
    return sink


def sink_for(path: Path) -> Sink:
    """Return a new sink for a file name: the longest suffix that fits wins.

    Raises:
        UnknownNameError: No sink writes such files.
    """
    kinds = (kind for _, kind in usable("sinks"))  # a stranger's broken sink is no reason to refuse ours
    fitting = [k for k in kinds if hasattr(k, "suffix") and path.name.lower().endswith(k.suffix)]
    if not fitting:
        known = ", ".join(names("sinks"))
        raise UnknownNameError(
            f"no sink writes files like {path.name!r}",
            hint=f"choose one with --to: {known}; a sink that was just added is known after the next install"
            if known
            else "",
        )
    best: type[Sink] = max(fitting, key=lambda kind: len(kind.suffix))
    return best()


def table_path(path: Path, kind: str) -> Path:
    """Return the path of a record type's table beside `path`: `out.csv` gives `out.meetings.csv`.

    A key of a stranger's file may hold anything: what is no letter, digit, `-` or `_` never reaches the file system.
    """
    safe = re.sub(r"[^A-Za-z0-9_-]", "_", kind)[:60]
    if safe != kind:
        safe += "-" + hashlib.sha256(kind.encode("utf-8", "replace")).hexdigest()[:8]
    return path.with_name(f"{path.stem}.{safe}{path.suffix}")
