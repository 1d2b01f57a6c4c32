"""Figures: how often the verdicts were right by what people decided, with bounds of the error."""

from __future__ import annotations

from collections import Counter
from math import sqrt
from typing import Any

from communique.review.queue import Queue
from communique.review.standing import OPEN

_Z = 1.959964
"""Of 95 %, on both sides."""


def figures(queue: Queue) -> list[dict[str, Any]]:
    """Return, for all and by verdict, how many of the decided records were accepted as they are.

    Each row has `of` (`all`, `supported`), `decided`, `articles`, `accepted`, `corrected`, `rejected`, `precision`
    (accepted / decided) and its 95 % interval `low` to `high`. Records of one article are not independent: the interval
    is as wide as if they were right or wrong together.
    """
    settled = [(e, s.state) for e, s in queue.standings() if s.state not in OPEN]
    rows = []
    for name in ("all", "flagged", "draft", "supported", "verified"):
        group = [(entry, state) for entry, state in settled if name in {"all", entry.verdict}]
        if not group:
            continue
        found, sizes = Counter(state for _, state in group), Counter(entry.document for entry, _ in group)
        share = found["accepted"] / len(group)
        low, high = wilson(share, len(group) ** 2 / sum(n * n for n in sizes.values()))
        row = {"of": name, "decided": len(group), "articles": len(sizes)}
        row |= {state: found[state] for state in ("accepted", "corrected", "rejected")}
        rows.append({**row, "precision": share, "low": low, "high": high})
    return rows


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of so many independent observations."""
    middle = share + _Z**2 / (2 * count)
    width = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    whole = 1 + _Z**2 / count
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)
