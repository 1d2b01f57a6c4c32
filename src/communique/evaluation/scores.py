"""The result of an evaluation: which prediction is which gold record, counts per document, the figures over all of them.

The one-to-one pairing of greatest total similarity is taken, required gold records first. The rules are those of the
project's reference scorer (head of `score.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from communique.evaluation.answers import Entry
from communique.evaluation.assignment import assign
from communique.evaluation.counts import Found, Tally, added
from communique.evaluation.kinds import STANDARD, Kind
from communique.evaluation.ruler import Article

Interval = tuple[float, float]


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


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """What was counted for one document.

    Attributes:
        id: Id of the document.
        pairings: By record type.
        answered: Whether there was a prediction.
        lost_quotations: Predicted quotations that are not in the text.
        lost_gold_quotations: Gold quotations that are not in the text: a fault of the gold.
    """

    id: str
    pairings: Mapping[str, Pairing]
    answered: bool = True
    lost_quotations: int = 0
    lost_gold_quotations: int = 0

    @property
    def tally(self) -> Tally:
        """The counts of all record types together."""
        return sum((p.tally for p in self.pairings.values()), Tally())


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures over all documents.

    Attributes:
        documents: By document, in the order of the gold.
        kinds: What was scored.
        unmatched: Predictions that belong to no gold document.
        without_text: Documents whose text was not at hand: their quotations were compared as they are.
        intervals: 95 % bootstrap intervals of F1 over documents, by record type and `micro`; None if not asked for.
    """

    documents: tuple[DocumentScore, ...]
    kinds: tuple[Kind, ...] = STANDARD
    unmatched: tuple[str, ...] = ()
    without_text: tuple[str, ...] = ()
    intervals: Mapping[str, Interval | None] | None = None

    def of(self, plural: str) -> Tally:
        """Return the counts of one record type over all documents."""
        return sum((d.pairings[plural].tally for d in self.documents), Tally())

    @property
    def types(self) -> dict[str, Tally]:
        """The counts by record type."""
        return {kind.plural: self.of(kind.plural) for kind in self.kinds}

    @property
    def micro(self) -> Tally:
        """The counts of all record types together."""
        return sum((d.tally for d in self.documents), Tally())

    @property
    def slots(self) -> dict[str, Found]:
        """Slots over all record types; `actors` are the roles that decide which records belong together."""
        always = [(kind.line(name), Found()) for kind in self.kinds for name in (*kind.identity, *kind.more)]
        found = ((kind.line(name), n) for kind in self.kinds for name, n in self.of(kind.plural).slots.items())
        return added((*always, *found))

    @property
    def differences(self) -> Iterator[tuple[str, str, Kind, Entry]]:
        """The required records that were missed and the predictions that are false: `missed` or `false`, document, record."""
        for document in self.documents:
            for kind in self.kinds:
                pairing = document.pairings[kind.plural]
                yield from (("missed", document.id, kind, entry) for entry in pairing.missed)
                yield from (("false", document.id, kind, entry) for entry in pairing.extra)

    def to_json(self) -> dict[str, Any]:
        """Return everything for machines."""
        figures = {name: tally.to_json() for name, tally in (*self.types.items(), ("micro", self.micro))}
        for name, interval in (self.intervals or {}).items():
            figures[name]["F1_95"] = list(interval) if interval else None
        return {
            "micro": figures.pop("micro"),
            "types": figures,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
            "empty": self._empty(),
            "verdicts": self._verdicts(),
            "quotes_not_in_text": sum(d.lost_quotations for d in self.documents),
            "gold_quotes_not_in_text": sum(d.lost_gold_quotations for d in self.documents),
            "gold_without_evidence": sum(
                tag == "missed" and bool(kind.roles) and not entry.evidence for tag, _, kind, entry in self.differences
            ),
            "documents": len(self.documents),
            "predictions_missing": [d.id for d in self.documents if not d.answered],
            "predictions_unmatched": list(self.unmatched),
            "without_text": list(self.without_text),
        }

    def _empty(self) -> dict[str, Any]:
        """Return how many articles hold no record in the gold, and what was predicted there."""
        counts = [t.predicted for t in (d.tally for d in self.documents) if not t.required + t.optional]
        false = sum(n > 0 for n in counts)
        rate = false / len(counts) if counts else None
        return {"articles": len(counts), "with_false_positives": false, "rate": rate, "records": sum(counts)}

    def _verdicts(self) -> dict[str, Any]:
        """Return how many records each verdict was given to, and the share of them that the gold has."""
        pairings = [p for d in self.documents for p in d.pairings.values()]
        judged = [(given.verdict, Found(tp=1)) for p in pairings for _, given in p.pairs]
        judged += [(given.verdict, Found(fp=1)) for p in pairings for given in p.extra]
        found = added((verdict, n) for verdict, n in judged if verdict is not None)
        if found:
            found["unflagged"] = found.get("supported", Found()) + found.get("verified", Found())
        return {
            name: {"records": n.tp + n.fp, "right": n.tp, "precision": n.precision} for name, n in sorted(found.items())
        }


def f1_intervals(documents: Sequence[DocumentScore], plurals: Sequence[str], rounds: int) -> dict[str, Interval | None]:
    """Return 95 % intervals of F1: documents drawn with replacement, percentiles of the figures.

    A round without a required record of a type says nothing about that type and is left out of its interval.

    Args:
        documents: What was counted.
        plurals: Keys of the record types.
        rounds: How often documents are drawn, the same ones each time.
    """
    chance = random.Random(0)  # noqa: S311 - statistics, not secrets
    figures: dict[str, list[float]] = {name: [] for name in (*plurals, "micro")}
    for _ in range(rounds):
        drawn = [chance.choice(documents) for _ in documents]
        tallies = {plural: sum((d.pairings[plural].tally for d in drawn), Tally()) for plural in plurals}
        for plural, tally in tallies.items():
            if tally.required:
                figures[plural].append(tally.f1)
        figures["micro"].append(sum(tallies.values(), Tally()).f1)
    return {name: _percentiles(values) for name, values in figures.items()}


def _percentiles(values: Iterable[float]) -> Interval | None:
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[int(len(ordered) * 0.025)], ordered[int(len(ordered) * 0.975)]
