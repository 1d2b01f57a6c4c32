"""Which prediction is which gold record, and what follows for the counts.

The rules are those of the project's reference scorer (head of `score.py`). Per record type, a gold and a predicted
record are similar by 0.6 × actor overlap (mean F1 over the pairing roles) + 0.4 × evidence overlap (shared sentences /
the smaller set; a prediction that quotes more than twice the gold's sentences plus three is measured against half its
own). They may pair if the actors overlap at all, the evidence by a quarter, and the similarity is 0.6 or more. A gold
record without actors needs half the evidence. The one-to-one pairing of greatest total similarity is taken, required
gold records first. The loose pairing asks for a similarity of 0.4 and no evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from communique.evaluation.answers import KINDS, PAIRING_ROLES, SCORED_ROLES, STATE_FIELDS, Answer, Entry
from communique.evaluation.assignment import assign
from communique.evaluation.counts import Found, Tally
from communique.evaluation.naming import compare_role
from communique.evaluation.quotations import Locator, SentenceKey
from communique.evaluation.slots import compare_place, compare_time

ACTOR_WEIGHT, EVIDENCE_WEIGHT = 0.6, 0.4
LEAST_EVIDENCE, LEAST_SIMILARITY, LEAST_LOOSE = 0.25, 0.6, 0.4
LEAST_EVIDENCE_WITHOUT_ACTORS = 0.5

Sentences = frozenset[SentenceKey]


class Similarity(NamedTuple):
    """How alike two records are; 0 if they may not pair."""

    strict: float = 0.0
    loose: float = 0.0


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairing of one record type in one document.

    Attributes:
        pairs: (index of the gold record, index of the prediction).
        missed: Required gold records without a prediction.
        extra: Predictions without a gold record.
        repeated: Those of `extra` that repeat a gold record which another prediction took.
        tally: The counts.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    extra: tuple[int, ...]
    repeated: tuple[int, ...]
    tally: Tally


def pair_documents(gold: Answer, given: Answer | None, locator: Locator) -> dict[str, Pairing]:
    """Pair the records of one document, type by type."""
    return {kind: _pair(kind, gold.of(kind), given.of(kind) if given else (), gold.language, locator) for kind in KINDS}


def similarity(
    kind: str, gold: Entry, given: Entry, language: str, *, wanted: Sentences, cited: Sentences
) -> Similarity:
    """Return how alike a gold and a predicted record are.

    Args:
        kind: Plural key of the record type.
        gold: The gold record.
        given: The prediction.
        language: ISO 639-1 code of the article.
        wanted: Sentences that the gold record's evidence touches.
        cited: Sentences that the prediction's evidence touches.
    """
    overlaps = [
        compare_role(gold, given, role, language).f1 or 0.0 for role in PAIRING_ROLES[kind] if gold.actors(role)
    ]
    evidence = _evidence_overlap(wanted, cited)
    if not overlaps:
        return Similarity(evidence, evidence) if evidence >= LEAST_EVIDENCE_WITHOUT_ACTORS else Similarity()
    actors = sum(overlaps) / len(overlaps)
    if not actors:
        return Similarity()
    score = ACTOR_WEIGHT * actors + EVIDENCE_WEIGHT * evidence
    strict = evidence >= LEAST_EVIDENCE and score >= LEAST_SIMILARITY
    return Similarity(score if strict else 0.0, score if score >= LEAST_LOOSE else 0.0)


def _evidence_overlap(wanted: Sentences, cited: Sentences) -> float:
    if not wanted or not cited:
        return 0.0
    # Quoting half the article is no evidence: the more a prediction cites beyond measure, the less each hit counts.
    measured = len(cited) <= 2 * len(wanted) + 3
    return min(1.0, len(wanted & cited) / (min(len(wanted), len(cited)) if measured else len(cited) / 2))


def _pair(kind: str, gold: Sequence[Entry], given: Sequence[Entry], language: str, locator: Locator) -> Pairing:
    wanted = [locator.touched(g.evidence) for g in gold]
    cited = [locator.touched(p.evidence) for p in given]
    alike = [
        [similarity(kind, g, p, language, wanted=wanted[i], cited=cited[j]) for j, p in enumerate(given)]
        for i, g in enumerate(gold)
    ]
    pairs = _assign(gold, alike, lambda s: s.strict)
    loose = _assign(gold, alike, lambda s: s.loose)
    taken, used = {i for i, _ in pairs}, {j for _, j in pairs}
    extra = tuple(j for j in range(len(given)) if j not in used)
    repeated = tuple(j for j in extra if any(alike[i][j].strict for i in taken))
    missed = tuple(i for i, g in enumerate(gold) if i not in taken and not g.optional)
    required = [not g.optional for g in gold]
    tally = Tally(
        tp_req=sum(required[i] for i, _ in pairs),
        tp_opt=sum(not required[i] for i, _ in pairs),
        req=sum(required),
        opt=len(gold) - sum(required),
        pred=len(given),
        dup=len(repeated),
        loose_req=sum(required[i] for i, _ in loose),
        loose_tp=len(loose),
        state_ok=sum(_state_is_right(kind, gold[i], given[j]) for i, j in pairs),
        state_n=len(pairs),
        slots=_slots(kind, [(gold[i], given[j]) for i, j in pairs], language),
    )
    return Pairing(tuple(pairs), missed, extra, repeated, tally)


def _assign(
    gold: Sequence[Entry], alike: Sequence[Sequence[Similarity]], measure: Callable[[Similarity], float]
) -> list[tuple[int, int]]:
    """Pair by a measure; a required record outweighs any optional one, since no similarity is above 1."""
    bonus = [0.0 if g.optional else 1.0 for g in gold]
    return assign([[measure(s) + bonus[i] if measure(s) else 0.0 for s in row] for i, row in enumerate(alike)])


def _state_is_right(kind: str, gold: Entry, given: Entry) -> bool:
    return given.state == gold.state or given.state in gold.accepted.get(STATE_FIELDS[kind], ())


def _slots(kind: str, pairs: Sequence[tuple[Entry, Entry]], language: str) -> dict[str, Found]:
    slots: dict[str, Found] = {}
    for gold, given in pairs:
        found = {role: compare_role(gold, given, role, language) for role in SCORED_ROLES[kind]}
        if not gold.actors("reported_by"):
            # Whom a meeting is credited to is annotated only where the article stresses it.
            found.pop("reported_by", None)
        if kind == "meetings":
            found |= {"place": compare_place(gold, given), "when": compare_time(gold, given)}
        for name, counts in found.items():
            slots[name] = slots.get(name, Found()) + counts
    return slots
