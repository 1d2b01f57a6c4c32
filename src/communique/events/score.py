"""The score of two mentions: whether they tell one event, with the parts that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple, TypeVar

from rigour.text.distance import jaro_winkler

from communique.events.blocking import MONTH
from communique.events.mention import Days, Mention
from communique.events.names import Name, likeness

WEIGHTS = {"subjects": 0.30, "others": 0.20, "date": 0.25, "place": 0.20, "activity": 0.10, "words": 0.25}
"""What each part counts; one that a mention says nothing of doesn't count."""
THRESHOLD = 0.68
"""From here on two mentions tell one event."""
SAMPLE = 30
"""Members of an event, spread evenly, that others are compared with."""
_CONTRADICTED = 0.38
"""Below, two named roles are other people's."""
_SAME_DOCUMENT = 0.95
"""From here on two records of one article tell one event: the model was asked for one record for each."""
_NEAR = 0.70
"""Most that two days of publication say of the day of the event."""
_FADING = 0.06
"""What each day between them takes away."""
_LATE = 0.20
"""What is left for a month, since a later article may look back, and an earlier one ahead, without a date."""
_ALIKE = 0.5
"""Share of words from which two claims are told in the same words."""
_SPELT = 0.75
"""Likeness (Jaro-Winkler) of two place names that are one in another case, language or script: Vilnius, Вильнюсе."""
_LONG = 1 << 30
"""Days between times of which one isn't known."""

T = TypeVar("T")


class Score(NamedTuple):
    """How sure it is that two mentions tell one event.

    Attributes:
        total: 0 to 1; 0 if something contradicts it.
        parts: What it is made of: `subjects`, `others` (names in other roles), `date`, `place`, `activity`, `words`.
        against: What contradicts it: the role, `date`, or `document` for two records of one; "" if nothing does.
    """

    total: float
    parts: dict[str, float]
    against: str = ""


def compare(left: Mention, right: Mention) -> Score:
    """Return the score of two mentions."""
    if left.kind != right.kind:
        return Score(0.0, {}, "kind")
    date = _dates(left, right)
    if date == -1:
        return Score(0.0, {"date": 0.0}, "date")
    subjects: list[float] = []
    others: list[float] = []
    for role, names in left.roles.items():
        if role not in right.roles:
            continue
        alike = _names(names, right.roles[role])
        if alike < _CONTRADICTED and role in left.essential and role in right.essential:
            return Score(0.0, {"subjects" if role in left.subjects else "others": alike}, role)
        (subjects if role in left.subjects else others).append(alike)
    words = _words(left, right)
    if not subjects and (words is None or words < _ALIKE):
        return Score(0.0, {}, "subjects")
    parts: dict[str, float] = {}
    total = weight = 0.0
    for name, value in (
        ("subjects", sum(subjects) / len(subjects) if subjects else None),
        ("others", sum(others) / len(others) if others else None),
        ("date", date),
        ("place", max((_place(a, b) for a in left.places for b in right.places), default=None)),
        ("activity", float(left.activity == right.activity) if left.activity and right.activity else None),
        ("words", words),
    ):
        if value is not None:
            parts[name] = round(value, 3)
            total += WEIGHTS[name] * parts[name]
            weight += WEIGHTS[name]
    if left.key[:2] == right.key[:2] and total / weight < _SAME_DOCUMENT:
        return Score(0.0, parts, "document")
    return Score(round(total / weight, 4), parts)


def spread(members: Sequence[T]) -> Sequence[T]:
    """Return at most `SAMPLE` members, spread evenly."""
    return members[:: -(-len(members) // SAMPLE)]


def _names(left: tuple[Name, ...], right: tuple[Name, ...]) -> float:
    """Return how alike two lists are: outlets name more or fewer, so the shorter one counts most, and of two its worse."""
    fewer, more = sorted((left, right), key=len)
    if len(more) == 1:
        return likeness(fewer[0], more[0])
    pairs = ((likeness(a, b), i, j) for (i, a), (j, b) in product(enumerate(fewer), enumerate(more)))
    found: dict[int, float] = {}
    taken: set[int] = set()
    for alike, i, j in sorted(pairs, reverse=True):
        if i not in found and j not in taken:
            found[i] = alike
            taken.add(j)
    mean = sum(found.values()) / len(fewer)
    worst = min(found.values()) if len(fewer) <= 3 else mean
    return 0.8 * (mean + worst) / 2 + 0.2 * sum(found.values()) / len(more)


def _dates(left: Mention, right: Mention) -> float | None:
    """Return how well the times fit, None if nothing is known, -1 if they exclude each other."""
    if left.when and right.when:
        gap = _apart(left.when, right.when)
        longest = max(last - first for first, last in (left.when, right.when))
        if gap:
            return {1: 0.6, 2: 0.3}.get(gap, -1) if longest == 0 else -1
        return 1.0 if longest == 0 else 0.9 if longest < 7 else 0.7 if longest < 32 else 0.5
    if left.when and right.bound and left.when[0] > right.bound + 1:
        return -1
    if right.when and left.bound and right.when[0] > left.bound + 1:
        return -1
    gap = _LONG
    if left.published and right.published:
        gap = abs(left.published - right.published)
    if left.when and right.published:
        gap = min(gap, _apart(left.when, (right.published, right.published)))
    elif right.when and left.published:
        gap = min(gap, _apart((left.published, left.published), right.when))
    return None if gap == _LONG else max(_LATE if gap <= MONTH else 0.0, _NEAR - _FADING * gap)


def _apart(left: Days, right: Days) -> int:
    return max(left[0] - right[1], right[0] - left[1], 0)


def _place(left: tuple[str, str], right: tuple[str, str]) -> float:
    (one, code), (other, its_code) = left, right
    if one == other:
        return 1.0
    if code and its_code and code != its_code:
        return 0.0
    if jaro_winkler(one, other) >= _SPELT:
        return 1.0
    return 0.5 if code and code == its_code else 0.0


def _words(left: Mention, right: Mention) -> float | None:
    if min(len(left.words), len(right.words)) < 3:
        return None
    common = len(left.words & right.words)
    alike = min(1.0, 2 * common / (len(left.words) + len(right.words)) / _ALIKE)
    return alike if left.language == right.language or alike >= _ALIKE else None  # another language has other words
