"""Counts and the figures made of them: what was found, what was too much, what was missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from math import sqrt
from typing import Any

_Z = 1.959964
"""Of 95 %, on both sides."""


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
        tp: Predictions paired with a gold record.
        fp: Predictions without one.
        fn: Required gold records without a prediction.
        optional_found: Those of `tp` whose gold record is optional.
        optional: Optional gold records.
        state_ok: Paired records whose status, commitment or stage is right.
        state_n: Paired records that have one.
        slots: Per role or field, over the paired records.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    optional_found: int = 0
    optional: int = 0
    state_ok: int = 0
    state_n: int = 0
    slots: Mapping[str, Found] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        numbers = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.name != "slots"}
        return Tally(**numbers, slots=added((*self.slots.items(), *other.slots.items())))

    @property
    def required(self) -> int:
        """Required gold records."""
        return self.tp - self.optional_found + self.fn

    @property
    def predicted(self) -> int:
        """Predictions."""
        return self.tp + self.fp

    @property
    def precision(self) -> float:
        """Share of the predictions that are right; without predictions 1 if none was required, else 0."""
        return self.tp / self.predicted if self.predicted else float(not self.required)

    @property
    def recall(self) -> float:
        """Share of the required gold records that were found; 1 if none was required."""
        return (self.required - self.fn) / self.required if self.required else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        whole = self.precision + self.recall
        return 2 * self.precision * self.recall / whole if whole else 0.0

    @property
    def state_accuracy(self) -> float | None:
        """Share of the paired records whose status, commitment or stage is right; None without such pairs."""
        return _share(self.state_ok, self.state_n)

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        counts = ("tp", "fp", "fn", "required", "predicted", "optional", "optional_found")
        figures = {"precision": self.precision, "recall": self.recall, "F1": self.f1}
        return {
            **figures,
            **{name: getattr(self, name) for name in counts},
            "state_accuracy": self.state_accuracy,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
        }


def added(slots: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    """Return the sum of counts by name."""
    found: dict[str, Found] = {}
    for name, counts in slots:
        found[name] = found.get(name, Found()) + counts
    return found


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of so many independent observations; the whole range where there are none."""
    if not count:
        return 0.0, 1.0
    middle = share + _Z**2 / (2 * count)
    width = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    whole = 1 + _Z**2 / count
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
