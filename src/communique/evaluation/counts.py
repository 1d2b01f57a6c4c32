"""Counts and the figures made of them: what was found, what was too much, what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """True positives, false positives, false negatives of one slot."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """Share of the predicted ones that are right; None if nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """Share of the wanted ones that were found; None if there was nothing to find."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None if there was nothing to find and nothing was predicted."""
        whole = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / whole if whole else None

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        figures = {"tp": self.tp, "fp": self.fp, "fn": self.fn, "F1": self.f1}
        return {**figures, "precision": self.precision, "recall": self.recall, "f1": self.f1}


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
        state_ok: Paired records whose status or stance is right.
        state_n: Paired records.
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
        slots = dict(self.slots)
        for name, found in other.slots.items():
            slots[name] = slots.get(name, Found()) + found
        return Tally(**numbers, slots=slots)

    @property
    def tp(self) -> int:
        """Predictions paired with any gold record."""
        return self.tp_req + self.tp_opt

    @property
    def precision(self) -> float:
        """Share of the predictions that are right; without predictions 1 if none was required, else 0."""
        return self.tp / self.pred if self.pred else self._of_nothing

    @property
    def precision_lenient(self) -> float:
        """Precision with repeated records left out."""
        distinct = self.pred - self.dup
        return self.tp / distinct if distinct else self.precision

    @property
    def recall(self) -> float:
        """Share of the required gold records that were found; 1 if none was required."""
        return self.tp_req / self.req if self.req else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _harmonic(self.precision, self.recall)

    @property
    def f1_loose(self) -> float:
        """F1 whatever the evidence: a wide gap to `f1` means bad or missing quotations."""
        precision = self.loose_tp / self.pred if self.pred else self.precision
        return _harmonic(precision, self.loose_req / self.req if self.req else 1.0)

    @property
    def state_accuracy(self) -> float | None:
        """Share of the paired records whose status or stance is right; None without pairs."""
        return self.state_ok / self.state_n if self.state_n else None

    @property
    def _of_nothing(self) -> float:
        return 0.0 if self.req else 1.0

    def figures(self) -> dict[str, Any]:
        """Return the figures for machines, under the reference scorer's short names and under plain ones."""
        return {
            "P": self.precision,
            "R": self.recall,
            "F1": self.f1,
            "P_lenient": self.precision_lenient,
            "F1_loose": self.f1_loose,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        return {
            **self.figures(),
            "required": self.req,
            "optional": self.opt,
            "predicted": self.pred,
            "tp_req": self.tp_req,
            "tp_opt": self.tp_opt,
            "optional_found": self.tp_opt,
            "dup": self.dup,
            "state_ok": self.state_ok,
            "state_n": self.state_n,
            "state_accuracy": self.state_accuracy,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
        }


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    return sum(tallies, Tally())


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0
