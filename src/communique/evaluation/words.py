"""Which words say the same: names of one actor, places, times as written.

The ruler is independent of the checks that are measured with it. The rules are those of the project's reference scorer
(`score.py`), so that figures stay comparable.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.resources import files

RULER = tomllib.loads((files("communique.evaluation") / "ruler.toml").read_text(encoding="utf-8"))

_ARTICLES, _TAILS, _UNINFLECTED = (frozenset(RULER[key]) for key in ("articles", "tails", "uninflected"))
_CLASS_OF = {name: number for number, row in enumerate(RULER["synonyms"]) for name in row}
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_POSSESSIVE = re.compile(r"[’']s\b")
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
_NOT_A_WORD = re.compile(r"[^\w\s]")
_APPOSITION = re.compile(r"[,(–—]")
_PARENTHESIS = re.compile(r"\(([^)]+)\)")


def normal(text: str) -> str:
    """Return a text without case, punctuation, possessive endings and dots inside: `U.S.` becomes `us`."""
    folded = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_NOT_A_WORD.sub(" ", _INNER_DOT.sub("", folded)).split())


def same_value(wanted: str | None, given: str, accepted: Iterable[str | None] = ()) -> bool:
    """Tell whether a value equals, contains or begins like the wanted one or another accepted one.

    Whole words count as contained; a common beginning counts from four characters on.
    """
    return any(_same_text(candidate, given) for candidate in (wanted, *accepted) if candidate)


def same_actor(given: Iterable[str], wanted: Sequence[str], language: str) -> bool:
    """Tell whether any form of the one names the other."""
    return any(same_form(p, g, language) for p in given for g in wanted)


def same_form(given: str, wanted: str, language: str) -> bool:
    """Tell whether a predicted form names the actor that a gold form names.

    Accepted: equal words (inflection-tolerant where the language inflects), a synonym, a tail such as "government", a
    title before the name, an apposition or parenthesis behind it, and the last words of the gold form (two at least,
    half of it at least).

    Args:
        given: The predicted form.
        wanted: The gold form.
        language: ISO 639-1 code of the article.
    """
    if _CJK.search(given) or _CJK.search(wanted):
        a, b = normal(given).replace(" ", ""), normal(wanted).replace(" ", "")
        return a == b or (min(len(a), len(b)) >= 2 and (a in b or b in a))
    mine, gold = _name_words(given), _name_words(wanted)
    if not mine or not gold:
        return False
    if _equal(mine, gold, language) or _synonyms(mine, gold) or _but_for_a_tail(mine, gold, language):
        return True
    if len(gold) < len(mine) and (len(gold[-1]) >= 3 or len(gold) > 1):
        return _equal(mine[-len(gold) :], gold, language) or _before_or_in_brackets(given, gold, language)
    short = 2 <= len(mine) < len(gold) <= 2 * len(mine)
    return short and _equal(gold[-len(mine) :], mine, language)


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


def _equal(a: Sequence[str], b: Sequence[str], language: str) -> bool:
    return len(a) == len(b) and all(_same_word(x, y, language) for x, y in zip(a, b, strict=True))


def _same_word(a: str, b: str, language: str) -> bool:
    if a == b or language in _UNINFLECTED:
        return a == b
    shared = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    longest = max(len(a), len(b))
    return longest >= 5 and shared >= 4 and shared >= longest - 3


def _synonyms(a: Sequence[str], b: Sequence[str]) -> bool:
    first = _CLASS_OF.get(" ".join(a))
    return first is not None and first == _CLASS_OF.get(" ".join(b))


def _but_for_a_tail(a: Sequence[str], b: Sequence[str], language: str) -> bool:
    return any(
        len(longer) > 1 and longer[-1] in _TAILS and _equal(longer[:-1], other, language)
        for longer, other in ((a, b), (b, a))
    )


def _before_or_in_brackets(given: str, gold: Sequence[str], language: str) -> bool:
    head, inner = _APPOSITION.split(given)[0], _PARENTHESIS.search(given)
    parts = (head if head != given else "", inner.group(1) if inner else "")
    return any(_equal(_name_words(part), gold, language) for part in parts)
