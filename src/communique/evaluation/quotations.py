"""Which sentences of an article a quotation touches.

Evaluation has a splitter of its own on purpose: measured with the splitter under test, a change of that splitter would
change the ruler too. The rules are those of the project's reference scorer (`score.py`: `canon`, `sentences`, `Text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from communique.evaluation.wording import normal

_BOUNDARY = re.compile(r"(?<=[.!?。])([”\"»“’']{0,2})(\s+|(?<=。))(?=\S)")
_BEGINS_A_SENTENCE = re.compile(r"[^\W\d_a-z]|[\"“„«‘'(\[0-9–…]")
_INITIALS = re.compile(r"(\w\.)*\w")
_ABBREVIATIONS = frozenset(
    [
        "Mr",
        "Mrs",
        "Ms",
        "Dr",
        "Rep",
        "Sen",
        "Gov",
        "Gen",
        "Jr",
        "Sr",
        "St",
        "No",
        "Nos",
        "Nov",
        "Dec",
        "Jan",
        "Feb",
        "Aug",
        "Sept",
        "Oct",
        "M",
        "Mme",
        "Prof",
        "ok",
        "proc",
        "dol",
        "red",
        "ca",
        "bzw",
        "Corp",
        "Inc",
        "Co",
        "in",
        "a.m",
        "p.m",
        "R-Wis",
        "ds",
        "m.in",
    ]
)
_TYPOGRAPHY = str.maketrans("“”„«»’‘–—‑…", '"""""\'\'---.')
_SHARE = 0.3
"""A quotation touches a sentence if it shares this much of itself or of the sentence."""

SentenceKey = int | str


class Locator(Protocol):
    """Turns quotations into the sentences that they touch.

    Attributes:
        lost: Quotations that the text doesn't hold, so far.
    """

    lost: int

    def touched(self, quotations: Iterable[str]) -> frozenset[SentenceKey]:
        """Return the keys of the sentences."""
        ...


class ArticleText:
    """A locator that has the article's text."""

    def __init__(self, text: str) -> None:
        self.lost = 0
        self._canonical, self._offsets = _canonical(text)
        self._spans = split(text)

    def touched(self, quotations: Iterable[str]) -> frozenset[SentenceKey]:
        """Return the indices of the sentences that the quotations touch; what is not in the text counts as lost."""
        hit: set[SentenceKey] = set()
        for quotation in quotations:
            if not quotation.strip():
                continue
            wanted, _ = _canonical(quotation)
            at = self._canonical.find(wanted)
            if at < 0:
                self.lost += 1
                continue
            start, end = self._offsets[at], self._offsets[at + len(wanted) - 1] + 1
            hit |= {i for i, span in enumerate(self._spans) if _touches(start, end, span)}
        return frozenset(hit)


class WithoutText:
    """A locator for a document whose text is not at hand: quotations are compared as they are."""

    def __init__(self) -> None:
        self.lost = 0

    def touched(self, quotations: Iterable[str]) -> frozenset[SentenceKey]:
        """Return the quotations in normal form."""
        return frozenset(normal(q) for q in quotations)


def split(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences: code points, half-open. No sentence runs over a line break."""
    spans: list[tuple[int, int]] = []
    for line in re.finditer(r"[^\n]+", text):
        spans += [(line.start() + a, line.start() + b) for a, b in _split_line(line.group())]
    return spans


def _split_line(line: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for boundary in _BOUNDARY.finditer(line):
        if not _ends_a_sentence(line, start, boundary):
            continue
        if line[start : boundary.end(1)].strip():
            spans.append((start, boundary.end(1)))
        start = boundary.end()
    if line[start:].strip():
        spans.append((start, len(line)))
    return spans


def _ends_a_sentence(line: str, start: int, boundary: re.Match[str]) -> bool:
    if line[boundary.start() - 1] == "。":
        return True
    following = line[boundary.end()]
    if following.islower() or not _BEGINS_A_SENTENCE.match(following):
        return False
    head = line[start : boundary.start()]
    if boundary.group(1) or not head.endswith("."):
        return True
    words = head[:-1].split()
    last = words[-1].strip('(„“"«[') if words else ""
    if last in _ABBREVIATIONS or re.fullmatch(r"\d{1,2}", last):
        return False
    initials = len(last) <= 5 and (len(last) == 1 or "." in last) and _INITIALS.fullmatch(last)
    return not initials


def _touches(start: int, end: int, span: tuple[int, int]) -> bool:
    shared = min(end, span[1]) - max(start, span[0])
    return shared > 0 and (shared >= _SHARE * (end - start) or shared >= _SHARE * (span[1] - span[0]))


def _canonical(text: str) -> tuple[str, list[int]]:
    """Fold case, typography and white space; return the text and the offset of each of its characters."""
    kept: list[str] = []
    offsets: list[int] = []
    after_space = True
    for i, char in enumerate(text):
        if char.isspace():
            if not after_space:
                kept.append(" ")
                offsets.append(i)
            after_space = True
            continue
        after_space = False
        kept.append(char.translate(_TYPOGRAPHY).casefold()[:1] or char)
        offsets.append(i)
    if kept and kept[-1] == " ":
        kept.pop()
        offsets.pop()
    return "".join(kept), offsets
