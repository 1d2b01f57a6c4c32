"""Floors that a change may not lower silently, tied to the gold that they were measured on.

A floors file is JSON: `gold_sha256` (digest of the gold), `least` and `most` (bounds by the dotted path of a figure in
`Scores.to_json()`, such as `micro.F1` or `slots.denied_by.F1`). Gold that changes without a new digest breaks the gate,
so that nobody compares figures of two different measures. (The idea is trafilatura's.)
"""

from __future__ import annotations

import hashlib
import json
import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from communique.errors import ConfigurationError
from communique.evaluation.scores import Scores


def digest(folder: Path) -> str:
    """Return the SHA-256, in hex, over the names and bytes of a gold folder's texts, records and meta files."""
    paths = {p for pattern in ("*.txt", "*.json") for p in folder.glob(pattern) if p.name != "floors.json"}
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def gate(scores: Scores, floors: Path, gold_sha256: str | None = None) -> list[str]:
    """Return what breaks the floors, one line each; an empty list if nothing does.

    Args:
        scores: The figures.
        floors: The floors file.
        gold_sha256: Digest of the gold that was measured; not compared if None.

    Raises:
        ConfigurationError: The file is missing or holds no floors, or a floor names a figure that doesn't exist.
    """
    try:
        row = json.loads(floors.read_text(encoding="utf-8"))
        expected = str(row["gold_sha256"])
        bounds = {side: {str(k): float(v) for k, v in row[side].items()} for side in ("least", "most")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{floors} has no valid floors: {type(error).__name__}: {error}",
            hint='it needs "gold_sha256", "least" and "most"',
        ) from error
    breaches = []
    if gold_sha256 not in (None, expected):
        breaches.append("the floors were measured on other gold: measure again and write new floors")
    figures = scores.to_json()
    for side, holds, broken in (("least", operator.ge, "below the floor"), ("most", operator.le, "above the ceiling")):
        for name, bound in bounds[side].items():
            value = _figure(figures, name)
            if value is None or not holds(value, bound):
                shown = "not measured" if value is None else f"{value:.4g}"
                breaches.append(f"{name} is {shown}, {broken} {bound:.4g}")
    return breaches


def _figure(figures: Mapping[str, Any], name: str) -> float | None:
    value: Any = figures
    for part in name.split("."):
        value = value.get(part, figures) if isinstance(value, Mapping) else figures
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise ConfigurationError(f"there is no figure {name!r}", hint="see `communique evaluate --json` for the names")
