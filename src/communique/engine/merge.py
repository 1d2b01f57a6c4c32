"""The same record, drafted more than once, becomes one that keeps every evidence; two events are never fused.

Two records are the same if they are of one type, share their sides, agree on every stated value that identifies them
(time, place, status or stage, activity, numbers and words copied), and stand in neighbouring sentences, or cite the
same ones. Where in doubt, both stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from communique.grounding.countries import same_territory
from communique.grounding.matching import fold, name_key
from communique.languages import MARKS, phrases_in
from communique.languages import language as language_of
from communique.schemas import Actor, Allegation, Check, Meeting, Record, Response, Worded, field_markers
from communique.schemas.record_type import TAKEN

REACH = {Meeting: 4, Allegation: 2}
"""How many sentences apart the same record may be told again."""

_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}]){{3,}}|[\u3040-\u30ff\u3400-\u9fff]")

_LOOSE = frozenset([
    "cue", "commitment", "mode", "topics", "anticipated_topics", "attributions", "responses", "outcome", "purpose", "regime",
])  # fmt: skip


def merge(answers: Sequence[Sequence[Record]], language: str = "en") -> tuple[Record, ...]:
    """Return the records of an article, those of each answer together, with repetitions merged, by their first evidence.

    What one answer lists apart stays apart, unless it says the same twice: the model, which had all of it before it,
    told the records from each other.
    """
    kept: list[Record] = []
    by_sentence: dict[tuple[type[Record], int], list[int]] = {}  # of the answers before
    for records in answers:
        told: dict[str, int] = {}
        places: list[int] = []
        for record in records:
            said = f"{type(record).plural} {[e.sentence for e in record.evidence]} {_payload(record)!r}"
            index = told.get(said)
            if index is None:
                near = _near(record, by_sentence)
                index = next((i for i in near if _same(kept[i], record, language)), len(kept))
            if index == len(kept):
                kept.append(record)
            else:
                kept[index] = _joined(kept[index], record, language)
            told[said] = index
            places.append(index)
        for index, record in zip(places, records, strict=True):
            for evidence in record.evidence:
                by_sentence.setdefault((type(record), evidence.sentence), []).append(index)
    return tuple(sorted(kept, key=lambda r: r.evidence[0].start if r.evidence else 0))


def _near(record: Record, by_sentence: Mapping[tuple[type[Record], int], Sequence[int]]) -> list[int]:
    """Return the places of records of the same type in the sentences around a record's evidence, ascending."""
    reach = REACH.get(type(record), 1)
    near = {n for e in record.evidence for n in range(e.sentence - reach, e.sentence + reach + 1)}
    return sorted({i for n in near for i in by_sentence.get((type(record), n), ())})


def _same(a: Record, b: Record, language: str) -> bool:
    """Tell whether two records of one type, in neighbouring sentences, say the same."""
    sides, alike = False, set[str]()
    apart = not {e.sentence for e in a.evidence} & {e.sentence for e in b.evidence}
    if apart and _again(a, language) != _again(b, language):
        return False
    for name in type(a).model_fields:
        left, right = getattr(a, name), getattr(b, name)
        if name in TAKEN or name in _LOOSE:
            continue
        if any(isinstance(m, Worded) for m in field_markers(type(a), name)):
            if apart and not _shared_words(left, right, (a, b), language):
                return False
            continue
        if _actors(left) or _actors(right):
            if not _covers(left, right, language, subset=isinstance(a, Meeting)):
                return False
            sides = True
        elif isinstance(left, Actor) and isinstance(right, Actor):  # one alone, such as the chair, tells no sides
            if not _alike(left, right, language):
                return False
            alike.add(name)
        elif left and right and left != right:
            return False
    return sides or _payload(a, alike) == _payload(b, alike)


def _again(record: Record, language: str) -> bool:
    return any("again" in phrases_in(e.exact, language) for e in record.evidence)


def _shared_words(left: Any, right: Any, records: tuple[Record, Record], language: str) -> bool:
    """Tell whether two worded sentences share a word besides names: of theft and of arson one may accuse the same in turn."""
    if not isinstance(left, str) or not isinstance(right, str):
        return True
    values = (getattr(r, name) for r in records for name in type(r).model_fields)
    said = (n for value in values if _actors(value) for a in value for n in (a.name, *a.aliases))
    names = {stem for n in said for stem in _stems(n, language)}
    mine, theirs = _stems(left, language) - names, _stems(right, language) - names
    return not mine or not theirs or bool(mine & theirs)


def _stems(text: str, language: str) -> set[str]:
    """Return the beginnings of the words that tell what a claim is about: not who says it, not that it is claimed."""
    found = phrases_in(text, language)
    plain = [*found.get("reporting", ()), *found.get("pronoun", ())]
    words = (m for m in _WORD.finditer(fold(text)) if not any(s <= m.start() < e for s, e in plain))
    return {w.group()[:5] for w in words} - _of_claiming(language)


@cache
def _of_claiming(known: str) -> frozenset[str]:
    """Return the beginnings of the verbs of accusation and of small words in a language."""
    own = language_of(known)
    if own is None:
        return frozenset()
    verbs = (word for role in own.roles for verb in role.verb for word in verb.split())
    return frozenset(fold(word.strip("*"))[:5] for word in (*verbs, *own.openers))


def _payload(record: Record, but: Collection[str] = ()) -> dict[str, Any]:
    return record.model_dump(exclude={*TAKEN, *but})


def _actors(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Actor)


def _covers(left: Sequence[Actor], right: Sequence[Actor], language: str, *, subset: bool) -> bool:
    """Tell whether two sides are the same: each actor has its like, for a meeting the smaller side's actors."""
    if not left or not right:
        return not left and not right
    small, large = sorted((left, right), key=len)
    enough = len(small) >= 2 if subset else len(small) == len(large)
    return enough and all(any(_alike(s, x, language) for x in large) for s in small)


def _alike(a: Actor, b: Actor, language: str) -> bool:
    """Tell whether two names are one actor: a shared form, or a country's officials and its delegation.

    A first word alone is none: "Odo Brask" and "Odo Tarn" both go by "Odo", as do two people of one surname-first
    family.
    """
    left, right = name_key(a.name), name_key(b.name)
    shared = {left, *map(name_key, a.aliases)} & {right, *map(name_key, b.aliases)}
    if left != right and left.split()[:1] == right.split()[:1] and min(len(left.split()), len(right.split())) > 1:
        shared -= {left.split()[0]}
    if shared:
        return True
    if not all("collective" in phrases_in(name, language) for name in (a.name, b.name)):
        return False
    return same_territory(a.name, b.name, language)


def _joined(first: Record, second: Record, language: str) -> Record:
    update: dict[str, Any] = {}
    for name in (name for name in type(first).model_fields if name not in TAKEN):
        left, right = getattr(first, name), getattr(second, name)
        if _actors(left) or _actors(right):
            update[name] = (*left, *(x for x in right if not any(_alike(x, y, language) for y in left)))
        elif isinstance(left, tuple):
            update[name] = (*left, *(x for x in right if not _has(left, x)))
        elif not left and right:
            update[name] = right
    # What is taken over brings its doubts along.
    taken = {name for name, value in update.items() if value != getattr(first, name)}
    told = (c for c in second.checks if re.split(r"[.\[]", c.field)[0] in taken)
    doubts = [c for c in told if c.severity != "note" and c not in first.checks]
    by_number = {e.sentence: e for e in (*first.evidence, *second.evidence)}
    update["evidence"] = tuple(by_number[n] for n in sorted(by_number))
    update["checks"] = (*_told_again(first.checks, second), *_told_otherwise(first, second), *doubts)
    if doubts:
        update["verdict"] = "flagged"
    return first.model_copy(update=update)


def _told_again(checks: Sequence[Check], second: Record) -> list[Check]:
    """Return the checks with one that says how often the record was told, and where."""
    before = next((c for c in checks if c.reason == "told_again"), None)
    times = int(before.detail.split()[1]) + 1 if before else 2
    numbers = {e.sentence for e in second.evidence}.union(before.sentences if before else ())
    said = Check(
        field="record",
        outcome="supported",
        reason="told_again",
        detail=f"drafted {times} times",
        sentences=tuple(sorted(numbers)),
    )
    return [*(c for c in checks if c is not before), said]


def _told_otherwise(first: Record, second: Record) -> Iterator[Check]:
    """Yield a check for each stated value that the other draft has otherwise: one is kept, both can be read."""
    numbers = tuple(sorted(e.sentence for e in second.evidence))
    for name in type(first).model_fields:
        left, right = getattr(first, name), getattr(second, name)
        if name in TAKEN or name == "cue" or name not in second.model_fields_set or left == right:
            continue
        if not (isinstance(left, str) and isinstance(right, str) and left and right):
            continue
        if any(right == e.exact for e in second.evidence):
            continue  # a sentence copied as the claim is kept as evidence
        detail = f"the other draft said {right!r}"
        check = Check(field=name, outcome="unsupported", reason="told_otherwise", detail=detail, sentences=numbers)
        if check not in first.checks:
            yield check


def _has(items: Sequence[Any], item: Any) -> bool:
    if isinstance(item, Response):
        return any(i.type == item.type and i.evidence == item.evidence for i in items)
    return item in items
