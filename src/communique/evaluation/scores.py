"""The result of an evaluation: counts per document and the figures over all of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from communique.evaluation.answers import KINDS, Answer
from communique.evaluation.counts import Found, Tally, total
from communique.evaluation.pairing import Pairing

Interval = tuple[float, float]

_ACTOR_ROLES = ("participants", "accusers", "accused", "raised_by", "subjects")


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """What was counted for one document.

    Attributes:
        id: Id of the document.
        pairings: By record type.
        gold: What was to be found.
        given: What was predicted; None if there was no prediction.
        lost_quotations: Predicted quotations that are not in the text.
        lost_gold_quotations: Gold quotations that are not in the text: a fault of the gold.
    """

    id: str
    pairings: Mapping[str, Pairing]
    gold: Answer
    given: Answer | None
    lost_quotations: int = 0
    lost_gold_quotations: int = 0

    def tally(self, kind: str) -> Tally:
        """Return the counts of one record type."""
        return self.pairings[kind].tally

    @property
    def records(self) -> int:
        """Records predicted, of all types."""
        return sum(p.tally.pred for p in self.pairings.values())


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures over all documents.

    Attributes:
        documents: By document, in the order of the gold.
        unmatched: Predictions that belong to no gold document.
        without_text: Documents whose text was not at hand: their quotations were compared as they are.
        intervals: 95 % bootstrap intervals of F1 over documents, by record type and `micro`; empty if not asked for.
    """

    documents: tuple[DocumentScore, ...]
    unmatched: tuple[str, ...] = ()
    without_text: tuple[str, ...] = ()
    intervals: Mapping[str, Interval | None] | None = None

    def of(self, kind: str) -> Tally:
        """Return the counts of one record type over all documents."""
        return total(d.tally(kind) for d in self.documents)

    @property
    def micro(self) -> Tally:
        """The counts of all record types together."""
        return total(self.of(kind) for kind in KINDS)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the record types."""
        return sum(self.of(kind).f1 for kind in KINDS) / len(KINDS)

    @property
    def slots(self) -> dict[str, Found]:
        """Slots over all record types; `actors` are the roles that decide a record's identity."""
        found = self.micro.slots
        actors = sum((found.get(role, Found()) for role in _ACTOR_ROLES), Found())
        return {
            "actors": actors,
            **{n: found.get(n, Found()) for n in ("place", "when", "denied_by", "reported_by")},
        }

    @property
    def missing(self) -> tuple[str, ...]:
        """Gold documents without a prediction: they count as "no records"."""
        return tuple(d.id for d in self.documents if d.given is None)

    def to_json(self) -> dict[str, Any]:
        """Return everything for machines."""
        types = {kind: self.of(kind).to_json() for kind in KINDS}
        for kind, figures in types.items():
            figures["F1_95"] = self._interval(kind)
        result: dict[str, Any] = {
            "micro": {**self.micro.to_json(), "F1_95": self._interval("micro")},
            "macro_F1": self.macro_f1,
            "types": types,
            **types,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
            "state_accuracy": self.micro.state_accuracy,
            "empty": self._empty(),
            "verdicts": self._verdicts(),
            "quotes_not_in_text": sum(d.lost_quotations for d in self.documents),
            "gold_quotes_not_in_text": sum(d.lost_gold_quotations for d in self.documents),
            "documents": len(self.documents),
            "predictions_missing": list(self.missing),
            "predictions_unmatched": list(self.unmatched),
            "without_text": list(self.without_text),
        }
        if self.intervals is not None:
            result["F1_95"] = {name: self._interval(name) for name in (*KINDS, "micro")}
        return result

    def _interval(self, name: str) -> list[float] | None:
        found = (self.intervals or {}).get(name)
        return list(found) if found else None

    def _empty(self) -> dict[str, Any]:
        counts = [d.records for d in self.documents if d.gold.is_empty]
        false = sum(n > 0 for n in counts)
        rate = false / len(counts) if counts else None
        return {"articles": len(counts), "with_false_positives": false, "rate": rate, "records": sum(counts)}

    def _verdicts(self) -> dict[str, Any]:
        """Return how many records each verdict was given to, and the share of them that the gold has."""
        found: dict[str, Found] = {}
        for document in self.documents:
            for kind, pairing in document.pairings.items():
                for number, entry in enumerate(document.given.of(kind) if document.given else ()):
                    if entry.verdict is not None:
                        one = Found(fp=1) if number in pairing.extra else Found(tp=1)
                        found[entry.verdict] = found.get(entry.verdict, Found()) + one
        if found:
            found["unflagged"] = found.get("supported", Found()) + found.get("verified", Found())
        return {
            name: {"records": n.tp + n.fp, "right": n.tp, "precision": n.precision} for name, n in sorted(found.items())
        }


def bootstrap(documents: Sequence[DocumentScore], rounds: int, seed: int = 0) -> dict[str, Interval | None]:
    """Return 95 % intervals of F1: documents drawn with replacement, percentiles of the figures.

    A round without a required record of a type says nothing about that type and is left out of its interval.
    """
    chance = random.Random(seed)  # noqa: S311 - statistics, not secrets
    figures: dict[str, list[float]] = {name: [] for name in (*KINDS, "micro")}
    for _ in range(rounds):
        drawn = [chance.choice(documents) for _ in documents]
        tallies = {kind: total(d.tally(kind) for d in drawn) for kind in KINDS}
        for kind, tally in tallies.items():
            if tally.req:
                figures[kind].append(tally.f1)
        figures["micro"].append(total(tallies.values()).f1)
    return {name: _percentiles(values) for name, values in figures.items()}


def _percentiles(values: Iterable[float]) -> Interval | None:
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[int(len(ordered) * 0.025)], ordered[int(len(ordered) * 0.975)]
