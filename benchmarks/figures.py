"""Figures as the pages and the benchmarks print them: Markdown tables, likelihood ratios with their interval."""

from __future__ import annotations

import math
from collections.abc import Iterable


def markdown(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table: a line for the head, a rule, a line for each row."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def likelihood_ratio(right: int, wrong: int, of_right: int, of_wrong: int) -> tuple[float, float, float]:
    """Return how many times more often a rule speaks of wrong records than of right ones, and the ends of its 95 % interval.

    Half a record is added to each count, so that none is zero (log method).

    Args:
        right: Right records of which the rule spoke.
        wrong: Wrong records of which it spoke.
        of_right: All right records.
        of_wrong: All wrong records.
    """
    hits, misses = wrong + 0.5, right + 0.5
    middle = math.log(hits / (of_wrong + 1)) - math.log(misses / (of_right + 1))
    error = math.sqrt(1 / hits - 1 / (of_wrong + 1) + 1 / misses - 1 / (of_right + 1))
    low, high = (math.exp(middle + side * 1.96 * error) for side in (-1, 1))
    return math.exp(middle), low, high
