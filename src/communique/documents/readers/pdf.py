"""PDF with a text layer; where its pages begin is kept. Pages without text are counted; OCR is not done."""

from __future__ import annotations

import dataclasses
import itertools
import re
import statistics
from collections.abc import Iterator
from typing import Any

from communique.documents.paragraphs import Line
from communique.documents.readers.pdf_pages import joined, without_running_heads
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader

MAX_PAGES = 500
_HYPHENS = {"\ufffe", "\x02"}  # what PDFium writes for a hyphen at a line's end
_VISUAL_LINE = re.compile(r"[^\r\n\ufffe\x02]+")
_SPACE = re.compile(r"\s+")
_NO_TITLE = re.compile(
    r"^(Microsoft \w+ - |untitled|slide 1$)|\.(docx?|dotx?|odt|rtf|indd|qxd|tex|dvi|pdf|pptx?|xlsx?|pmd)$",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"[\x00\x01\x03-\x08\x0e-\x1f\ue000-\uf8ff]")
_MOST_UNKNOWN = 0.2
_FEW_PIECES = 3
_TOUCHING = 0.15
_GUTTER = 2.0  # letter heights between two words: more is the space between two cells or columns


class PdfReader(SandboxedReader):
    """Reads the text layer of a PDF as one article."""

    suffixes = (".pdf",)


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a PDF; runs in the worker.

    Raises:
        ReadError: It is encrypted, damaged or has no text layer.
    """
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        pdf = pypdfium2.PdfDocument(raw)
        return [_article(pdf, int(hints["max_chars"]))]
    except pypdfium2.PdfiumError as error:
        if error.err_code in {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}:
            raise ReadError("encrypted", "the PDF needs a password") from error
        detail = " ".join(str(error).split())[:200]
        raise ReadError("unreadable", f"a damaged PDF: {detail}") from error


def _article(pdf: Any, max_chars: int) -> Article:
    read: list[_Page] = []
    size = 0
    total = len(pdf)
    for number in range(min(total, MAX_PAGES)):
        read.append(_read(pdf[number]))
        size += sum(len(line.text) + 1 for line in read[-1].lines)
        if size > max_chars + 2 * MAX_PAGES:
            raise ReadError("too_long", f"more than the limit of {max_chars:,} characters")
    blank, unknown = sum(not page.lines for page in read), sum(not page.known for page in read)
    notes: tuple[str, ...] = (f"{blank} of {len(read)} pages without text; communique does no OCR",) if blank else ()
    if unknown:
        notes += (f"{unknown} of {len(read)} pages left out, because their fonts don't map to letters",)
    if blank == len(read):
        why = "its fonts don't map to letters" if unknown else "the PDF has no text layer"
        raise ReadError("no_text", f"{why}; communique does no OCR, so run that first")
    if total > MAX_PAGES:
        notes += (f"only the first {MAX_PAGES} of {total} pages were read",)
    pages, running = without_running_heads([page.lines for page in read])
    if running:
        notes += (f"{running} lines left out that repeat at the edges of pages",)
    text, starts = joined(pages)
    title = pdf.get_metadata_value("Title")
    return Article(
        text, title=None if _NO_TITLE.search(title.strip()) else title, notes=notes, pages=tuple(starts), wrapped=False
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Page:
    """The lines of a page, none where its letters are not known; and whether all of them are."""

    lines: list[Line]
    known: bool


def _read(page: Any) -> _Page:
    layer = page.get_textpage()
    text = layer.get_text_range()
    if len(_UNKNOWN.findall(text)) > _MOST_UNKNOWN * len(text):
        return _Page([], known=False)
    if len(text) == layer.count_chars():
        lines = list(_lines(text, layer))
    else:  # nobody knows which box is whose
        lines = [Line(core, 0, 0, 0, apart=True) for line in text.splitlines() if (core := line.strip())]
    known = _known(page, layer)
    layer.close()
    page.close()
    return _Page(lines, known)


def _known(page: Any, layer: Any) -> bool:
    """Tell whether PDFium found letters for the pieces of text: it has none for a font that is not in the file."""
    from pypdfium2.raw import FPDF_PAGEOBJ_TEXT, FPDFTextObj_GetText

    pieces = empty = 0
    for piece in page.get_objects(filter=[FPDF_PAGEOBJ_TEXT], max_depth=5):
        pieces += 1
        empty += FPDFTextObj_GetText(piece.raw, layer.raw, None, 0) <= 2  # bytes of an empty string
    return empty <= max(_FEW_PIECES, _MOST_UNKNOWN * pieces)


def _lines(text: str, layer: Any) -> Iterator[Line]:
    """Yield the visual lines of a page with their places, in the order of reading."""
    seen: list[Line] = []
    for match in _VISUAL_LINE.finditer(text):
        core = match.group().strip()
        if not core:
            continue
        start = match.start() + match.group().index(core[0])
        hyphen = "-" if text[match.end() : match.end() + 1] in _HYPHENS else ""
        line = _line(layer, text, start, start + len(core), hyphen)
        room = _room_between(seen[-1], line) if seen else None
        if room is None:
            seen.append(line)
        else:  # what stands higher or lower on the same line, such as the number of a footnote
            last = seen.pop()
            space = "" if room < _TOUCHING * _height(last) else " "
            seen.append(dataclasses.replace(last, text=last.text + space + line.text, right=line.right))
    drops = [a.bottom - b.bottom for a, b in itertools.pairwise(seen)]
    usual = statistics.median([d for d in drops if d > 0] or [0])
    for above, line in zip([None, *seen], seen, strict=False):
        yield dataclasses.replace(line, apart=above is None or not _go_on(above, line, usual))


def _line(layer: Any, text: str, start: int, stop: int, hyphen: str) -> Line:
    """Return a stretch of the text with its place, in points: half the height of its letters is their width."""
    first, last = (layer.get_charbox(at, loose=True) for at in (start, stop - 1))
    height = max(first[3] - first[1], last[3] - last[1], 1.0)
    word = _SPACE.search(text, start, stop)
    end = layer.get_charbox(word.start() - 1, loose=True)[2] if word else last[2]
    gaps = (
        layer.get_charbox(m.end())[0] - layer.get_charbox(m.start() - 1)[2] for m in _SPACE.finditer(text, start, stop)
    )
    cells = any(gap > _GUTTER * height for gap in gaps)
    head = end - first[0] + 0.25 * height
    bottom = min(first[1], last[1])
    return Line(text[start:stop] + hyphen, first[0], last[2], head, height / 2, cells=cells, bottom=bottom)


def _height(line: Line) -> float:
    return 2 * line.unit


def _room_between(line: Line, other: Line) -> float | None:
    """Return the room between a line and what goes on behind it at about the same height; None for another line."""
    room = other.left - line.right
    beside = abs(other.bottom - line.bottom) < 0.6 * max(_height(line), _height(other))
    return room if beside and -0.3 * _height(line) < room < _height(line) else None


def _go_on(line: Line, other: Line, usual: float) -> bool:
    """Tell whether the other line may go on with the paragraph of this one."""
    drop = line.bottom - other.bottom
    return (
        0 < drop <= max(1.5 * _height(line), min(1.3 * usual, 3 * _height(line)))
        and 0.8 < _height(line) / _height(other) < 1.25
        and other.left < line.right
        and line.left < other.right
    )
