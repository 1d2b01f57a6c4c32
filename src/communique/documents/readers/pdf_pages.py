"""The pages of a PDF as one text: without what repeats at their edges, with the sentences that go over their ends."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Sequence

from communique.documents.paragraphs import Line, paragraphs, separators

_NARROWEST, _WIDEST = 20, 150
_EDGE = 3  # lines at the top of a page, and at its bottom, that may be those of all pages
_SAME_PLACE = 3.0  # points
_NUMBER = re.compile(r"\d+")
_END = re.compile(r"[.!?…。！？:؟۔।][\"”’»」』)\]\u203a]*$")
_LIST = re.compile(r"(\(?\w{1,4}[).]|o)\s")
_CUT_WORD = re.compile(r"([^\W\d_]+)[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W\d_]*")


def without_running_heads(pages: Sequence[list[Line]]) -> tuple[list[list[Line]], int]:
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


def joined(pages: Sequence[list[Line]]) -> tuple[str, list[int]]:
    """Return the text of pages, a line for each paragraph, and the offsets at which they begin.

    A sentence that goes on behind the end of a column or of a page isn't cut there.
    """
    text = ""
    starts: list[int] = []
    before: Line | None = None
    for lines in pages:
        if not lines:
            starts.append(len(text))
            continue
        found = separators(lines, narrowest=_NARROWEST, widest=_WIDEST)
        for at, (above, below) in enumerate(itertools.pairwise(lines)):
            if found[at] == "\n" and below.bottom - above.bottom > 4 * above.unit and _goes_on(above, below):
                found[at] = _separator(above, below, pages)
        between = "\n\n" if text else ""
        if before is not None and _goes_on(before, lines[0]):
            between = _separator(before, lines[0], pages)
        text = text[:-1] if between == "-" else text + between
        starts.append(len(text))
        text += "\n".join(paragraphs(lines, found))
        before = lines[-1]
    return text, starts


def _edges(lines: list[Line]) -> list[Line]:
    known = sorted((line for line in lines if line.right > line.left), key=lambda line: line.bottom)
    return known if len(known) <= 2 * _EDGE else known[:_EDGE] + known[-_EDGE:]


def _goes_on(line: Line, following: Line) -> bool:
    """Tell whether the first line of a column or a page goes on with the sentence of the last one before."""
    return (
        following.text[0].islower()
        and not _END.search(line.text)
        and not _LIST.match(following.text)
        and not (line.cells or following.cells)
        and 0.8 < line.unit / following.unit < 1.25
    )


def _separator(line: Line, following: Line, pages: Sequence[list[Line]]) -> str:
    """Return what goes between two lines of a sentence: a space, nothing behind a hyphen, or `-` for "without it"."""
    first = _CUT_WORD.search(line.text)
    if first is None:
        return " "
    second = _FIRST_WORD.match(following.text)
    whole = f"{first.group(1)}-{second.group() if second else ''}".casefold()
    return "" if any(whole in each.text.casefold() for lines in pages for each in lines) else "-"
