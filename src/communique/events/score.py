"""The score of two mentions: whether they tell one event, with the parts that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from rigour.names import NamePartTag, compare_parts, pair_symbols
from rigour.text.distance import jaro_winkler

from communique.events.mention import Days, Mention, Name, analysed, squeezed

MONTH = 31  # days that a stated time may span to place a mention; how far from it a record without one is looked for
WEIGHTS = {"subjects": 0.30, "others": 0.20, "date": 0.25, "place": 0.20, "activity": 0.10, "words": 0.25}
THRESHOLD = 0.68  # from here on two mentions tell one event
_SAME_DOCUMENT = 0.95  # the same for two of one article: the model was asked for one record for each event
_CONTRADICTED = 0.38  # below, two named roles are other people's
_NEAR = 0.70  # most that two days of publication say of the day of the event
_FADING = 0.06  # what each day between them takes away
_LATE = 0.20  # what is left for a month: without a date, an article may look back or ahead
_ALIKE = 0.5  # share of words from which two claims are told in the same words
_SPELT = 0.75  # Jaro-Winkler of two names of one place in another case, language or script: Vilnius, Вильнюсе
_CONTAINED = 0.85  # one name is a part of the other: Putin, Vladimir Putin
_SAME_SIDE = 0.7  # a state, and somebody or something of that state: Russia, Sergei Lavrov
_SPOKESMAN = 0.5  # a person and a body of one state, or two of its public bodies: the Foreign Ministry, the army
_UNKNOWN = 0.4  # can't be told apart: described groups without a country (the regime), scripts that don't pair
_CONFLICT = 0.6  # at most, where each has words that the other lacks: Ministry of Defence, Ministry of Justice
_PUBLIC = frozenset({"public_body", "group"})
SAMPLE = 30


class Score(NamedTuple):
    """How sure it is that two mentions tell one event."""

    total: float  # 0 to 1; 0 if something contradicts it
    parts: dict[str, float]  # by the keys of `WEIGHTS`, 0 to 1; what a mention says nothing of is left out
    against: str = ""  # what contradicts it: the role, `date`, or `document` for two records of one


def compare(left: Mention, right: Mention) -> Score:
    """Return the score of two mentions."""
    if left.kind != right.kind:
        return Score(0.0, {}, "kind")
    date = _dates(left, right)
    if date == -1:
        return Score(0.0, {"date": 0.0}, "date")
    alike: dict[str, list[float]] = {"subjects": [], "others": []}
    for role in (role for role in left.roles if role in right.roles):
        part, names = "subjects" if role in left.subjects else "others", _names(left.roles[role], right.roles[role])
        if names < _CONTRADICTED and role in left.essential and role in right.essential:
            return Score(0.0, {part: names}, role)
        alike[part].append(names)
    words = _words(left, right)
    if not alike["subjects"] and (words is None or words < _ALIKE):
        return Score(0.0, {}, "subjects")
    known = {
        **{part: sum(values) / len(values) if values else None for part, values in alike.items()},
        "date": date,
        "place": max((_place(a, b) for a in left.places for b in right.places), default=None),
        "activity": float(left.activity == right.activity) if left.activity and right.activity else None,
        "words": words,
    }
    parts = {name: round(value, 3) for name, value in known.items() if value is not None}
    total = sum(WEIGHTS[name] * value for name, value in parts.items()) / sum(WEIGHTS[name] for name in parts)
    if left.key[:2] == right.key[:2] and total < _SAME_DOCUMENT:
        return Score(0.0, parts, "document")
    return Score(round(total, 4), parts)


def spread(members: Sequence[Any]) -> Sequence[Any]:
    """Return the members of an event that others are compared with: at most `SAMPLE`, spread evenly."""
    return members[:: -(-len(members) // SAMPLE)]


def _names(left: tuple[Name, ...], right: tuple[Name, ...]) -> float:
    """Return how alike two lists are: outlets name more or fewer, so the shorter one counts most, and of two its worse."""
    fewer, more = sorted((left, right), key=len)
    found = [max(_likeness(one, other) for other in more) for one in fewer]
    mean = sum(found) / len(fewer)
    worst = min(found) if len(fewer) <= 3 else mean
    return 0.8 * (mean + worst) / 2 + 0.2 * sum(found) / len(more)


@lru_cache(maxsize=500_000)
def _likeness(left: Name, right: Name) -> float:
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
    if spelt >= _CONTAINED:
        return spelt
    scripts = left.name.isascii() != right.name.isascii()
    if same and "country" in kinds:
        return _SAME_SIDE
    if same and (kinds <= _PUBLIC or ("person" in kinds and kinds & _PUBLIC) or scripts):
        return max(spelt, _SPOKESMAN)
    return max(spelt, _UNKNOWN) if not same and ("group" in kinds or scripts) else spelt


@lru_cache(maxsize=500_000)
def _spelling(left: str, right: str, person: bool) -> float:
    """Return how alike two names are spelt, 0 to 1, across scripts, in any order of their parts."""
    if squeezed(left) == squeezed(right):
        return 1.0
    one, other = analysed(left, person), analysed(right, person)
    if one is None or other is None:
        return 0.0
    if _is_acronym(one, other) or _is_acronym(other, one):
        return 1.0
    return max(_paired_share(one.parts, other.parts, pairing) for pairing in pair_symbols(one, other) or [()])


def _is_acronym(short: Any, long: Any) -> bool:
    words = [p.comparable for p in long.parts if p.tag != NamePartTag.STOP]
    return len(short.parts) == 1 and len(words) > 2 and short.parts[0].comparable == "".join(w[0] for w in words)


def _paired_share(left: Any, right: Any, pairing: tuple[Any, ...]) -> float:
    """Return how much of two names is paired: by symbols (one name in several spellings), the rest by its letters."""
    paired = {p.index for found in pairing for p in found.qps}, {p.index for found in pairing for p in found.rps}
    rest_left, rest_right = (
        sorted((p for p in parts if p.index not in done and p.tag != NamePartTag.STOP), key=lambda p: p.comparable)
        for parts, done in zip((left, right), paired, strict=True)
    )
    score = weight = alone_left = alone_right = 0.0
    for found in (*pairing, *compare_parts(rest_left, rest_right)):
        length, other = (sum(len(p.comparable) for p in parts) for parts in (found.qps, found.rps))
        if found.score >= 0.5 and found.qps and found.rps:
            score, weight = score + length * found.score, weight + length
        else:
            alone_left, alone_right = alone_left + length, alone_right + other
    if weight < 2:
        return 0.0
    if alone_left and alone_right:
        return _CONFLICT * score / (weight + alone_left + alone_right)
    return score / weight * (_CONTAINED if alone_left or alone_right else 1.0)


def _dates(left: Mention, right: Mention) -> float | None:
    """Return how well the times fit, None if nothing is known, -1 if they exclude each other."""
    if left.when and right.when:
        gap = _apart(left.when, right.when)
        longest = max(last - first for first, last in (left.when, right.when))
        if gap:
            return {1: 0.6, 2: 0.3}.get(gap, -1) if longest == 0 else -1
        return 1.0 if longest == 0 else 0.9 if longest < 7 else 0.7 if longest < 32 else 0.5
    for one, other in ((left, right), (right, left)):
        if one.when and other.bound and one.when[0] > other.bound + 1:
            return -1
    days = [(m.published, m.published) if m.published else None for m in (left, right)]
    gaps = [_apart(a, b) for a, b in ((days[0], days[1]), (left.when, days[1]), (days[0], right.when)) if a and b]
    return max(_LATE if min(gaps) <= MONTH else 0.0, _NEAR - _FADING * min(gaps)) if gaps else None


def _apart(left: Days, right: Days) -> int:
    return max(left[0] - right[1], right[0] - left[1], 0)


def _place(left: tuple[str, str], right: tuple[str, str]) -> float:
    (one, code), (other, its_code) = left, right
    elsewhere = code and its_code and code != its_code
    if one == other or (not elsewhere and jaro_winkler(one, other) >= _SPELT):
        return 1.0
    return 0.5 if code and code == its_code else 0.0


def _words(left: Mention, right: Mention) -> float | None:
    if min(len(left.words), len(right.words)) < 3:
        return None
    common = len(left.words & right.words)
    alike = min(1.0, 2 * common / (len(left.words) + len(right.words)) / _ALIKE)
    return alike if left.language == right.language or alike >= _ALIKE else None  # another language has other words
