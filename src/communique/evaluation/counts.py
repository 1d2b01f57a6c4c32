"""Counting: what belongs together, what was found, what was too much, what was missed, and the figures made of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import inf, sqrt
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
    """What was counted for one record type in one or more documents."""

    tp: int = 0  # predictions paired with a gold record
    fp: int = 0  # predictions without one
    fn: int = 0  # required gold records without a prediction
    optional_found: int = 0  # those of `tp` whose gold record is optional
    optional: int = 0  # optional gold records
    state_ok: int = 0  # paired records whose status, commitment or stage is right
    state_n: int = 0  # paired records that have one
    slots: Mapping[str, Found] = field(default_factory=dict)  # per role or field, over the paired records

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
        return {
            "precision": self.precision,
            "recall": self.recall,
            "F1": self.f1,
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


def assign(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the one-to-one pairs (row, column) of greatest total weight; pairs of weight 0, no candidates, are left out.

    The Hungarian method with potentials (Kuhn 1955, Munkres 1957), O(n³): no base dependency has one.
    """
    rows, columns = len(weights), len(weights[0]) if weights else 0
    if not columns:
        return []
    size, ceiling = max(rows, columns), max(map(max, weights)) + 1
    costs = [[ceiling - (weights[r][c] if r < rows and c < columns else 0) for c in range(size)] for r in range(size)]
    pairs = ((row, c) for c, row in enumerate(_cheapest(costs)[:columns]))
    return [(r, c) for r, c in pairs if r < rows and weights[r][c] > 0]


def _cheapest(costs: Sequence[Sequence[float]]) -> list[int]:
    """Return for each column of a square matrix its row in the cheapest assignment."""
    size = len(costs)
    # Rows and columns count from 1: column 0 is where each augmenting path begins, row 0 means "free".
    row_price, column_price, row_of = [0.0] * (size + 1), [0.0] * (size + 1), [0] * (size + 1)
    for row in range(1, size + 1):
        row_of[0], column = row, 0
        came_from, slack, visited = [0] * (size + 1), [inf] * (size + 1), [False] * (size + 1)
        while row_of[column]:
            visited[column] = True
            here, step, nearest = row_of[column], inf, 0
            for c in (c for c in range(1, size + 1) if not visited[c]):
                reduced = costs[here - 1][c - 1] - row_price[here] - column_price[c]
                if reduced < slack[c]:
                    slack[c], came_from[c] = reduced, column
                if slack[c] < step:
                    step, nearest = slack[c], c
            for c in range(size + 1):
                if visited[c]:
                    row_price[row_of[c]] += step
                    column_price[c] -= step
                else:
                    slack[c] -= step
            column = nearest
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    return [row - 1 for row in row_of[1:]]
