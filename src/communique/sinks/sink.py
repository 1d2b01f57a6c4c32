"""Sink: what takes summaries, one at a time, and leaves a file. FanOut: one pass feeds many of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from communique.errors import CommuniqueError, ConfigurationError, OutputError, UnknownNameError
from communique.plugins import load, names, usable
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import NotesOf


@dataclass(frozen=True, slots=True)
class SinkOptions:
    """What a user may choose for all sinks of a run."""

    csv_raw: bool = False  # leave cells as they are, also those that a spreadsheet would run as a formula
    title: str | None = None  # of a report
    record_types: tuple[type[Record], ...] = STANDARD_RECORDS  # whose tables exist even when there are no rows
    full: bool = False  # JSON and JSONL: complete records, with all checks and nulls, instead of lean ones
    notes: tuple[NotesOf, ...] = ()
    """What the report's cards show of others, in this order, such as `communique.screening.notes_of(path)`."""


@runtime_checkable
class Sink(Protocol):
    """An output format. `FanOut` opens it on a temporary path and renames afterwards.

    A sink that needs several files makes them beside the path it was given, named from it (`OUT.meetings.csv`).
    """

    name: ClassVar[str]  # as in `--to NAME`
    suffix: ClassVar[str]  # of its files, with the dot; the longest one that fits a path decides
    tables: ClassVar[bool] = False  # whether it leaves a file per record type instead of one file

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file at `path`."""

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add a document's summary; offsets count in `text`, the article, or `summary.document.text` if it is None."""

    def close(self) -> None:
        """End the file, so that it is complete on disk."""


class TextFileSink:
    """Writes a file of text: `head`, the pieces with `between` between them, `tail`. A sink says what its pieces are."""

    tables: ClassVar[bool] = False
    head: ClassVar[str] = ""
    between: ClassVar[str] = ""
    tail: ClassVar[str] = ""

    full: bool

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterable[str]:
        """Return what is written of one document."""
        raise NotImplementedError

    def open(self, path: Path, options: SinkOptions) -> None:
        self.full = options.full
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write(self.head)
        self._separator = ""

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        for piece in self.pieces(summary, text):
            self._file.write(self._separator + piece)
            self._separator = self.between

    def close(self) -> None:
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
        return (f"\n{json_line(item)}" for item in self.items(summary, text))


def sink_named(name: str) -> Sink:
    """Return a new sink of that name; UnknownNameError if there is none, ConfigurationError if it can't be made."""
    kind = load("sinks", name)
    try:
        sink: Sink = kind()
    except Exception as error:
        why = f"can't create the sink {name!r}: {type(error).__name__}: {error}"
        raise ConfigurationError(why, hint="a sink is a class that takes no arguments") from error
    return sink


def sink_for(path: Path) -> Sink:
    """Return a new sink for a file name, the one with the longest suffix; UnknownNameError if none writes such files."""
    kinds = (kind for _, kind in usable("sinks"))  # a stranger's broken sink is no reason to refuse ours
    fitting = [k for k in kinds if hasattr(k, "suffix") and path.name.lower().endswith(k.suffix)]
    if not fitting:
        known = ", ".join(names("sinks"))
        hint = f"choose one with --to: {known}; a sink that was just added is known after the next install"
        raise UnknownNameError(f"no sink writes files like {path.name!r}", hint=hint if known else "")
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


class FanOut:
    """Feeds every summary to several sinks. Use it as a context manager: an exception leaves no file, old or new, touched.

    Each sink writes into a hidden folder beside its target; at the end every file is flushed to disk and renamed over
    the target, so a reader sees the old file or the whole new one. A sink with several files may be given a folder. Raises
    OutputError if a target is a folder, a symbolic link, a device, or can't be written, or if two are the same file.
    """

    def __init__(self, targets: Iterable[tuple[Sink, Path | str]], options: SinkOptions | None = None) -> None:
        self._options = options or SinkOptions()
        self._targets = [(sink, _settled(sink, Path(path))) for sink, path in targets]
        self._staged: list[tuple[Sink, Path, Path]] = []  # with the target and the hidden folder
        self._folders = contextlib.ExitStack()
        self.written: tuple[Path, ...] = ()
        """The files that were left, once it is done; one with tables leaves several."""
        paths = [path.absolute() for _, path in self._targets]
        for path in paths:
            if paths.count(path) > 1:
                raise OutputError(f"two outputs would be written to {path}", hint="give each output its own path")

    def __enter__(self) -> Self:
        """Open the sinks on their temporary files."""
        try:
            for sink, target in self._targets:
                with _told(sink, target):
                    _refuse(target)
                    hidden = TemporaryDirectory(
                        prefix=f".{target.name[:100]}.", dir=target.parent, ignore_cleanup_errors=True
                    )
                    folder = Path(self._folders.enter_context(hidden))
                    self._staged.append((sink, target, folder))
                    sink.open(folder / target.name, self._options)
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Give a summary and its article, `summary.document.text` if None, to every sink; raises OutputError."""
        text = summary.document.text if text is None else text
        for sink, target, _ in self._staged:
            with _told(sink, target):
                sink.write(summary, text)

    def __exit__(self, kind: type[BaseException] | None, *_details: object) -> None:
        """Publish the files, or drop them all if there was an exception."""
        if kind is not None:
            self._abandon()
            return
        with self._folders:
            for sink, target, _ in self._staged:
                with _told(sink, target):
                    sink.close()
            for sink, target, folder in self._staged:  # nothing is replaced where one file can't be
                with _told(sink, target):
                    for file in folder.iterdir():
                        _refuse(target.parent / file.name)
                        _sync(file)
            for sink, target, folder in self._staged:
                with _told(sink, target):
                    self.written += tuple(file.replace(target.parent / file.name) for file in sorted(folder.iterdir()))
                    _sync(target.parent)

    def _abandon(self) -> None:
        with self._folders:
            for sink, _, _ in self._staged:
                with contextlib.suppress(Exception):  # it is the first fault that is told
                    sink.close()


@contextlib.contextmanager
def _told(sink: Sink, target: Path) -> Iterator[None]:
    """Turn whatever a sink raises, a stranger's too, into our error that names it."""
    try:
        yield
    except CommuniqueError:
        raise
    except OSError as error:
        why = f"can't write {target}: {error.strerror or error}"
        raise OutputError(why, hint="is the disk full or the folder read-only?") from error
    except Exception as error:
        name = getattr(sink, "name", type(sink).__name__)
        why = f"the sink {name!r} raised {type(error).__name__} while writing {target}: {error}"
        raise OutputError(why, hint="COMMUNIQUE_LOG=debug logs where") from error


def _settled(sink: Sink, path: Path) -> Path:
    if not path.is_dir():
        return path
    if not getattr(sink, "tables", False):
        raise OutputError(f"{path} is a folder", hint=f"name a file in it: {path / ('results' + sink.suffix)}")
    return path / f"records{sink.suffix}"


def _refuse(path: Path) -> None:
    """Raise OutputError where no file can be put."""
    if path.is_symlink():
        why = f"{path} is a symbolic link; outputs are not written through links"
        raise OutputError(why, hint="give the real path")
    if path.exists() and not path.is_file():
        raise OutputError(f"{path} is not an ordinary file", hint="give a file name")
    if not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}", hint=f"mkdir -p {path.parent}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
