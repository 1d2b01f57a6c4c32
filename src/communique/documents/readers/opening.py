"""Open files, folders, globs and standard input as documents; find the reader of a file by its first bytes and its suffix."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import glob
import logging
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from communique import plugins
from communique.documents.document import Document
from communique.documents.readers.bounded import HEAD, head_of
from communique.documents.readers.reader import Reader, ReadError, ReadOptions, Skipped, printable
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
_UTF_8_MARK = b"\xef\xbb\xbf"

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
_ERRORS = {"empty": EmptyDocumentError, "no_text": EmptyDocumentError, "too_long": DocumentTooLongError}

_SUFFIXES: dict[str, tuple[str, ...]] = {
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
"""Those of the built-ins, so that finding one imports none; a test compares them with the classes."""

_MAGIC = {b"%PDF-": "pdf", b"PAR1": "parquet", b"WARC/": "warc", b"PK\x03\x04": "docx", b"PK\x05\x06": "docx"}
_BINARIES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\x7fELF": "an ELF program",
    b"MZ\x90": "a Windows program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a Java class or macOS program",
    b"\0asm": "a WebAssembly program",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Office file (.doc, .xls, .ppt)",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "Zstandard-compressed",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ\0": "xz-compressed",
    b"SQLite format 3\0": "an SQLite database",
    b"OggS": "an Ogg recording",
    b"ID3": "an MP3 recording",
    b"RIFF": "a RIFF recording or picture",
    b"{\\rtf": "an RTF file",
    b"filedesc://": "an ARC archive, older than WARC: convert it, such as with warcio recompress",
}
_VIDEOS = {b"ftypisom", b"ftypmp42", b"ftypM4A ", b"ftypqt  ", b"ftypheic", b"ftypavif"}

_HTML = re.compile(rb"\s*(<!--.{0,1000}?-->\s*)*<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL)
_XHTML = re.compile(rb"\s*<\?xml[^>]*>.{0,500}<html[\s>]", re.IGNORECASE | re.DOTALL)
_FEED = re.compile(rb"\s*(?=<)(<\?xml[^>]*>)?.{0,1500}?<(rss|feed|rdf:rdf)[\s>]", re.IGNORECASE | re.DOTALL)
_JSON = re.compile(rb'\s*(\[\s*)?\{\s*"[^"\n]{1,200}"\s*:')
_ENVELOPE = re.compile(rb"From \S.{5,200}\d{4}\r?\n(?=[!-9;-~]+:)")  # the line above each message of a folder of mail
_FIELDS = re.compile(rb"([!-9;-~]+):.*\r?\n(?:[ \t].*\r?\n)*", re.IGNORECASE)
_OF_MAIL = {b"from", b"date", b"subject", b"return-path", b"delivered-to", b"snapshot-content-location"}
_OF_MAIL_ALONE = {b"mime-version", b"message-id", b"received"}


def open_documents(
    inputs: Iterable[str | Path] | str | Path, options: ReadOptions | None = None
) -> Iterator[Document | Skipped]:
    """Read files, folders (all files below, sorted), globs and `-` (one article from standard input), in order.

    A file's reader is found by its first bytes, then by its suffix; gzip is taken off. What can't be read comes as
    `Skipped`, and its neighbours are read.

    Raises:
        UnreadableDocumentError: A path or a pattern leads nowhere; before anything is read.
    """
    options = options or ReadOptions()
    several = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    files = [found for each in several for found in expand(str(each), options)]
    return (found for name, strict in files for found in _read(name, options, strict=strict))


def read_article(source: str | Path, options: ReadOptions | None = None) -> Document:
    """Read one article from a file or from standard input (`-`).

    Raises:
        UnreadableDocumentError: It is missing, a folder, binary, not to be decoded, or contains several articles.
        EmptyDocumentError: It holds no text.
        DocumentTooLongError: It is longer than `options.max_chars`.
    """
    name = str(source)
    shown = printable(name)
    for_several = f"communique batch {shlex.quote(shown)} -o out.jsonl"
    kind = input_kind(name)
    if kind == "folder":
        raise UnreadableDocumentError(f"{shown} is a folder", hint=for_several)
    if kind == "missing":
        raise _missing(name)
    found = _read(name, options or ReadOptions(), strict=False)
    first = next(found, None)
    if first is None:
        raise EmptyDocumentError(f"there is no article in {shown}")
    if isinstance(first, Skipped):
        raise error_of(first)
    if next(found, None) is not None:
        raise UnreadableDocumentError(f"{shown} contains several articles", hint=for_several)
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
        what = f"{shown!r} is a web address, and communique doesn't fetch pages"
        return UnreadableDocumentError(what, hint=f"curl -L '{shown}' | communique extract -")
    return UnreadableDocumentError(f"there is no file {shown!r}", hint="check the path, or use - for standard input")


def expand(name: str, options: ReadOptions | None = None) -> list[tuple[str, bool]]:
    """Return the files of one input, each with whether it was found in a folder rather than named.

    What the options leave out is not among them. An input that leads nowhere is an UnreadableDocumentError.
    """
    kind = input_kind(name)
    if kind == "folder":
        path = Path(name)
        shown = (p for p in path.rglob("*") if not any(n.startswith(".") for n in p.relative_to(path).parts))
        found = [str(p) for p in sorted(shown) if p.is_file()]
    elif kind != "missing":
        found = [name]
    elif not glob.has_magic(name):
        raise _missing(name)
    else:
        paths = glob.glob(name, recursive=True)  # noqa: PTH207 - the pattern may be absolute
        found = sorted(m for m in paths if input_kind(m) == "file")
        if not found:
            raise UnreadableDocumentError(f"no file matches {printable(name)!r}", hint="check the pattern")
    left = options.sifted(found) if options and kind != "stream" else found
    if kind == "missing" and not left:
        raise UnreadableDocumentError(f"{printable(name)!r} matches only what is written", hint="name the articles")
    return [(each, kind == "folder") for each in left]


def _read(name: str, options: ReadOptions, *, strict: bool) -> Iterator[Document | Skipped]:
    source = printable(options.source or ("standard input" if name == STDIN else str(Path(name))))
    options = dataclasses.replace(options, source=source)
    try:
        with _as_file(name, options) as path:
            yield from _reader(path, options, strict=strict).read(path, options)
    except MissingExtraError as error:
        yield Skipped(source, "missing_extra", str(error))
    except ReadError as error:
        yield Skipped(source, error.reason, error.detail)
    except OSError as error:
        yield Skipped(source, "unreadable", error.strerror or str(error))
    except CommuniqueError:
        raise
    except Exception as error:  # noqa: BLE001 - somebody else's reader must not end the run
        _LOG.warning("a reader raised on %s", source, exc_info=True)
        yield Skipped(source, "extract_failed", f"its reader raised {type(error).__name__}: {error}"[:300])


@contextlib.contextmanager
def _as_file(name: str, options: ReadOptions) -> Iterator[Path]:
    """Give an input as a file that can be opened again; a stream is stored for that."""
    if input_kind(name) != "stream":
        yield Path(name)
        return
    with contextlib.nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as stream:
        raw = stream.read(options.max_container + 1)
    if len(raw) > options.max_container:
        raise ReadError("too_long", f"more than {options.max_container:,} bytes")
    with tempfile.TemporaryDirectory(prefix="communique-") as folder:
        path = Path(folder) / "stream"
        path.write_bytes(raw)
        yield path


def _reader(path: Path, options: ReadOptions, *, strict: bool) -> Reader:
    """Find the reader: what the bytes say for certain, then the suffix, then text for a file that was named.

    A file of JSON is never taken for text: its braces and keys would be read as the article.
    """
    head = head_of(path, options.max_ratio)
    for begins, kind in _BINARIES.items():
        if head.startswith(begins):
            raise ReadError("binary", f"it is {kind}")
    if head[4:12] in _VIDEOS:
        raise ReadError("binary", "it is a video, recording or picture")
    suffix = Path(path.name.lower().removesuffix(".gz").removesuffix(".gzip")).suffix
    by_suffix = _by_suffix().get(suffix)
    if by_suffix and by_suffix != "text":
        return _load(by_suffix)
    if by_bytes := reader_of(head):
        return _load(by_bytes)
    if not by_suffix and (strict or suffix == ".json"):
        raise ReadError("unsupported", f"no reader for {suffix or 'a file without a suffix'}")
    return _load("jsonl" if _JSON.match(head.removeprefix(_UTF_8_MARK)) else "text")


@functools.cache
def _by_suffix() -> dict[str, str]:
    """Return the reader's name of every suffix; a plug-in's reader wins over ours."""
    known = plugins.names("readers")
    found = {suffix: name for name in known for suffix in _SUFFIXES.get(name, ())}
    for name in known:
        if name not in _SUFFIXES:
            try:
                found.update(dict.fromkeys((s.lower() for s in _load(name).suffixes), name))
            except Exception as error:  # noqa: BLE001 - a plug-in's fault is no reason to read nothing
                _LOG.warning("the reader %s is skipped: %s", name, error)
    return found


@functools.cache
def _load(name: str) -> Reader:
    reader: Reader = plugins.load("readers", name)()
    return reader


def reader_of(head: bytes) -> str | None:
    """Return the name of the reader for a file with these first bytes, or None for text and for what is not known."""
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    head = head.removeprefix(_UTF_8_MARK)
    if _HTML.match(head) or _XHTML.match(head):
        return "html"
    if _FEED.match(head):
        return "feed"
    envelope = _ENVELOPE.match(head)
    if _is_mail(head[envelope.end() if envelope else 0 :]):
        return "mbox" if envelope else "eml"
    return None


def _is_mail(head: bytes) -> bool:
    """Tell whether a header of mail comes first, which the pages that browsers save have too."""
    names: set[bytes] = set()
    at = 0
    while field := _FIELDS.match(head, at):
        names.add(field.group(1).lower())
        at = field.end()
    whole = at >= len(head) or head[at : at + 2].startswith((b"\n", b"\r\n")) or len(head) >= HEAD
    return whole and bool(names & _OF_MAIL_ALONE) and len(names & (_OF_MAIL | _OF_MAIL_ALONE)) > 1
