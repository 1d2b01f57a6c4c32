"""How far do two readers of one prompt agree? No model is asked.

    python benchmarks/agreement.py ANSWERS_A ANSWERS_B

Both folders hold ID.json: answers to the same full prompts by two readers who didn't see each other. Records pair by
kind where they share evidence and actors, the best pair first. Printed: the F1 of the pairing, then for each field the
share of pairs that say the same (closed lists, times, places), or the F1 of the names (actors) over the pairs.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KINDS = ("meetings", "allegations", "sanctions_concerns")
ACTORS = ("participants", "accusers", "accused", "targets", "counterparties", "raised_by", "subjects")
CHOICES = ("mode", "status", "activity", "commitment", "stage", "breach", "measure")
LEAST = 0.25
"""Likeness from which on two records tell the same."""


def names(record: dict[str, Any], *roles: str) -> set[str]:
    """Return the names of the actors in such roles, in lower case."""
    return {str(a["name"]).casefold() for role in roles for a in record.get(role) or ()}


def shared(left: set[str], right: set[str]) -> int:
    """Return how many names are in both, a shorter form for a longer one too."""
    return sum(any(x in y or y in x for y in right) for x in left)


def alike(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return how much two records share of actors and sentences, 0 to 1."""
    left, right = names(a, *ACTORS), names(b, *ACTORS)
    actors = shared(left, right) / max(len(left), len(right), 1)
    one, two = set(a["evidence"]), set(b["evidence"])
    return actors * 0.5 + 0.5 * len(one & two) / max(len(one | two), 1) if one & two or actors > 0.5 else 0


def pairs(first: list[Any], second: list[Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the records that tell the same, each at most once."""
    scored = sorted(((alike(a, b), i, j) for i, a in enumerate(first) for j, b in enumerate(second)), reverse=True)
    left, right = set(range(len(first))), set(range(len(second)))
    for score, i, j in scored:
        if score >= LEAST and i in left and j in right:
            left.remove(i)
            right.remove(j)
            yield first[i], second[j]


def same(name: str, a: dict[str, Any], b: dict[str, Any]) -> float:
    """Return how far two records agree in a field."""
    if name in ACTORS:
        left, right = names(a, name), names(b, name)
        return 2 * shared(left, right) / (len(left) + len(right)) if left or right else 1.0
    return float(a.get(name) == b.get(name))


def main() -> None:
    first, second = map(Path, sys.argv[1:3])
    counts: Counter[str] = Counter()
    fields: dict[str, list[float]] = defaultdict(list)
    activities: Counter[str] = Counter()
    for path in sorted(first.glob("*.json")):
        one, two = (json.loads((folder / path.name).read_text("utf-8")) for folder in (first, second))
        for kind in KINDS:
            counts["a"] += len(one[kind])
            counts["b"] += len(two[kind])
            activities.update(r["activity"] for r in (*one[kind], *two[kind]) if "activity" in r)
            for a, b in pairs(one[kind], two[kind]):
                counts["both"] += 1
                for name in (*ACTORS, *CHOICES, "when"):
                    if name in a:
                        fields[name].append(same(name, a, b))
                if "responses" in a:
                    denials = [{x["name"].casefold() for r in v["responses"] if r["type"] == "denial"
                                for x in r["responders"]} for v in (a, b)]  # fmt: skip
                    fields["denied by"].append(float(bool(denials[0]) == bool(denials[1])))
    f1 = 2 * counts["both"] / (counts["a"] + counts["b"])
    print(f"records {counts['a']} and {counts['b']}, both {counts['both']}: F1 {f1:.3f}")
    for name, found in fields.items():
        print(f"  {name:15} {sum(found) / len(found):.2f} of {len(found)}")
    print(f"activity other: {activities['other'] / sum(activities.values()):.0%} of {sum(activities.values())}")


if __name__ == "__main__":
    main()
