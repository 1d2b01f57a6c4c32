"""Article: what a parser found, before it is cleaned and becomes a document."""

from __future__ import annotations

from dataclasses import dataclass

from communique.documents.document import Document, parse_date
from communique.documents.readers.dates import as_date
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.sanitise import sanitise
from communique.errors import EmptyDocumentError

MAX_NAME = 2000
"""Code points that an id, a title, an outlet or an address may have; longer ones are cut."""


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
