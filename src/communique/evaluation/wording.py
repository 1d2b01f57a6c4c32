"""Comparing words: one normal form for names and values, independent of the checks that are being measured.

The rules are those of the project's reference scorer (`score.py`, part "text helpers"), so that figures stay
comparable.
"""

from __future__ import annotations

import re
import unicodedata

_ARTICLES = frozenset(
    ("the", "a", "an", "der", "die", "das", "den", "dem", "des", "le", "la", "les", "l", "el", "los", "il")
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_POSSESSIVE = re.compile(r"[’']s\b")
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
_NOT_A_WORD = re.compile(r"[^\w\s]")


def normal(text: str) -> str:
    """Return a text without case, punctuation, possessive endings and dots inside: `U.S.` becomes `us`."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = _POSSESSIVE.sub("", folded)
    folded = _INNER_DOT.sub("", folded)
    return " ".join(_NOT_A_WORD.sub(" ", folded).split())


def name_words(name: str) -> list[str]:
    """Return the words of a name in normal form, leading articles left out."""
    words = normal(name).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return words


def is_cjk(text: str) -> bool:
    """Tell whether a text holds Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None


def same_value(wanted: str | None, given: str, accepted: tuple[str, ...] = ()) -> bool:
    """Tell whether a value equals, contains or begins like the wanted one or another accepted one.

    Whole words count as contained; a common beginning counts from four characters on.
    """
    return any(_same(candidate, given) for candidate in (wanted, *accepted) if candidate)


def _same(wanted: str, given: str) -> bool:
    a, b = (normal(x).replace(" ", "") if is_cjk(x) else normal(x) for x in (wanted, given))
    if not a or not b:
        return False
    if a == b or f" {a} " in f" {b} " or f" {b} " in f" {a} ":
        return True
    return min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a))
