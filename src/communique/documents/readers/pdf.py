"""PDF with a text layer, without what repeats at the edges of pages; OCR is not done, pages without text are counted."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from communique.documents.paragraphs import Line, paragraphs, separator, separators, whole_words
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
_NARROWEST, _WIDEST = 20, 150
_EDGE = 3  # lines at the top of a page, and at its bottom, that may be those of all pages
_SAME_PLACE = 3.0  # points
_NUMBER = re.compile(r"\d+")
_END = re.compile(r"[.!?…。！？:؟۔।][\"”’»」』)\]\u203a]*$")
_LIST = re.compile(r"(\(?\w{1,4}[).]|o)\s")


class PdfReader(SandboxedReader):
    """Reads the text layer of a PDF as one article."""

    suffixes = (".pdf",)


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a PDF; runs in the worker. One that is encrypted, damaged or without a text layer is a ReadError."""
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        return [_article(pypdfium2.PdfDocument(raw), int(hints["max_chars"]))]
    except pypdfium2.PdfiumError as error:
        if error.err_code in {FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY}:
            raise ReadError("encrypted", "the PDF needs a password") from error
        detail = " ".join(str(error).split())[:200]
        raise ReadError("unreadable", f"a damaged PDF: {detail}") from error


def _article(pdf: Any, max_chars: int) -> Article:
    read: list[list[Line]] = []
    size = unknown = 0
    total = len(pdf)
    for number in range(min(total, MAX_PAGES)):
        lines, known = _read(pdf[number])
        read.append(lines)
        unknown += not known
        size += sum(len(line.text) + 1 for line in lines)
        if size > max_chars + 2 * MAX_PAGES:
            raise ReadError("too_long", f"more than the limit of {max_chars:,} characters")
    blank = read.count([])
    if blank == len(read):
        why = "its fonts don't map to letters" if unknown else "the PDF has no text layer"
        raise ReadError("no_text", f"{why}; communique does no OCR, so run that first")
    pages, running = _without_running_heads(read)
    notes = {
        f"{blank} of {len(read)} pages without text; communique does no OCR": blank,
        f"{unknown} of {len(read)} pages left out, because their fonts don't map to letters": unknown,
        f"only the first {MAX_PAGES} of {total} pages were read": total > MAX_PAGES,
        f"{running} lines left out that repeat at the edges of pages": running,
    }
    text, starts = _joined(pages)
    title = pdf.get_metadata_value("Title")
    return Article(
        text,
        title=None if _NO_TITLE.search(title.strip()) else title,
        notes=tuple(note for note, applies in notes.items() if applies),
        pages=tuple(starts),
        wrapped=False,
    )


def _read(page: Any) -> tuple[list[Line], bool]:
    """Return the lines of a page, none where its letters are not known; and whether all of them are."""
    layer = page.get_textpage()
    text = layer.get_text_range()
    if len(_UNKNOWN.findall(text)) > _MOST_UNKNOWN * len(text):
        return [], False
    if len(text) == layer.count_chars():
        lines = list(_lines(text, layer))
    else:  # nobody knows which box is whose
        lines = [Line(core, 0, 0, 0, apart=True) for line in text.splitlines() if (core := line.strip())]
    known = _known(page, layer)
    layer.close()
    page.close()
    return lines, known


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
        yield dataclasses.replace(line, apart=above is None or not _same_paragraph(above, line, usual))


def _line(layer: Any, text: str, start: int, stop: int, hyphen: str) -> Line:
    """Return a stretch of the text with its place, in points: half the height of its letters is their width."""
    first, last = (layer.get_charbox(at, loose=True) for at in (start, stop - 1))
    height = max(first[3] - first[1], last[3] - last[1], 1.0)
    spaces = list(_SPACE.finditer(text, start, stop))
    gaps = (layer.get_charbox(m.end())[0] - layer.get_charbox(m.start() - 1)[2] for m in spaces)
    end = layer.get_charbox(spaces[0].start() - 1, loose=True)[2] if spaces else last[2]
    return Line(
        text[start:stop] + hyphen,
        first[0],
        last[2],
        head=end - first[0] + 0.25 * height,
        unit=height / 2,
        cells=any(gap > _GUTTER * height for gap in gaps),
        bottom=min(first[1], last[1]),
    )


def _height(line: Line) -> float:
    return 2 * line.unit


def _room_between(line: Line, other: Line) -> float | None:
    """Return the room between a line and what goes on behind it at about the same height; None for another line."""
    room = other.left - line.right
    beside = abs(other.bottom - line.bottom) < 0.6 * max(_height(line), _height(other))
    return room if beside and -0.3 * _height(line) < room < _height(line) else None


def _same_paragraph(line: Line, other: Line, usual: float) -> bool:
    """Tell whether the other line may go on with the paragraph of this one, as far as their places say."""
    drop = line.bottom - other.bottom
    return (
        0 < drop <= max(1.5 * _height(line), min(1.3 * usual, 3 * _height(line)))
        and 0.8 < _height(line) / _height(other) < 1.25
        and other.left < line.right
        and line.left < other.right
    )


def _without_running_heads(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], int]:
    """Return the lines of pages without their running heads and numbers, and how many these were.

    A line is one if it stands, but for its digits, at the same height of most pages, or of most that face the same way.
    A page that holds nothing else keeps them.
    """
    places: dict[str, list[tuple[int, float]]] = collections.defaultdict(list)
    edges = [_edges(lines) for lines in pages]
    for number, edge in enumerate(edges):
        for line in edge:
            places[_NUMBER.sub("#", line.text)].append((number, line.bottom))
    full = [number for number, lines in enumerate(pages) if lines]
    kept, dropped = [], 0
    for number, lines in enumerate(pages):
        facing = [n for n in full if n % 2 == number % 2]
        running = [line for line in edges[number] if _repeats(places[_NUMBER.sub("#", line.text)], line, full, facing)]
        left = [line for line in lines if not any(line is each for each in running)]
        kept.append(left or lines)
        dropped += len(lines) - len(kept[-1])
    return kept, dropped


def _repeats(places: list[tuple[int, float]], line: Line, full: list[int], facing: list[int]) -> bool:
    """Tell whether a line stands on most pages, or on most of those that face the same way."""
    alike = {number for number, bottom in places if abs(bottom - line.bottom) <= _SAME_PLACE}
    most = len(alike) * 2 > len(full) or len(alike.intersection(facing)) * 2 > len(facing) > 2
    return len(alike) > 1 and most


def _edges(lines: list[Line]) -> list[Line]:
    known = sorted((line for line in lines if line.right > line.left), key=lambda line: line.bottom)
    return known if len(known) <= 2 * _EDGE else known[:_EDGE] + known[-_EDGE:]


def _joined(pages: Sequence[list[Line]]) -> tuple[str, list[int]]:
    """Return the text of pages, a line for each paragraph, and the offsets at which they begin.

    A sentence that goes on behind the end of a column or of a page isn't cut there.
    """
    text = ""
    starts: list[int] = []
    before: Line | None = None
    known = whole_words([line for lines in pages for line in lines])
    for lines in pages:
        if not lines:
            starts.append(len(text))
            continue
        found = separators(lines, narrowest=_NARROWEST, widest=_WIDEST)
        for at, (above, below) in enumerate(itertools.pairwise(lines)):
            if found[at] == "\n" and below.bottom - above.bottom > 4 * above.unit and _goes_on(above, below):
                found[at] = separator(above, below, known)
        between = "\n\n" if text else ""
        if before is not None and _goes_on(before, lines[0]):
            between = separator(before, lines[0], known)
        text = text[:-1] if between == "-" else text + between
        starts.append(len(text))
        text += paragraphs(lines, found)
        before = lines[-1]
    return text, starts


def _goes_on(line: Line, following: Line) -> bool:
    """Tell whether the first line of a column or a page goes on with the sentence of the last one before."""
    return (
        following.text[0].islower()
        and not _END.search(line.text)
        and not _LIST.match(following.text)
        and not (line.cells or following.cells)
        and 0.8 < line.unit / following.unit < 1.25
    )
