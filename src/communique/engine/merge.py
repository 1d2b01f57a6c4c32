"""The same record, drafted more than once, becomes one that keeps every evidence; two events are never fused.

Two records are the same if they are of one type, share their sides, agree on every stated value that identifies them
(time, place, status or stage, activity, numbers and words copied), and stand in neighbouring sentences, or cite the same
ones. Where in doubt, both stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from communique.grounding.matching import bare, fold
from communique.grounding.territories import same_territory
from communique.schemas import Actor, Allegation, Check, Meeting, Record, Response, Worded, field_markers

REACH = {Meeting: 4, Allegation: 2}
"""How many sentences apart the same record may be told again."""

_OF_CHECKING = frozenset({"evidence", "id", "verdict", "checks", "opinions", "derived"})
"""Fields that say how a record was found and checked, not what it says."""

_LOOSE = frozenset(
    {
        "cue",
        "commitment",
        "mode",
        "topics",
        "anticipated_topics",
        "attributions",
        "responses",
        "outcome",
        "purpose",
        "regime",
    }
)


def merge(records: Sequence[Record]) -> tuple[Record, ...]:
    """Return the records with repetitions merged, in order of their first evidence."""
    kept: list[Record] = []
    for record in records:
        for index, other in enumerate(kept):
            if _same(other, record):
                kept[index] = _joined(other, record)
                break
        else:
            kept.append(record)
    return tuple(sorted(kept, key=lambda r: r.evidence[0].start if r.evidence else 0))


def _same(a: Record, b: Record) -> bool:
    if type(a) is not type(b) or not _near(a, b):
        return False
    sides = False
    for name in type(a).model_fields:
        left, right = getattr(a, name), getattr(b, name)
        if name in _OF_CHECKING or name in _LOOSE:
            continue
        if any(isinstance(m, Worded) for m in field_markers(type(a), name)):
            continue
        if _actors(left) or _actors(right):
            if not _covers(left, right, isinstance(a, Meeting)):
                return False
            sides = True
        elif left and right and left != right:
            return False
    return sides or _payload(a) == _payload(b)


def _payload(record: Record) -> dict[str, Any]:
    return record.model_dump(exclude=set(_OF_CHECKING))


def _near(a: Record, b: Record) -> bool:
    mine, theirs = {e.sentence for e in a.evidence}, {e.sentence for e in b.evidence}
    if mine & theirs:
        return True
    reach = REACH.get(type(a), 1)
    return bool(mine and theirs) and min(abs(m - t) for m in mine for t in theirs) <= reach


def _actors(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Actor)


def _covers(left: Sequence[Actor], right: Sequence[Actor], subset: bool) -> bool:
    """Tell whether two sides are the same: each actor has its like, for a meeting the smaller side's actors."""
    if not left or not right:
        return not left and not right
    small, large = sorted((left, right), key=len)
    matched = [any(_alike(s, x) for x in large) for s in small]
    if subset:
        return len(small) >= 2 and all(matched)
    return all(matched) and len(small) == len(large)


_COLLECTIVE = re.compile(
    r"\b(officials?|delegations?|government|authorities|representatives|diplomats|envoys|leaders|ministers|side)\b",
    re.IGNORECASE,
)


def _alike(a: Actor, b: Actor) -> bool:
    """Tell whether two names are one actor: a shared form, or a country's officials and its delegation.

    A first word alone is none: "Odo Brask" and "Odo Tarn" both go by "Odo", as do two people of one surname-first family.
    """
    left, right = _form(a.name), _form(b.name)
    shared = {left, *map(_form, a.aliases)} & {right, *map(_form, b.aliases)}
    if (
        left != right
        and left.split()[:1] == right.split()[:1]
        and min(len(left.split()), len(right.split())) > 1
    ):
        shared -= {left.split()[0]}
    if shared:
        return True
    collective = _COLLECTIVE.search(a.name) and _COLLECTIVE.search(b.name)
    return bool(collective) and same_territory(a.name, b.name)


def _form(name: str) -> str:
    return fold(bare(name))


def _joined(first: Record, second: Record) -> Record:
    update: dict[str, Any] = {}
    for name in type(first).model_fields:
        left, right = getattr(first, name), getattr(second, name)
        if name in {"id", "opinions", "derived", "verdict"}:
            continue
        if name == "evidence":
            by_number = {e.sentence: e for e in (*left, *right)}
            update[name] = tuple(by_number[n] for n in sorted(by_number))
        elif name == "checks":
            numbers = tuple(e.sentence for e in second.evidence)
            update[name] = (
                *left,
                Check(field="record", outcome="passed", reason="merged_repetition", sentences=numbers),
            )
        elif _actors(left) or _actors(right):
            update[name] = (*left, *(x for x in right if not any(_alike(x, y) for y in left)))
        elif isinstance(left, tuple):
            update[name] = (*left, *(x for x in right if not _has(left, x)))
        elif not left and right:
            update[name] = right
    return first.model_copy(update=update)


def _has(items: Sequence[Any], item: Any) -> bool:
    if isinstance(item, Response):
        return any(i.type == item.type and i.evidence == item.evidence for i in items)
    return item in items
