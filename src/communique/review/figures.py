"""Figures: how often the verdicts, and the judge, were right by what people decided, with bounds of the error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from math import sqrt
from typing import Any

from communique.review.queue import Entry, Queue
from communique.review.standing import OPEN

_Z = 1.959964
"""Of 95 %, on both sides."""
_BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)


def figures(queue: Queue) -> list[dict[str, Any]]:
    """Return, by verdict and by the judge's probability, how many of the decided records were accepted as they are.

    Each row has `of` (`all`, `verdict supported`, `judge 0.7 to 0.9`), `decided`, `articles`, `accepted`, `corrected`,
    `rejected`, `precision` (accepted / decided) and its 95 % interval `low` to `high`. Records of one article are not
    independent: the interval is as wide as if they were right or wrong together.
    """
    states = {key: queue.standing(entry).state for key, entry in queue.entries.items()}
    settled = [(entry, states[key]) for key, entry in queue.entries.items() if states[key] not in OPEN]
    rows = []
    for name, fits in _groups():
        of = [(entry, state) for entry, state in settled if fits(entry)]
        if not of:
            continue
        found, sizes = Counter(state for _, state in of), Counter(entry.document for entry, _ in of)
        independent = len(of) ** 2 / sum(n * n for n in sizes.values())
        low, high = wilson(found["accepted"] / len(of), independent)
        rows.append(
            {
                "of": name,
                "decided": len(of),
                "articles": len(sizes),
                **{state: found[state] for state in ("accepted", "corrected", "rejected")},
                "precision": found["accepted"] / len(of),
                "low": low,
                "high": high,
            }
        )
    return rows


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of so many independent observations."""
    middle = share + _Z**2 / (2 * count)
    width = _Z * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    whole = 1 + _Z**2 / count
    return max(0.0, (middle - width) / whole), min(1.0, (middle + width) / whole)


def _groups() -> Iterator[tuple[str, Callable[[Entry], bool]]]:
    yield "all", lambda _: True
    for verdict in ("flagged", "draft", "supported", "verified"):
        yield f"verdict {verdict}", partial(_has_verdict, verdict)
    for low, high in pairwise(_BANDS):
        yield f"judge {low} to {high}", partial(_is_between, low, high)


def _has_verdict(verdict: str, entry: Entry) -> bool:
    return entry.verdict == verdict


def _is_between(low: float, high: float, entry: Entry) -> bool:
    found = entry.probability
    return found is not None and (low <= found < high or found == high == 1)
