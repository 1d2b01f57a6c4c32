"""How alike two actors are: names in several scripts and spellings, and the sides that they stand for."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from rigour.names import NamePartTag, NameTypeTag, analyze_names, compare_parts, pair_symbols
from rigour.text.translit import ascii_text

CONTAINED = 0.85  # one name is a part of the other: Putin, Vladimir Putin
SAME_SIDE = 0.7  # a state, and somebody or something of that state: Russia, Sergei Lavrov
SPOKESMAN = 0.5  # a person and a body of one state, or two of its public bodies: the Foreign Ministry, the army
UNKNOWN = 0.4  # can't be told apart: described groups without a country (the regime), scripts that don't pair
CONFLICT = 0.6  # at most, where each has words that the other lacks: Ministry of Defence, Ministry of Justice
_PUBLIC = frozenset({"public_body", "group"})


class Name(NamedTuple):
    """An actor as it is compared."""

    name: str
    kind: str = ""  # as in `Actor.kind`; `country` for any name of a country
    code: str = ""  # ISO 3166-1 alpha-2 code of its country
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
    spellings = product((left.name, *left.aliases), (right.name, *right.aliases))
    spelt = max(_spelling(one, other, person) for one, other in spellings)
    if known and not same:
        return spelt / 2 if person else 0.0
    scripts = left.name.isascii() != right.name.isascii()
    if spelt >= CONTAINED:
        return spelt
    if same and "country" in kinds:
        return SAME_SIDE
    if same and (kinds <= _PUBLIC or ("person" in kinds and kinds & _PUBLIC) or scripts):
        return max(spelt, SPOKESMAN)
    return max(spelt, UNKNOWN) if not same and ("group" in kinds or scripts) else spelt


@lru_cache(maxsize=500_000)
def _spelling(left: str, right: str, person: bool) -> float:
    """Return how alike two names are spelt, 0 to 1, across scripts, in any order of their parts."""
    if squeezed(left) == squeezed(right):
        return 1.0
    one, other = _analysed(left, person), _analysed(right, person)
    if one is None or other is None:
        return 0.0
    if _is_acronym(one, other) or _is_acronym(other, one):
        return 1.0
    return max(_paired_share(one.parts, other.parts, pairing) for pairing in pair_symbols(one, other) or [()])


@lru_cache(maxsize=500_000)
def squeezed(name: str) -> str:
    """Return a name in ASCII letters without case, spaces and signs: `习近平` gives `xijinping`."""
    return "".join(filter(str.isalnum, (ascii_text(name) or name).casefold()))


@lru_cache(maxsize=200_000)
def name_keys(name: Name) -> tuple[str, ...]:
    """Return what blocks a name: its country's code, and how its last word sounds; its first one if it has none."""
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


def _paired_share(left: Any, right: Any, pairing: tuple[Any, ...]) -> float:
    """Return how much of two names is paired: by symbols (one name in several spellings), the rest by its letters."""
    paired = {p.index for found in pairing for p in found.qps}, {p.index for found in pairing for p in found.rps}
    rest = [
        sorted((p for p in parts if p.index not in done and p.tag != NamePartTag.STOP), key=lambda p: p.comparable)
        for parts, done in zip((left, right), paired, strict=True)
    ]
    score = weight = alone_left = alone_right = 0.0
    for found in (*pairing, *compare_parts(*rest)):
        length, other = (sum(len(p.comparable) for p in parts) for parts in (found.qps, found.rps))
        if found.score >= 0.5 and found.qps and found.rps:
            score, weight = score + length * found.score, weight + length
        else:
            alone_left, alone_right = alone_left + length, alone_right + other
    if weight < 2:
        return 0.0
    if alone_left and alone_right:
        return CONFLICT * score / (weight + alone_left + alone_right)
    return score / weight * (CONTAINED if alone_left or alone_right else 1.0)
