"""The ruler: which words say the same, and which sentences of an article a quotation touches.

It is independent of the checks that are measured with it, and has a splitter of sentences of its own: measured with the
splitter under test, a change of that splitter would change the ruler too. The rules are those of the project's reference
scorer (`score.py`), so that figures stay comparable.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

_RULER = tomllib.loads((files("communique.evaluation") / "ruler.toml").read_text(encoding="utf-8"))

_ARTICLES, _TAILS, _UNINFLECTED = (frozenset(_RULER[key]) for key in ("articles", "tails", "uninflected"))
_CLASS_OF = {name: number for number, row in enumerate(_RULER["synonyms"]) for name in row}
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_POSSESSIVE = re.compile(r"[’']s\b")
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
_NOT_A_WORD = re.compile(r"[^\w\s]")
_APPOSITION = re.compile(r"[,(–—]")
_PARENTHESIS = re.compile(r"\(([^)]+)\)")

SentenceKey = int | str
Sentences = frozenset[SentenceKey]

_BOUNDARY = re.compile(r"(?<=[.!?。])([”\"»“’\']{0,2})(\s+|(?<=。))(?=\S)")
_BEGINS_A_SENTENCE = re.compile(r"[^\W\d_a-z]|[\"“„«‘'(\[0-9–…]")
_INITIALS = re.compile(r"(\w\.)*\w")
_ABBREVIATIONS = frozenset(_RULER["abbreviations"])
_TYPOGRAPHY = str.maketrans("“”„«»’‘–—‑…", '"""""\'\'---.')
_SHARE = 0.3
"""A quotation touches a sentence if it shares this much of itself or of the sentence."""


def normal(text: str) -> str:
    """Return a text without case, punctuation, possessive endings and dots inside: `U.S.` becomes `us`."""
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_NOT_A_WORD.sub(" ", _INNER_DOT.sub("", folded)).split())


def same_value(wanted: str | None, given: str, accepted: Iterable[str | None] = ()) -> bool:
    """Tell whether a value equals, contains or begins like the wanted one or another accepted one.

    Whole words count as contained; a common beginning counts from four characters on.
    """
    return any(_same_text(candidate, given) for candidate in (wanted, *accepted) if candidate)


def same_form(given: str, wanted: str, language: str) -> bool:
    """Tell whether a predicted form names the actor that a gold form names, in an article of that language (ISO 639-1).

    Accepted: equal words (inflection-tolerant where the language inflects), a synonym, a tail such as "government", a
    title before the name, an apposition or parenthesis behind it, and the last words of the gold form (two at least,
    half of it at least).
    """
    if _CJK.search(given) or _CJK.search(wanted):
        a, b = normal(given).replace(" ", ""), normal(wanted).replace(" ", "")
        return a == b or (min(len(a), len(b)) >= 2 and (a in b or b in a))
    mine, gold = _name_words(given), _name_words(wanted)

    def equal(a: Sequence[str], b: Sequence[str]) -> bool:
        return len(a) == len(b) and all(_same_word(x, y, language) for x, y in zip(a, b, strict=True))

    if not mine or not gold:
        return False
    if equal(mine, gold) or _CLASS_OF.get(" ".join(mine), "none") == _CLASS_OF.get(" ".join(gold)):
        return True
    if any(long[-1] in _TAILS and equal(long[:-1], short) for long, short in ((mine, gold), (gold, mine))):
        return True
    if len(gold) < len(mine) and (len(gold[-1]) >= 3 or len(gold) > 1):
        in_brackets = _PARENTHESIS.search(given)
        parts = (_APPOSITION.split(given)[0], in_brackets[1] if in_brackets else "")
        return equal(mine[-len(gold) :], gold) or any(equal(_name_words(part), gold) for part in parts)
    return 2 <= len(mine) < len(gold) <= 2 * len(mine) and equal(gold[-len(mine) :], mine)


def _same_text(wanted: str, given: str) -> bool:
    a, b = (normal(x).replace(" ", "") if _CJK.search(x) else normal(x) for x in (wanted, given))
    if not a or not b:
        return False
    if a == b or f" {a} " in f" {b} " or f" {b} " in f" {a} ":
        return True
    return min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a))


def _name_words(name: str) -> list[str]:
    words = normal(name).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return words


def _same_word(a: str, b: str, language: str) -> bool:
    if a == b or language in _UNINFLECTED:
        return a == b
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    longest = max(len(a), len(b))
    return longest >= 5 and shared >= 4 and shared >= longest - 3


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
    spans = []
    for found in re.finditer(r"[^\n]+", text):
        line, ends, start = found[0], [], 0
        for boundary in _BOUNDARY.finditer(line):
            if _ends_a_sentence(line, start, boundary):
                ends.append((start, boundary.end(1)))
                start = boundary.end()
        ends.append((start, len(line)))
        spans += [(found.start() + a, found.start() + b) for a, b in ends if line[a:b].strip()]
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
