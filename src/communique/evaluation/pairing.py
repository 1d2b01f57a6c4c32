"""Which prediction is which gold record, and what follows for the counts.

The one-to-one pairing of greatest total similarity is taken, required gold records first. The rules are those of the
project's reference scorer (head of `score.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from communique.evaluation.answers import Entry
from communique.evaluation.assignment import assign
from communique.evaluation.counts import Tally, added
from communique.evaluation.kinds import Kind
from communique.evaluation.quotations import Article


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairing of one record type in one document.

    Attributes:
        pairs: (gold record, prediction).
        missed: Required gold records without a prediction.
        extra: Predictions without a gold record.
        tally: The counts.
    """

    pairs: tuple[tuple[Entry, Entry], ...]
    missed: tuple[Entry, ...]
    extra: tuple[Entry, ...]
    tally: Tally


def pair(kind: Kind, gold: Sequence[Entry], given: Sequence[Entry], language: str, article: Article) -> Pairing:
    """Pair the records of one type in one document; `article` locates the evidence."""
    wanted, cited = ([article.touched(e.evidence) for e in entries] for entries in (gold, given))
    alike = [
        [kind.similarity(g, p, language, wanted[i], cited[j]) for j, p in enumerate(given)] for i, g in enumerate(gold)
    ]
    # A required record outweighs any optional one, since no similarity is above 1.
    numbers = assign([[s + (not gold[i].optional) if s else 0.0 for s in row] for i, row in enumerate(alike)])
    pairs = tuple((gold[i], given[j]) for i, j in numbers)
    taken, used = {i for i, _ in numbers}, {j for _, j in numbers}
    missed = tuple(g for i, g in enumerate(gold) if i not in taken and not g.optional)
    extra = tuple(p for j, p in enumerate(given) if j not in used)
    tally = Tally(
        tp=len(pairs),
        fp=len(extra),
        fn=len(missed),
        optional_found=sum(g.optional for g, _ in pairs),
        optional=sum(g.optional for g in gold),
        state_ok=sum(kind.state_is_right(g, p) for g, p in pairs) if kind.state else 0,
        state_n=len(pairs) if kind.state else 0,
        slots=added(slot for g, p in pairs for slot in kind.slots(g, p, language).items()),
    )
    return Pairing(pairs, missed, extra, tally)
