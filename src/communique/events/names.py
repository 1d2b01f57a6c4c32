"""How alike two actors are: names in several scripts and spellings, and the sides that they stand for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from rigour.names import NamePartTag, NameTypeTag, analyze_names, compare_parts, pair_symbols
from rigour.text.translit import ascii_text

CONTAINED = 0.85
"""One name is a part of the other: Putin, Vladimir Putin."""
SAME_SIDE = 0.7
"""A state, and somebody or something of that state: Russia, Sergei Lavrov."""
SPOKESMAN = 0.5
"""A person and a body of the same state, or two public bodies of it: Sergei Lavrov, the Foreign Ministry, the army."""
UNKNOWN = 0.4
"""Names that can't be told apart: described groups without a country (the regime), names in scripts that don't pair."""
_CONFLICT = 0.6
"""Most that two names get of which each has words that the other lacks: Ministry of Defence, Ministry of Justice."""
_PUBLIC = frozenset({"public_body", "group"})


class Name(NamedTuple):
    """An actor as it is compared.

    Attributes:
        name: As the record has it.
        kind: Kind of actor as in `Actor.kind`, `country` for any name of a country, or "".
        code: ISO 3166-1 alpha-2 code of its country, or "".
        aliases: Other names that the record gives it.
    """

    name: str
    kind: str = ""
    code: str = ""
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=500_000)
def likeness(left: Name, right: Name) -> float:
    """Return how alike two actors are, 0 to 1; actors of different states are not, whatever their names."""
    known = bool(left.code and right.code)
    same = known and left.code == right.code
    kinds = {left.kind, right.kind}
    if kinds == {"country"} and known:
        return 1.0 if same else 0.0
    person = kinds <= {"person", ""}
    spelt = max(
        spelling(one, other, person=person)
        for one in (left.name, *left.aliases)
        for other in (right.name, *right.aliases)
    )
    if known and not same:
        return spelt / 2 if person else 0.0
    if spelt >= CONTAINED:
        return spelt
    scripts = left.name.isascii() != right.name.isascii()
    if same and "country" in kinds:
        return SAME_SIDE
    if same and (kinds <= _PUBLIC or ("person" in kinds and kinds & _PUBLIC) or scripts):
        return max(spelt, SPOKESMAN)
    return max(spelt, UNKNOWN) if not same and ("group" in kinds or scripts) else spelt


@lru_cache(maxsize=500_000)
def spelling(left: str, right: str, *, person: bool) -> float:
    """Return how alike two names are spelt, 0 to 1, across scripts, in any order of their parts."""
    if squeezed(left) == squeezed(right):
        return 1.0
    one, other = _analysed(left, person), _analysed(right, person)
    if one is None or other is None:
        return 0.0
    if _is_acronym(one, other) or _is_acronym(other, one):
        return 1.0
    pairings: list[tuple[Any, ...]] = pair_symbols(one, other) or [()]
    return max(_aligned(one.parts, other.parts, pairing) for pairing in pairings)


@lru_cache(maxsize=500_000)
def squeezed(name: str) -> str:
    """Return a name in ASCII letters without case, spaces and signs: `习近平` gives `xijinping`."""
    return "".join(filter(str.isalnum, (ascii_text(name) or name).casefold()))


@lru_cache(maxsize=200_000)
def name_keys(name: Name) -> tuple[str, ...]:
    """Return what a name is blocked by: its country's code, and how its last word sounds; its first one if it has none."""
    found = [name.code] if name.code else []
    if name.kind != "country" or not name.code:
        analysed = _analysed(name.name, name.kind in {"person", ""})
        parts = [p.metaphone or p.comparable for p in analysed.parts if len(p.comparable) > 1] if analysed else []
        found += parts[-1:] if name.code or name.kind == "person" else [*parts[-1:], *parts[:1]]
    return tuple(dict.fromkeys(found)) or (squeezed(name.name),)


@lru_cache(maxsize=500_000)
def _analysed(name: str, person: bool) -> Any:
    return next(iter(analyze_names(NameTypeTag.PER if person else NameTypeTag.ORG, [name])), None)


def _is_acronym(short: Any, long: Any) -> bool:
    words = [p.comparable for p in long.parts if p.tag != NamePartTag.STOP]
    return len(short.parts) == 1 and len(words) > 2 and short.parts[0].comparable == "".join(w[0] for w in words)


def _aligned(left: Any, right: Any, pairing: tuple[Any, ...]) -> float:
    """Return how much of two names is paired: by symbols (one name in several spellings), the rest by its letters."""
    score = weight = 0.0
    paired_left = {part.index for found in pairing for part in found.qps}
    paired_right = {part.index for found in pairing for part in found.rps}
    for found in pairing:
        length = sum(len(p.comparable) for p in found.qps)
        score, weight = score + length * found.score, weight + length
    rest_left, rest_right = (
        sorted((p for p in parts if p.index not in done and p.tag != NamePartTag.STOP), key=lambda p: p.comparable)
        for parts, done in ((left, paired_left), (right, paired_right))
    )
    alone_left = alone_right = 0
    for found in compare_parts(rest_left, rest_right):
        length, other = (sum(len(p.comparable) for p in parts) for parts in (found.qps, found.rps))
        if found.score >= 0.5 and found.qps and found.rps:
            score, weight = score + length * found.score, weight + length
        else:
            alone_left, alone_right = alone_left + length, alone_right + other
    if weight < 2:
        return 0.0
    if alone_left and alone_right:
        return _CONFLICT * score / (weight + alone_left + alone_right)
    return score / weight * (CONTAINED if alone_left or alone_right else 1.0)
