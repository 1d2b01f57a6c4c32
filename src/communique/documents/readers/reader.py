"""What every reader needs: its protocol and options, what it skips, the article that a parser finds, days as written."""

from __future__ import annotations

import codecs
import datetime as dt
import functools
import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from fnmatch import translate
from pathlib import Path
from typing import Protocol, runtime_checkable

from communique.documents.document import Document, checked_language, parse_date
from communique.documents.sanitise import sanitise
from communique.errors import ConfigurationError, EmptyDocumentError

MAX_NAME = 2000  # code points of an id, a title, an outlet or an address; longer ones are cut

DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}[^\W\d_]{0,2}[./ -]+(?:de )?[^\W\d_]+[./ -]+(?:de )?\d{4}"
    r"|[^\W\d_]+\.? \d{1,2}[^\W\d_]{0,2},? \d{4}|\d{1,2}[./] ?\d{1,2}[./] ?\d{4}"
    r"|\d{4}\s?[./年년]\s?\d{1,2}\s?[./月월]\s?\d{1,2}[日일]?"
)
"""Where a text may have a day; `as_date` says whether it is one."""

_UNIX_TIME = re.compile(r"(\d{9,10})(\.\d+|\d{3})?")
_WHOLE_DATE = re.compile(r"(?<!\d)\d{4}(?!\d)|\d[-./]\d{1,2}[-./]\d\d(?!\d)")
_WEEK_DATE = re.compile(r"\d{4}-?W\d\d($|[^\d-])", re.IGNORECASE)

SKIPS = (
    *("binary", "empty", "too_long", "wrong_encoding", "encrypted", "no_text", "bad_row", "unsupported", "unreadable"),
    *("missing_column", "missing_extra", "http_status", "extract_timeout", "extract_memory", "extract_failed", "bomb"),
)
"""Why our readers can't read an input."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; every reader takes what concerns it. Columns are those of JSONL, CSV and Parquet.

    Raises:
        ConfigurationError: `published` is not an ISO date, `language` is no code, or the encoding is unknown.
    """

    text_field: str = "text"
    title_field: str | None = None  # a column; None means `title` or `headline`, where there is one
    date_field: str | None = None  # None means `published` or `date`
    id_field: str | None = None  # None means `id`
    url_field: str | None = None  # None means `url`
    published: str | None = None  # ISO date of everything that is read; wins over what the source says
    language: str | None = None  # ISO 639-1 code of everything that is read; None means detected
    outlet: str | None = None  # publisher of everything that is read; None means what the source says
    encoding: str | None = None  # of text; None means marks, then UTF-8, then UTF-16 by its pattern
    max_chars: int = 5_000_000  # code points; a longer text is skipped
    max_ratio: int = 100  # most bytes that one byte of a compressed source may become
    seconds: float = 20.0  # processor seconds that the parser of a hostile format has for one document
    memory: int = 1 << 30  # bytes of address space that it has
    source: str | None = None  # what to call the input, for people; None means its path
    without: tuple[str, ...] = ()  # patterns of real paths: files that are no input, such as what is written

    def __post_init__(self) -> None:
        if self.encoding:
            check_encoding(self.encoding)
        if self.language:
            checked_language(self.language)
        try:
            if self.published is not None:
                parse_date(self.published)
        except ValueError as error:
            raise ConfigurationError(
                f"the publication date {self.published!r} is not an ISO date", hint="give it as --published 2024-05-31"
            ) from error

    def leaving_out(self, *paths: str | Path, more: str = "") -> ReadOptions:
        """Return these options without some files; `more` is a pattern of what may stand behind their names."""
        patterns = tuple(glob.escape(os.path.realpath(path)) + more for path in paths)
        return replace(self, without=self.without + patterns)

    def sifted(self, files: Sequence[str]) -> list[str]:
        """Return the files that are not left out, in order."""
        if not self.without:
            return list(files)
        names = map(os.path.basename, self.without)
        last, whole = (re.compile("|".join(map(translate, p))) for p in (names, self.without))
        # Few names fit: only those files, and links, are looked up.
        fits = (f for f in files if os.path.islink(f) or last.match(os.path.basename(f)))  # noqa: PTH114, PTH119 - many
        out = {f for f in fits if whole.match(os.path.realpath(f))}
        return [f for f in files if f not in out]

    @property
    def max_bytes(self) -> int:
        """Most bytes of plain text that `max_chars` code points can take."""
        return 4 * self.max_chars + 4

    @property
    def max_container(self) -> int:
        """Most bytes of a page, a PDF or another file that holds more than its text: at least 64 MiB."""
        return max(self.max_bytes, 64 << 20)


def check_encoding(name: str) -> str:
    """Return the name of an encoding of text as Python knows it; what is none is a ConfigurationError."""
    try:
        info = codecs.lookup(name)
        b"\0\0\0\0".decode(name, "replace")  # refuses codecs that don't make text, such as base64
    except (LookupError, UnicodeError) as error:
        hint = "use one such as utf-8, cp1252 or gb18030"
        raise ConfigurationError(f"unknown text encoding {name!r}", hint=hint) from error
    return info.name


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input, or one row of it, that can't be read. A value, not an error: its neighbours are read."""

    source: str  # file name, with the row, page or record behind a colon
    reason: str  # machine-readable: one of `SKIPS`, or a plug-in's
    detail: str  # one line for people


class ReadError(Exception):
    """A file or a document in it can't be read; whoever reads it makes a `Skipped` of this."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@runtime_checkable
class Reader(Protocol):
    """Turns files of one format into documents. Built-in and third-party readers are entry points `communique.readers`."""

    suffixes: tuple[str, ...]  # lower case, with the dot

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the documents of an existing file in order; a bad one as `Skipped`.

        Raises:
            OSError: The file can't be opened.
            ReadError: It can't be read as a whole.
        """
        ...


@dataclass(frozen=True, slots=True)
class Article:
    """What a parser found in one document, as it stands there. JSON carries it out of the sandbox."""

    text: str
    title: str | None = None
    published: str | None = None
    published_basis: str | None = None  # where the date stands: page metadata, WARC header, feed entry, column NAME
    language: str | None = None  # ISO 639-1 code, or a tag that begins with one
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    id: str | None = None
    notes: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()  # offsets in `text`
    wrapped: bool = True  # its lines may be cut at a column; False where a line is a paragraph

    def to_document(self, source: str, options: ReadOptions) -> Document | Skipped:
        """Clean it and make the document, or say why there is none: `too_long`, `empty`.

        The article's address wins over `source`, the options win over what was found.
        """
        if len(self.text) > options.max_chars:
            detail = f"{len(self.text):,} characters, the limit is {options.max_chars:,}"
            return Skipped(printable(source), "too_long", detail)
        notes = self.notes + ((f"author: {_line(self.author)}",) if self.author else ())
        published, basis = as_date(self.published), self.published_basis
        if self.published and published is None:
            notes += (f"not a date ({basis or 'source'}): {_line(self.published)[:80]!r}",)
        if options.published:
            published, basis = parse_date(options.published), "given"
        language = re.match(r"[a-z]{2}(?=[-_]|$)", (self.language or "").strip().lower())
        try:
            return Document.from_text(
                self.text,
                id=_line(self.id) or None,
                title=_line(self.title) or None,
                published=published,
                published_basis=basis,
                source=_line(self.url) or printable(source),
                language=options.language or (language and language.group()),
                outlet=options.outlet or _line(self.outlet) or None,
                notes=notes,
                pages=self.pages,
                wrapped=self.wrapped,
            )
        except EmptyDocumentError:
            return Skipped(printable(source), "empty", "there is no text")


def printable(name: str) -> str:
    """Return a file name without control characters and lone surrogates, for people and for JSON."""
    return sanitise(name).text


def _line(value: str | None) -> str:
    return " ".join(sanitise(value).text.split())[:MAX_NAME] if value else ""


@functools.lru_cache(maxsize=4096)
def as_date(value: str | None) -> dt.date | None:
    """Return the day as written, whatever the zone; None for what is no day, or may be two ("03/04/2026")."""
    text = " ".join((value or "").split())[:80]
    if not text or _WEEK_DATE.match(text):
        return None
    try:
        return parse_date(text)
    except ValueError:
        pass
    if seconds := _UNIX_TIME.fullmatch(text):
        return dt.datetime.fromtimestamp(int(seconds.group(1)), dt.UTC).date()
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _named(text) if _WHOLE_DATE.search(text) else None


def _named(text: str) -> dt.date | None:
    """Read a date with dateparser, which knows the months of 200 languages and comes with the extra `readers`."""
    try:
        import dateparser
    except ModuleNotFoundError:
        return None
    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = {dateparser.parse(text, settings={**settings, "DATE_ORDER": order}) for order in ("DMY", "MDY", "YMD")}
    except (ValueError, OverflowError, RecursionError):
        return None
    days = {each.date() for each in found if each and each.year >= 1900}
    return days.pop() if len(days) == 1 else None
