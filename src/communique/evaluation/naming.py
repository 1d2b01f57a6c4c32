"""Whether two forms name the same actor, and how many actors of a role were found.

The rules are those of the project's reference scorer (`score.py`, part "actors").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from communique.evaluation.answers import Actor, Entry
from communique.evaluation.counts import Found
from communique.evaluation.wording import is_cjk, name_words, normal

_TAILS = frozenset(
    (
        "government",
        "authorities",
        "administration",
        "officials",
        "regime",
        "delegation",
        "spokesman",
        "spokesperson",
        "side",
    )
)
"""Words behind a name that do not make it another actor: `Syrian government`."""

_SYNONYMS = (
    (
        "us|usa|united states|united states of america|america|u s|vereinigten staaten|vereinigte staaten|stany"
        " zjednoczone|stanami zjednoczonymi"
    ),
    "uk|britain|great britain|united kingdom",
    "un|united nations|onu|uno|vereinten nationen|vereinte nationen",
    "un security council|united nations security council|security council|sicherheitsrat|un sicherheitsrat",
    "eu|european union|europäische union",
    "north korea|dprk|democratic people republic of korea",
    "south korea|rok|republic of korea",
    "russia|russland|russian federation",
    "france|frankreich",
    "burma|myanmar",
    "china|prc|people republic of china",
)
_CLASS_OF = {name: number for number, row in enumerate(_SYNONYMS) for name in row.split("|")}
"""Names that differ on paper only; compared as whole forms."""

_UNINFLECTED = frozenset(("en", "ja", "zh", "ko"))
_APPOSITION = re.compile(r"[,(–—]")
_PARENTHESIS = re.compile(r"\(([^)]+)\)")


def same_form(given: str, wanted: str, language: str) -> bool:
    """Tell whether a predicted form names the actor that a gold form names.

    Accepted: equal words (inflection-tolerant where the language inflects), a synonym, a tail such as "government", a
    title before the name, an apposition or parenthesis behind it, and the last words of the gold form (two at least,
    half of it at least).
    """
    if is_cjk(given) or is_cjk(wanted):
        a, b = normal(given).replace(" ", ""), normal(wanted).replace(" ", "")
        return a == b or (min(len(a), len(b)) >= 2 and (a in b or b in a))
    mine, gold = name_words(given), name_words(wanted)
    if not mine or not gold:
        return False
    if _equal(mine, gold, language) or _synonyms(mine, gold) or _but_for_a_tail(mine, gold, language):
        return True
    if len(gold) < len(mine) and (len(gold[-1]) >= 3 or len(gold) > 1):
        return _equal(mine[-len(gold) :], gold, language) or _before_or_in_brackets(given, gold, language)
    short = 2 <= len(mine) < len(gold) <= 2 * len(mine)
    return short and _equal(gold[-len(mine) :], mine, language)


def same_actor(given: Iterable[str], wanted: Sequence[str], language: str) -> bool:
    """Tell whether any form of the one names the other."""
    return any(same_form(p, g, language) for p in given for g in wanted)


def compare_role(gold: Entry, given: Entry, role: str, language: str) -> Found:
    """Count the gold actors found, the predicted ones that fit nothing, and the gold actors missed.

    A form of the whole group stands for all its members; an optional actor counts neither way.
    """
    wanted = gold.actors(role)
    found: set[int] = set()
    extra = 0
    for actor in given.actors(role):
        hits = {i for i, candidate in enumerate(wanted) if same_actor(actor, candidate, language)}
        if hits:
            found |= hits
        elif same_actor(actor, gold.group(role), language):
            found.update(range(len(wanted)))
        elif not _any_of(actor, gold.optional_actors(role), language):
            extra += 1
    return Found(len(found), extra, len(wanted) - len(found))


def _any_of(actor: Actor, others: Iterable[Actor], language: str) -> bool:
    return any(same_actor(actor, other, language) for other in others)


def _equal(a: Sequence[str], b: Sequence[str], language: str) -> bool:
    return len(a) == len(b) and all(_same_word(x, y, language) for x, y in zip(a, b, strict=True))


def _same_word(a: str, b: str, language: str) -> bool:
    if a == b:
        return True
    if language in _UNINFLECTED:
        return False
    longest, shared = max(len(a), len(b)), _shared_beginning(a, b)
    return longest >= 5 and shared >= 4 and shared >= longest - 3


def _shared_beginning(a: str, b: str) -> int:
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _synonyms(a: Sequence[str], b: Sequence[str]) -> bool:
    first = _CLASS_OF.get(" ".join(a))
    return first is not None and first == _CLASS_OF.get(" ".join(b))


def _but_for_a_tail(a: Sequence[str], b: Sequence[str], language: str) -> bool:
    return any(
        len(longer) > 1 and longer[-1] in _TAILS and _equal(longer[:-1], other, language)
        for longer, other in ((a, b), (b, a))
    )


def _before_or_in_brackets(given: str, gold: Sequence[str], language: str) -> bool:
    head = _APPOSITION.split(given)[0]
    if head != given and _equal(name_words(head), gold, language):
        return True
    inner = _PARENTHESIS.search(given)
    return inner is not None and _equal(name_words(inner.group(1)), gold, language)
