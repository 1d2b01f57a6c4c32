"""Article: what a parser found, before it is cleaned and becomes a document; its day as sources write days."""

from __future__ import annotations

import datetime as dt
import functools
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from communique.documents.document import Document, parse_date
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.sanitise import sanitise
from communique.errors import EmptyDocumentError

MAX_NAME = 2000
"""Code points that an id, a title, an outlet or an address may have; longer ones are cut."""

DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}[^\W\d_]{0,2}[./ -]+(?:de )?[^\W\d_]+[./ -]+(?:de )?\d{4}"
    r"|[^\W\d_]+\.? \d{1,2}[^\W\d_]{0,2},? \d{4}|\d{1,2}[./] ?\d{1,2}[./] ?\d{4}"
    r"|\d{4}\s?[./年년]\s?\d{1,2}\s?[./月월]\s?\d{1,2}[日일]?"
)
"""Where a text may have a day; `as_date` says whether it is one."""

_LONGEST_DATE = 80
_SECONDS = re.compile(r"(\d{9,10})(\.\d+|\d{3})?")
_COMPLETE = re.compile(r"(?<!\d)\d{4}(?!\d)|\d[-./]\d{1,2}[-./]\d\d(?!\d)")
_WEEK = re.compile(r"\d{4}-?W\d\d($|[^\d-])", re.IGNORECASE)
_ORDERS = ("DMY", "MDY", "YMD")
_EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Article:
    """What a parser found in one document. JSON carries it out of the sandbox.

    Attributes:
        text: The text as found.
        title: Title.
        published: Date as written: ISO 8601 or that of mail (RFC 5322).
        published_basis: Where the date stands: page metadata, WARC header, feed entry, column NAME.
        language: ISO 639-1 code or a tag that begins with one.
        outlet: Publisher.
        author: Who wrote it.
        url: Address of the article.
        id: The source's own id.
        notes: Remarks of the parser.
        pages: Offsets in `text` at which pages begin.
        wrapped: Its lines may be cut at a column; False where a line is a paragraph.
    """

    text: str
    title: str | None = None
    published: str | None = None
    published_basis: str | None = None
    language: str | None = None
    outlet: str | None = None
    author: str | None = None
    url: str | None = None
    id: str | None = None
    notes: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()
    wrapped: bool = True

    def to_document(self, source: str, options: ReadOptions) -> Document | Skipped:
        """Clean it and make the document.

        Args:
            source: Where it was read; an address of the article itself wins.
            options: `published`, `language` and `outlet` win over what was found.

        Returns:
            The document, or why there is none: `too_long`, `empty`.
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
        try:
            return Document.from_text(
                self.text,
                id=_line(self.id) or None,
                title=_line(self.title) or None,
                published=published,
                published_basis=basis,
                source=_line(self.url) or printable(source),
                language=options.language or _language(self.language),
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


def _language(tag: str | None) -> str | None:
    code = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


@functools.lru_cache(maxsize=4096)
def as_date(value: str | None) -> dt.date | None:
    """Return the day as written, whatever the zone; None for what is no day, or may be two ("03/04/2026")."""
    text = " ".join((value or "").split())[:_LONGEST_DATE]
    if not text or _WEEK.match(text):
        return None
    try:
        return parse_date(text)
    except ValueError:
        pass
    if seconds := _SECONDS.fullmatch(text):
        return dt.datetime.fromtimestamp(int(seconds.group(1)), dt.UTC).date()
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _named(text) if _COMPLETE.search(text) else None


def _named(text: str) -> dt.date | None:
    """Read a date with dateparser, which knows the months of 200 languages and comes with the extra `readers`."""
    try:
        import dateparser
    except ModuleNotFoundError:
        return None
    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = {dateparser.parse(text, settings={**settings, "DATE_ORDER": order}) for order in _ORDERS}
    except (ValueError, OverflowError, RecursionError):
        return None
    days = {each.date() for each in found if each and each.year >= _EARLIEST}
    return days.pop() if len(days) == 1 else None
