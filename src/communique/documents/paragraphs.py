"""Which line ends stand inside a paragraph: text that was cut at a column, by hand, by a mail program or on a page.

A line was cut where the first word of the next one had no room on it. So the margin of a stretch of lines is its widest
line, and a line end is one of the wrapping where the next word would have passed that margin. What is no running text
(lists, tables, verse, addresses, rules, code) has lines that end before the margin, or marks at which lines begin.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from communique.documents.sanitise import Sanitised, edited
from communique.documents.sentence_ends import CLOSED, ENDS

_WIDEST = 100  # columns: a longer line was not cut at a column

_NARROWEST = 45
_FEW = 5
_CJK = "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_WIDE = re.compile(f"[{_CJK}]")
_CJK_ENDS = re.compile(f"[{_CJK}]\n[{_CJK}]")
_ENDS = re.compile(f"[{ENDS}]{CLOSED}")
_MARK = re.compile(
    r"([-*+•·‣▪■●○–—o]|\(?([0-9]{1,3}|[a-zA-Z]|[ivxIVX]{1,5})\)|\d{1,3}\.|`{3}|~{3}|\[\d+\])(\s|$)|[>|#@]"
)
_ORDINAL = re.compile(r"\d{1,3}\.\s")
_FIELD = re.compile(r"[A-Z][\w-]*( [\w-]+){0,2}:\s")
_CODE = re.compile(r"^[{\[<]|[{}\]>]$")
_RULE = re.compile(r"[\W_]+$")
_CELLS = re.compile(r"\S(\t| {3,})\S")
_HYPHEN = re.compile(r"[^\W\d_]([-\u2010])$")
_LAST_WORD = re.compile(r"([^\W_]+)[-\u2010]$")
_FIRST_WORD = re.compile(r"[^\W_]+")
_HANGING = frozenset("und oder bzw bis sowie and or to et ou y o e en of og och i".split())  # noqa: SIM905
"""Words before which a hyphen hangs: "export- and import controls"."""


@dataclass(frozen=True, slots=True)
class Line:
    """A visual line; `left`, `right` and `head` in one unit, columns or points."""

    text: str  # without white space around it
    left: float
    right: float
    head: float  # room that its first word and the space before it take
    unit: float = 1.0  # width of a letter
    apart: bool = False  # it begins a new stretch: a blank line, another size, another column before it
    cells: bool = False  # it is a row of a table
    bottom: float = 0.0  # where it stands on its page, from below, in points


def separators(lines: Sequence[Line], *, narrowest: float = _NARROWEST, widest: float = _WIDEST) -> list[str]:
    r"""Return what goes between each line and the next: `\n`, a space, nothing, or `-` for "without its hyphen".

    Running text is at least `narrowest` letters wide; what is wider than `widest` was not cut.
    """
    stretches: list[list[Line]] = []
    for line in lines:
        if line.apart or not stretches:
            stretches.append([])
        stretches[-1].append(line)
    margins = [_own_margin(stretch, narrowest, widest) for stretch in stretches]
    known = whole_words(lines)
    found: list[str] = []
    for stretch, own_margin in zip(stretches, margins, strict=True):
        left, unit = stretch[0].left, stretch[0].unit
        margin, sure, wrapped = own_margin or 0.0, True, own_margin is not None
        if not wrapped:
            others = zip(stretches, margins, strict=True)
            near = [m for other, m in others if m is not None and abs(other[0].left - left) <= 4 * unit]
            own = max(line.right for line in stretch)
            margin, sure = max([own, *near]), bool(near) and max(near) >= own
            wrapped = margin - left >= narrowest * unit and own - left <= widest * unit
        for above, below in itertools.pairwise(stretch):
            joins = wrapped and _joins(above, below, margin, sure=sure)
            found.append(separator(above, below, known) if joins else "\n")
        found.append("\n")
    return found[:-1]


def join_lines(clean: Sanitised) -> Sanitised:
    """Return a text without the line ends that stand inside its paragraphs, and a note of how many they were."""
    text = clean.text
    if "\n" not in text.strip():
        return clean
    spans, lines, blank = [], [], True
    for match in re.finditer(r"[^\n]*\n?", text):
        line = match.group().rstrip()
        core = line.lstrip()
        if not core:
            blank = True
            continue
        left = _width(line) - _width(core)
        head = 2 if _WIDE.match(core) else 1 + _width(core.split(maxsplit=1)[0])
        spans.append((match.start() + len(line) - len(core), match.start() + len(line)))
        lines.append(Line(core, left, left + _width(core), head, apart=blank, cells=bool(_CELLS.search(core))))
        blank = False
    edits = []
    for (_, end), (start, _), between in zip(spans, spans[1:], separators(lines), strict=False):
        if between == "-":
            edits.append((end - 1, start, ""))
        elif between != "\n":
            edits.append((end, start, between))
    if not edits:
        return clean
    return edited(clean, edits, f"{len(edits)} line ends inside paragraphs joined")


def separator(line: Line, following: Line, known: set[str]) -> str:
    """Return what goes between two lines of a paragraph, as `separators` has it.

    `known`, the `whole_words` of the text, tell a hyphen of the wrapping from one of the word.
    """
    before, behind = line.text, following.text
    if _CJK_ENDS.match(f"{before[-1]}\n{behind[0]}"):
        return ""
    first, last = _FIRST_WORD.match(behind), _LAST_WORD.search(before)
    if not (_HYPHEN.search(before) and first and last):
        return "" if before.endswith(("/", "\u2014")) or re.search(r"\d[-\u2010\u2013]$", before) else " "
    one, two = last.group(1).casefold(), first.group().casefold()
    if two in _HANGING:
        return " "
    if not first.group()[0].islower():
        return ""
    if one + two in known or (f"{one}-{two}" not in known and not (one in known and two in known)):
        return "-"
    return ""


def whole_words(lines: Sequence[Line]) -> set[str]:
    """Return the words that stand whole in lines, some of which end in a hyphen."""
    found: set[str] = set()
    if any(_HYPHEN.search(line.text) for line in lines):
        for line in lines:
            words = re.findall(r"[^\W_]+(?:[-\u2010][^\W_]+)*[-\u2010]?", line.text.casefold())
            found.update(w.replace("\u2010", "-") for w in words[1:] if not w.endswith(("-", "\u2010")))
    return found


def _own_margin(several: Sequence[Line], narrowest: float, widest: float) -> float | None:
    """Return the margin of a stretch of three lines or more that looks wrapped by itself."""
    if len(several) < 3:
        return None
    margin = max((line.right for line in several if " " in line.text or _WIDE.search(line.text)), default=0.0)
    width = margin - min(line.left for line in several)
    if not narrowest * several[0].unit <= width <= widest * several[0].unit:
        return None
    if all(_ENDS.search(line.text) for line in several[:-1]):  # a sentence a line
        return None
    full = sum(_is_full(a, b, margin) for a, b in itertools.pairwise(several))
    pairs = len(several) - 1
    return margin if full * 2 >= pairs + (pairs < _FEW) else None  # of a few, more than half


def _is_full(line: Line, following: Line, margin: float) -> bool:
    return line.right + following.head > margin + 0.01 * line.unit


def _joins(line: Line, following: Line, margin: float, *, sure: bool) -> bool:
    if _CODE.search(line.text) or _CODE.search(following.text):
        return False
    if line.cells or following.cells or _RULE.match(line.text) or _RULE.match(following.text):
        return False
    full = _is_full(line, following, margin)
    ends = bool(_ENDS.search(line.text))
    if _MARK.match(following.text) and not (_ORDINAL.match(following.text) and full and not ends):
        return False
    if _FIELD.match(following.text) or line.text.startswith(("#", ">", "|")):
        return False
    lower = following.text[0].islower()
    if following.left - line.left > 1.5 * line.unit and not _MARK.match(line.text) and (ends or not lower):
        return False
    if full:
        return sure or lower
    return lower and not ends and line.right - line.left >= 0.6 * (margin - line.left)


def _width(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def paragraphs(lines: Sequence[Line], found: Iterable[str]) -> str:
    """Return the text that lines and their separators make, a line for each paragraph."""
    pairs = zip(lines, [*found, ""], strict=True)
    return "".join(line.text[:-1] if between == "-" else line.text + between for line, between in pairs)
