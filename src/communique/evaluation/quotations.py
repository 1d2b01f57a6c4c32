"""Which sentences of an article a quotation touches.

Evaluation has a splitter of its own on purpose: measured with the splitter under test, a change of that splitter would
change the ruler too. The rules are those of the project's reference scorer (`score.py`: `canon`, `sentences`, `Text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from communique.evaluation.words import RULER, normal

SentenceKey = int | str
Sentences = frozenset[SentenceKey]

_BOUNDARY = re.compile(r"(?<=[.!?。])([”\"»“’\']{0,2})(\s+|(?<=。))(?=\S)")
_BEGINS_A_SENTENCE = re.compile(r"[^\W\d_a-z]|[\"“„«‘'(\[0-9–…]")
_INITIALS = re.compile(r"(\w\.)*\w")
_ABBREVIATIONS = frozenset(RULER["abbreviations"])
_TYPOGRAPHY = str.maketrans("“”„«»’‘–—‑…", '"""""\'\'---.')
_SHARE = 0.3
"""A quotation touches a sentence if it shares this much of itself or of the sentence."""


class Article:
    """Turns quotations into the sentences that they touch.

    Without a text the quotations themselves are compared, in normal form.
    """

    def __init__(self, text: str | None) -> None:
        self._spans = None if text is None else split(text)
        self._canonical, self._offsets = _canonical(text or "")

    def touched(self, quotations: Iterable[str]) -> Sentences:
        """Return the sentences that the quotations touch."""
        if self._spans is None:
            return frozenset(normal(q) for q in quotations)
        hit: set[SentenceKey] = set()
        for wanted, at in self._places(quotations):
            if at >= 0:
                start, end = self._offsets[at], self._offsets[at + len(wanted) - 1] + 1
                hit |= {i for i, span in enumerate(self._spans) if _touches(start, end, span)}
        return frozenset(hit)

    def lost(self, quotations: Iterable[str]) -> int:
        """Count the quotations that the text doesn't hold; none without a text."""
        return 0 if self._spans is None else sum(at < 0 for _, at in self._places(quotations))

    def _places(self, quotations: Iterable[str]) -> Iterator[tuple[str, int]]:
        for quotation in quotations:
            if wanted := _canonical(quotation)[0]:
                yield wanted, self._canonical.find(wanted)


def split(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences: code points, half-open. No sentence runs over a line break."""
    return [
        (line.start() + a, line.start() + b)
        for line in re.finditer(r"[^\n]+", text)
        for a, b in _split_line(line.group())
    ]


def _split_line(line: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for boundary in _BOUNDARY.finditer(line):
        if _ends_a_sentence(line, start, boundary):
            spans.append((start, boundary.end(1)))
            start = boundary.end()
    return [(a, b) for a, b in (*spans, (start, len(line))) if line[a:b].strip()]


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
    for i, char in enumerate(text):
        if not char.isspace():
            kept.append(char.translate(_TYPOGRAPHY).casefold()[:1] or char)
        elif kept and kept[-1] != " ":
            kept.append(" ")
        else:
            continue
        offsets.append(i)
    if kept and kept[-1] == " ":
        kept.pop()
        offsets.pop()
    return "".join(kept), offsets
