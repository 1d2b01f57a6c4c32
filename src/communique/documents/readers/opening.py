"""Open files, folders, globs and standard input as documents."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import glob
import logging
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from communique import plugins
from communique.documents.document import Document
from communique.documents.readers.article import printable
from communique.documents.readers.bounded import head_of
from communique.documents.readers.reader import Reader, ReadError, ReadOptions, Skipped
from communique.documents.readers.signatures import HEAD, binary_kind, is_json, reader_of
from communique.errors import (
    CommuniqueError,
    DocumentError,
    DocumentTooLongError,
    EmptyDocumentError,
    MissingExtraError,
    UnreadableDocumentError,
)

STDIN = "-"
_LOG = logging.getLogger("communique.readers")

_HINTS = {
    "binary": "use text, or a format that `communique show readers` lists",
    "unsupported": "`communique show readers` lists what can be read",
    "wrong_encoding": "set its encoding, such as --encoding cp1252",
    "empty": "pass an article with at least one sentence",
    "no_text": "pass the text itself",
    "too_long": "split it into articles",
    "encrypted": "save a copy without a password",
    "missing_column": "set the column of the text with --text-field",
    "bad_row": "mend the row; if the text has another key, set --text-field",
}
_ERRORS: dict[str, type[DocumentError]] = {
    "empty": EmptyDocumentError,
    "no_text": EmptyDocumentError,
    "too_long": DocumentTooLongError,
}


def open_documents(
    inputs: Iterable[str | Path] | str | Path, options: ReadOptions | None = None
) -> Iterator[Document | Skipped]:
    """Read files, folders (all files below, sorted), globs and `-` (one article from standard input), in order.

    A file's reader is found by its first bytes, then by its suffix; gzip is taken off. What can't be read comes as
    `Skipped`, and its neighbours are read.

    Args:
        inputs: Paths and patterns.
        options: See `ReadOptions`.

    Raises:
        UnreadableDocumentError: A path or a pattern leads nowhere; before anything is read.
    """
    options = options or ReadOptions()
    several = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    files = [found for each in several for found in expand(str(each), options)]
    return (found for name, strict in files for found in _read_input(name, options, strict=strict))


def read_article(source: str | Path, options: ReadOptions | None = None) -> Document:
    """Read one article from a file or from standard input (`-`).

    Args:
        source: Path, or `-`.
        options: See `ReadOptions`.

    Raises:
        UnreadableDocumentError: It is missing, a folder, binary, not to be decoded, or contains several articles.
        EmptyDocumentError: It holds no text.
        DocumentTooLongError: It is longer than `options.max_chars`.
    """
    options = options or ReadOptions()
    name = str(source)
    for_several = f"communique batch {shlex.quote(printable(name))} -o out.jsonl"
    if input_kind(name) == "folder":
        raise UnreadableDocumentError(f"{printable(name)} is a folder", hint=for_several)
    if input_kind(name) == "missing":
        raise _missing(name)
    found = _read_input(name, options, strict=False)
    first = next(found, None)
    if first is None:
        raise EmptyDocumentError(f"there is no article in {printable(name)}")
    if isinstance(first, Skipped):
        raise error_of(first)
    if next(found, None) is not None:
        raise UnreadableDocumentError(f"{printable(name)} contains several articles", hint=for_several)
    return first


def error_of(skipped: Skipped) -> DocumentError:
    """Return the error that says why an input was skipped, and what to do."""
    kind = _ERRORS.get(skipped.reason, UnreadableDocumentError)
    hint = _HINTS.get(skipped.reason, "")
    return kind(f"{skipped.source}: {skipped.detail}", hint="" if hint in skipped.detail else hint)


def input_kind(name: str) -> str:
    """Return what a name leads to: `file`, `folder`, `stream` (standard input, pipes, devices) or `missing`."""
    if name == STDIN:
        return "stream"
    if not name:  # of a variable that is not set; as a path it would be the folder that one stands in
        return "missing"
    try:
        path = Path(name)
        if path.is_file():
            return "file"
        return "folder" if path.is_dir() else "stream" if path.exists() else "missing"
    except (OSError, ValueError):  # too long for a name, or with a NUL: someone gave the article itself
        return "missing"


def _missing(name: str) -> UnreadableDocumentError:
    shown = printable(name)
    shown = shown if len(shown) <= 200 else shown[:200] + "…"
    if name.startswith(("http://", "https://")):
        return UnreadableDocumentError(
            f"{shown!r} is a web address, and communique doesn't fetch pages",
            hint=f"curl -L '{shown}' | communique extract -",
        )
    return UnreadableDocumentError(f"there is no file {shown!r}", hint="check the path, or use - for standard input")


def expand(name: str, options: ReadOptions | None = None) -> list[tuple[str, bool]]:
    """Return the files of one input, each with whether it was found in a folder rather than named.

    What the options leave out is not among them.

    Raises:
        UnreadableDocumentError: It leads nowhere.
    """
    kind = input_kind(name)
    if kind == "stream":
        return [(name, False)]
    if kind == "file":
        found = [name]
    elif kind == "folder":
        path = Path(name)
        shown = (p for p in path.rglob("*") if not any(n.startswith(".") for n in p.relative_to(path).parts))
        found = [str(p) for p in sorted(shown) if p.is_file()]
    elif not glob.has_magic(name):
        raise _missing(name)
    else:
        paths = glob.glob(name, recursive=True)  # noqa: PTH207 - the pattern may be absolute
        found = sorted(m for m in paths if input_kind(m) == "file")
        if not found:
            raise UnreadableDocumentError(f"no file matches {printable(name)!r}", hint="check the pattern")
    left = options.sifted(found) if options else found
    if kind == "missing" and not left:
        raise UnreadableDocumentError(f"{printable(name)!r} matches only what is written", hint="name the articles")
    return [(each, kind == "folder") for each in left]


def _read_input(name: str, options: ReadOptions, *, strict: bool) -> Iterator[Document | Skipped]:
    if input_kind(name) != "stream":
        yield from _read_file(Path(name), options, strict=strict)
        return
    shown = options.source or ("standard input" if name == STDIN else printable(name))
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as stream:
            raw = stream.read(options.max_container + 1)
    except OSError as error:
        yield Skipped(shown, "unreadable", error.strerror or str(error))
        return
    if len(raw) > options.max_container:
        yield Skipped(shown, "too_long", f"more than {options.max_container:,} bytes")
        return
    with tempfile.TemporaryDirectory(prefix="communique-") as folder:  # readers need a file that can be reopened
        path = Path(folder) / "stream"
        path.write_bytes(raw)
        yield from _read_file(path, dataclasses.replace(options, source=shown), strict=False)


def _read_file(path: Path, options: ReadOptions, *, strict: bool) -> Iterator[Document | Skipped]:
    source = printable(options.source or str(path))
    options = dataclasses.replace(options, source=source)
    try:
        reader = _choose(path, head_of(path, HEAD, options.max_ratio), source, strict=strict)
        if isinstance(reader, Skipped):
            yield reader
        else:
            yield from reader.read(path, options)
    except MissingExtraError as error:
        yield Skipped(source, "missing_extra", str(error))
    except ReadError as error:
        yield Skipped(source, error.reason, error.detail)
    except OSError as error:
        yield Skipped(source, "unreadable", error.strerror or str(error))
    except CommuniqueError:
        raise
    except Exception as error:  # noqa: BLE001 - a stranger's reader must not end the run
        _LOG.warning("a reader raised on %s", source, exc_info=True)
        yield Skipped(source, "extract_failed", f"its reader raised {type(error).__name__}: {error}"[:300])


def _choose(path: Path, head: bytes, source: str, *, strict: bool) -> Reader | Skipped:
    """Find the reader: what the bytes say for certain, then the suffix, then text for a file that was named.

    A file of JSON is never taken for text: its braces and keys would be read as the article.
    """
    suffix = _suffix(path)
    if kind := binary_kind(head):
        return Skipped(source, "binary", f"it is {kind}")
    by_suffix = _by_suffix().get(suffix)
    by_bytes = reader_of(head)
    if by_bytes and (by_suffix is None or by_suffix == "text"):
        return _load(by_bytes)
    if by_suffix and by_suffix != "text":
        return _load(by_suffix)
    if not by_suffix and (strict or suffix == ".json"):
        return Skipped(source, "unsupported", f"no reader for {suffix or 'a file without a suffix'}")
    return _load("jsonl" if is_json(head) else "text")


def _suffix(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in {".gz", ".gzip"}:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


@functools.cache
def _by_suffix() -> dict[str, str]:
    """Return the reader's name of every suffix; a stranger's reader wins over ours."""
    known = plugins.names("readers")
    found = {suffix: name for name in known for suffix in _OURS.get(name, ())}
    for name in known:
        if name not in _OURS:
            try:
                found.update(dict.fromkeys((s.lower() for s in _load(name).suffixes), name))
            except Exception as error:  # noqa: BLE001 - a stranger's fault is no reason to read nothing
                _LOG.warning("the reader %s is skipped: %s", name, error)
    return found


_OURS: dict[str, tuple[str, ...]] = {
    "text": (".txt", ".md", ".markdown", ".text"),
    "html": (".html", ".htm", ".xhtml"),
    "pdf": (".pdf",),
    "docx": (".docx", ".docm", ".dotx", ".dotm"),
    "jsonl": (".jsonl", ".ndjson"),
    "csv": (".csv", ".tsv"),
    "parquet": (".parquet",),
    "eml": (".eml", ".mht", ".mhtml"),
    "mbox": (".mbox",),
    "warc": (".warc",),
    "feed": (".rss", ".atom", ".xml"),
}
"""Suffixes of the built-ins, so that finding one imports none; a test compares them with the classes."""


@functools.cache
def _load(name: str) -> Reader:
    reader: Reader = plugins.load("readers", name)()
    return reader
