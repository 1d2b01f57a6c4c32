"""Counts and the figures made of them: what was found, what was too much, what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """True positives, false positives, false negatives of one slot; a figure is None where nothing was to be counted."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """Share of the predicted ones that are right."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        """Share of the wanted ones that were found."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        counts = {"tp": self.tp, "fp": self.fp, "fn": self.fn}
        return {**counts, "precision": self.precision, "recall": self.recall, "F1": self.f1}


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted for one record type in one or more documents.

    Attributes:
        tp_req: Predictions paired with a required gold record.
        tp_opt: Predictions paired with an optional gold record.
        req: Required gold records.
        opt: Optional gold records.
        pred: Predictions.
        dup: Unpaired predictions that repeat a gold record which another prediction took.
        loose_req: As `tp_req`, whatever the evidence.
        loose_tp: All predictions paired, whatever the evidence.
        state_ok: Paired records whose status, commitment or stage is right.
        state_n: Paired records that have one.
        slots: Per role or field, over the paired records.
    """

    tp_req: int = 0
    tp_opt: int = 0
    req: int = 0
    opt: int = 0
    pred: int = 0
    dup: int = 0
    loose_req: int = 0
    loose_tp: int = 0
    state_ok: int = 0
    state_n: int = 0
    slots: Mapping[str, Found] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        numbers = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.name != "slots"}
        return Tally(**numbers, slots=added((*self.slots.items(), *other.slots.items())))

    @property
    def tp(self) -> int:
        """Predictions paired with any gold record."""
        return self.tp_req + self.tp_opt

    @property
    def precision(self) -> float:
        """Share of the predictions that are right; without predictions 1 if none was required, else 0."""
        return self.tp / self.pred if self.pred else float(not self.req)

    @property
    def precision_lenient(self) -> float:
        """Precision with repeated records left out."""
        return self.tp / (self.pred - self.dup) if self.pred > self.dup else self.precision

    @property
    def recall(self) -> float:
        """Share of the required gold records that were found; 1 if none was required."""
        return self.tp_req / self.req if self.req else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _mean(self.precision, self.recall)

    @property
    def f1_loose(self) -> float:
        """F1 whatever the evidence: a wide gap to `f1` means bad or missing quotations."""
        precision = self.loose_tp / self.pred if self.pred else self.precision
        return _mean(precision, self.loose_req / self.req if self.req else 1.0)

    @property
    def state_accuracy(self) -> float | None:
        """Share of the paired records whose status, commitment or stage is right; None without such pairs."""
        return _share(self.state_ok, self.state_n)

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "F1": self.f1,
            "precision_lenient": self.precision_lenient,
            "F1_loose": self.f1_loose,
            "tp": self.tp,
            "fp": self.pred - self.tp,
            "fn": self.req - self.tp_req,
            "required": self.req,
            "optional": self.opt,
            "predicted": self.pred,
            "optional_found": self.tp_opt,
            "dup": self.dup,
            "state_accuracy": self.state_accuracy,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
        }


def added(slots: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    """Return the sum of counts by name."""
    found: dict[str, Found] = {}
    for name, counts in slots:
        found[name] = found.get(name, Found()) + counts
    return found


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
