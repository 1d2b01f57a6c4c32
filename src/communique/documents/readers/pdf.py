"""PDF with a text layer; where its pages begin is kept. Pages without text are counted; OCR is not done."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.article import Article
from communique.documents.readers.inflating import read_all
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.single import read_single

MAX_PAGES = 500
_PARSER = f"{__name__}:parse_pdf"


class PdfReader:
    """Reads the text layer of a PDF as one article, in the sandbox."""

    name = "pdf"
    suffixes = (".pdf",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the article, or why there is none."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield read_single(_PARSER, raw, options.source or str(path), options)


def parse_pdf(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a PDF; runs in the worker.

    Raises:
        ParseError: It is encrypted, damaged or has no text layer.
    """
    from pypdf import PdfReader as Pdf
    from pypdf.errors import LimitReachedError, PyPdfError

    try:
        pdf = Pdf(io.BytesIO(raw), strict=False)
        if pdf.is_encrypted and not pdf.decrypt(""):
            raise sandbox.ParseError("encrypted", "the PDF needs a password")
        return [_article(pdf, int(hints["max_chars"]))]
    except LimitReachedError as error:
        raise sandbox.ParseError(
            "bomb", f"it outgrows what its parser may make of it: {' '.join(str(error).split())[:200]}"
        ) from error
    except PyPdfError as error:
        raise sandbox.ParseError(
            "unreadable", f"a damaged PDF: {' '.join(str(error).split())[:200]}"
        ) from error


def _article(pdf: Any, max_chars: int) -> Article:
    parts: list[str] = []
    pages: list[int] = []
    size = blank = 0
    total = len(pdf.pages)
    for number in range(min(total, MAX_PAGES)):
        text = (pdf.pages[number].extract_text() or "").strip()
        blank += not text
        pages.append(size)
        parts.append(text + "\n\n")
        size += len(text) + 2
        if size > max_chars + 2 * MAX_PAGES:
            raise sandbox.ParseError("too_long", f"more than the limit of {max_chars:,} characters")
    if blank == len(parts):
        raise sandbox.ParseError("no_text", "the PDF has no text layer; OCR is not done")
    notes: tuple[str, ...] = (
        (f"{blank} of {len(parts)} pages without text; OCR is not done",) if blank else ()
    )
    if total > MAX_PAGES:
        notes += (f"only the first {MAX_PAGES} of {total} pages were read",)
    title = pdf.metadata.title if pdf.metadata else None
    return Article(
        "".join(parts).rstrip(), title=title, notes=notes, pages=tuple(p for p in pages if p < size)
    )
