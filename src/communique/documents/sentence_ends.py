"""Mend what the splitter gets wrong: ends that are none, and ends that it passes over.

The words come from the language folders: abbreviations and titles, and the small words that open a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from communique.languages import MARKS
from communique.languages import language as known

Span = tuple[int, int]

FULL_STOPS = ".…。｡۔।॥։።။។៕།"
ENDS = f"!?！？؟፧:;：；{FULL_STOPS}"  # what ends a sentence or announces the next one, for a class of an expression
CLOSED = r"(?:\s?[\"”“'’‘»«」』)\]\u203a\u2039）】》〉]|\s?\[\d+\])*$"
"""What may stand behind them at the end of a line: quotation marks, which languages turn either way, brackets, notes."""

_STOP = re.compile(r"[.!?…][\"”»’')\]]*\s+(?=[\"“«„¿¡(]*(?P<next>[^\W_]+))")
_YEAR = re.compile(r"(?:1\d|20)\d\d\s[^\W\d_A-ZÀ-ÖØ-Þ]{2}")
_LAST = re.compile(r"[^\W\d_]{3}\.$|(?<!\w)[IVX]+\.$|(?<!\w)[^\W\d_]\.\s?[^\W\d_]\.$|(?<!\w)[A-Z]{2}\.$|[°º]\s?[CF]\.$")
"""What may end a sentence before a word that opens one: no short abbreviation."""
_PLAIN = re.compile(r"(?<![^\W_])[^\W\d_]{5,}\.$")  # a word that is no abbreviation, where only names have capitals
_GOES_ON = re.compile(r"[°º,;)\]]|-\S")
_INITIAL = re.compile(r"(?<![^\W_]|[°º])(?<![\d°º]\s)[^\W\d_]\.$")  # one letter, which is no unit
_ORDINAL = re.compile(r"(?:^|(?<=\s))(?P<before>(?:[^\W\d_]+\s){0,3})\d{1,3}\.$")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = r"(?:[^\W_]*\d|(?-i:[IVX]{2,})(?![^\W_]))"
_QUOTED = re.compile(r"[.!?…。！？][\"”“’»«」』]+$")
_ASKED = re.compile(r"[!?…]$")
_DASH = re.compile(r"\s*[—–―-]")
_QUOTATION_MARK = re.compile('[“”„«»"]')
_LONGEST = 20  # code points of the longest abbreviation
_TAIL = 200  # code points at the end of a sentence that tell whether it ends there


class _Abbreviations(NamedTuple):
    written: re.Pattern[str]  # at the end of a text in lower case
    before: re.Pattern[str]  # what must follow, or they end a sentence
    number: bool  # only a number may follow


class _Words(NamedTuple):
    abbreviations: tuple[_Abbreviations, ...]
    openers: frozenset[str]
    quoting: re.Pattern[str] | None  # what belongs to a quotation before it
    ordinals: bool  # every noun has a capital, so that none shows what a dot behind a number means


def mended(line: str, spans: Sequence[Span], language: str) -> list[Span]:
    """Return the sentences of a line: the splitter's, without wrong ends and with those that it missed."""
    words = _words(language)
    joined: list[Span] = []
    for start, end in spans:
        if joined and _goes_on(line, joined[-1], (start, end), words):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [span for piece in joined for span in _parted(line, piece, words)]


def _goes_on(line: str, before: Span, behind: Span, words: _Words) -> bool:
    said = line[max(before[0], before[1] - _TAIL) : before[1]]
    start = behind[0]
    if not said.endswith("."):
        return _speaks(said, line[before[1] : behind[1]], words)
    if line[start].islower() and not _PLAIN.search(said):
        return True
    if _GOES_ON.match(line, start) or _abbreviated(said, line, start, words):
        return True
    if before[1] == start:  # "E.E.UU."
        return len(said) > 1 and said[-2].isalpha() and not said[-3:-2].isalpha()
    following = _WORD.match(line, start)
    if _INITIAL.search(said) and said[-2].isupper() and following is not None and following.group()[0].isupper():
        one = following.end() - following.start() == 1
        return line.startswith(".", following.end()) if one else following.group().lower() not in words.openers
    ordinal = _ORDINAL.search(said) if words.ordinals else None
    if ordinal is None:
        return False
    small = [w for w in ordinal["before"].lower().split() if w in words.openers]
    return bool(small) and following is not None and following.group().lower() not in words.openers


def _speaks(said: str, rest: str, words: _Words) -> bool:
    """Tell whether what stands behind a quotation, or behind a question or a cry, says who spoke: "“Why?” he asked."."""
    quoted = _QUOTED.search(said)
    if not quoted and not _ASKED.search(said):
        return False
    dash = _DASH.match(rest)
    if rest[dash.end() if dash else 0 :].lstrip()[:1].islower():
        return bool(dash or quoted or "¡" in said or "¿" in said)
    return bool(quoted and words.quoting and words.quoting.match(rest))


def _abbreviated(said: str, line: str, at: int, words: _Words) -> bool:
    """Tell whether a text ends in an abbreviation that ends no sentence before what stands at an offset."""
    tail = said[-_LONGEST:].lower()
    return any(short.written.search(tail) and short.before.match(line, at) for short in words.abbreviations)


def _parted(line: str, piece: Span, words: _Words) -> Iterator[Span]:
    start, end = piece
    seen = start
    marks: Counter[str] = Counter()
    for stop in _STOP.finditer(line, start, end):
        marks.update(_QUOTATION_MARK.findall(line, seen, stop.end()))
        seen = stop.end()
        if not _open(marks) and _ends(line, start, stop, words):
            yield start, stop.start() + len(stop.group().rstrip())
            start = stop.end()
            marks.clear()
    yield start, end


def _open(marks: Counter[str]) -> bool:
    """Tell whether a quotation has begun and not ended: what somebody says in one breath stays one sentence."""
    if marks["„"] and not marks["”"]:  # „German“ quotation marks end as English ones begin
        opened, closed = marks["„"], marks["“"]
    else:
        opened, closed = marks["“"] + marks["„"] + marks["«"], marks["”"] + marks["»"]
    return opened > closed or marks['"'] % 2 == 1


def _ends(line: str, start: int, stop: re.Match[str], words: _Words) -> bool:
    following, at = stop["next"], stop.start("next")
    said = line[max(start, stop.start() - 20) : stop.start() + 1]
    opens = len(following) > 1 and following[0].isupper() and following.lower() in words.openers
    if not opens and not _YEAR.match(line, at):
        if words.ordinals or not following[0].isupper() or not (_PLAIN.search(said) or _numbers(said, words)):
            return False
        return not _abbreviated(said, line, at, words)
    if line[stop.start()] != ".":
        return opens
    return bool(_LAST.search(said) or _numbers(said, words)) and not _abbreviated(said, line, at, words)


def _numbers(said: str, words: _Words) -> bool:
    """Tell whether a text ends in what is an abbreviation before a number and a word elsewhere: "no.", "art."."""
    tail = said[-_LONGEST:].lower()
    found = [short.written.search(tail) for short in words.abbreviations if short.number]
    return any(match and len(match.group()) > 2 for match in found)  # a single letter is an initial, too


@cache
def _words(language: str) -> _Words:
    own = known(language)
    if own is None:
        return _Words((), frozenset(), None, ordinals=False)
    groups: dict[str, list[str]] = {}
    for entry in own.abbreviations:
        written, dot, behind = ("", "", "") if entry.endswith(".") else entry.rpartition(". ")
        groups.setdefault(behind, []).append(f"{written}{dot.strip()}" or entry)
    openers = "|".join(map(re.escape, own.openers))
    word = rf"(?:[^\W\d_]\.|(?!(?:{openers})(?![^\W_]))[^\W\d_]+)" if openers else r"[^\W\d_]+"
    found = tuple(
        _Abbreviations(
            re.compile(rf"(?<![^\W\d_]|[{MARKS}])(?:{'|'.join(_expression(w.lower()) for w in written)})$"),
            re.compile(r"\.?\s+".join(_behind(b, word) for b in behind.split()), re.IGNORECASE),
            behind == "#",
        )
        for behind, written in groups.items()
    )
    return _Words(found, frozenset(own.openers), own.quoting, own.noun_capitals)


def _expression(phrase: str) -> str:
    return re.sub(r"[^(|)]+", lambda m: re.escape(m.group()), phrase).replace("(", "(?:")


def _behind(word: str, any_word: str) -> str:
    return {"#": _NUMBER, "_": any_word}.get(word) or rf"{_expression(word)}(?![^\W_])"
