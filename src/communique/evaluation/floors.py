"""Floors that a change may not lower silently, tied to the gold that they were measured on.

A floors file is JSON: `gold_sha256` (digest of the gold), `least` and `most` (bounds by the dotted path of a figure in
`Scores.to_json()`, such as `micro.F1` or `slots.denied_by.f1`). Gold that changes without a new digest breaks the gate,
so that nobody compares figures of two different measures. (The idea is trafilatura's.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from communique.errors import ConfigurationError
from communique.evaluation.scores import Scores

_GOLD_FILES = ("*.txt", "*.json")
_NOT_GOLD = ("floors.json",)


@dataclass(frozen=True, slots=True)
class Floors:
    """Bounds on figures.

    Attributes:
        gold_sha256: Digest of the gold that they were measured on.
        least: Figures that may not be lower.
        most: Figures that may not be higher.
    """

    gold_sha256: str
    least: Mapping[str, float] = field(default_factory=dict)
    most: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Floors:
        """Read a floors file.

        Raises:
            ConfigurationError: It is missing, or not such a file.
        """
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            least, most = ({str(k): float(v) for k, v in row[side].items()} for side in ("least", "most"))
            return cls(str(row["gold_sha256"]), least, most)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"{path} holds no floors: {type(error).__name__}: {error}",
                hint='it needs "gold_sha256", "least" and "most"',
            ) from error

    def save(self, path: Path) -> None:
        """Write a floors file."""
        row = {"gold_sha256": self.gold_sha256, "least": dict(self.least), "most": dict(self.most)}
        path.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8", newline="\n")


def digest(folder: Path) -> str:
    """Return the SHA-256, in hex, over the names and bytes of a gold folder's texts, records and meta files."""
    paths = {p for pattern in _GOLD_FILES for p in folder.glob(pattern) if p.name not in _NOT_GOLD}
    total = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.name}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def gate(scores: Scores, floors: Floors, gold_sha256: str | None = None) -> list[str]:
    """Return what breaks the floors, one line each; an empty list if nothing does.

    Args:
        scores: The figures.
        floors: The bounds.
        gold_sha256: Digest of the gold that was measured; not compared if None.

    Raises:
        ConfigurationError: A floor names a figure that doesn't exist.
    """
    breaches = []
    if gold_sha256 is not None and gold_sha256 != floors.gold_sha256:
        breaches.append("the gold is not the one that the floors were measured on: measure again, write new floors")
    figures = scores.to_json()
    for name, bound in floors.least.items():
        value = _figure(figures, name)
        if value is None or value < bound:
            breaches.append(f"{name} is {_shown(value)}, below the floor {_shown(bound)}")
    for name, bound in floors.most.items():
        value = _figure(figures, name)
        if value is None or value > bound:
            breaches.append(f"{name} is {_shown(value)}, above the ceiling {_shown(bound)}")
    return breaches


def _figure(figures: Mapping[str, Any], name: str) -> float | None:
    value: Any = figures
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ConfigurationError(
                f"there is no figure {name!r}", hint="see `communique evaluate --json` for the names"
            )
        value = value[part]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigurationError(f"{name!r} is not a figure", hint="see `communique evaluate --json` for the names")
    return float(value)


def _shown(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4g}"
