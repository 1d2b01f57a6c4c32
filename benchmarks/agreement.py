"""How far do two readers of one prompt agree? No model is asked.

    python benchmarks/agreement.py ANSWERS_A ANSWERS_B

Both folders hold ID.json: answers to the same full prompts by two readers who didn't see each other. Records pair as
`communique evaluate` pairs predictions with gold, the first reader taken for gold. Printed: the F1 of the pairing, then
for each field over the pairs the share that says the same (closed lists, times), or the F1 of the names (actors).
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from articles import KINDS, stored

from communique.evaluation import evaluate
from communique.evaluation.counts import Found
from communique.evaluation.kinds import compare_any

ACTORS = ("participants", "accusers", "accused", "targets", "counterparties", "raised_by", "subjects")
CHOICES = ("mode", "status", "activity", "commitment", "stage", "breach", "measure", "when")


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the answers in a folder; the numbers of sentences stand for the sentences."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        answer = stored(folder, path.stem)
        kinds = {k: [{**r, "evidence": [str(n) for n in r["evidence"]]} for r in answer[k]] for k in KINDS}
        rows.append({"id": path.stem, **kinds})
    return rows


def denies(record: Any) -> bool:
    return any(response["type"] == "denial" for response in record["responses"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    args = parser.parse_args()
    first, second = read(args.first), read(args.second)
    scores = evaluate(first, second)
    same: defaultdict[str, list[bool]] = defaultdict(list)
    named: defaultdict[str, Found] = defaultdict(Found)
    for a, b in ((a.row, b.row) for d in scores.documents for p in d.pairings.values() for a, b in p.pairs):
        for field in CHOICES:
            if field in a:
                same[field].append(a[field] == b.get(field))
        for role in ACTORS:
            if role in a:
                named[role] += compare_any(a[role], b[role])
        if "responses" in a:
            same["denied by"].append(denies(a) == denies(b))
    both = scores.micro
    print(f"records {both.required} and {both.predicted}, both {both.tp}: F1 {both.f1:.3f}")
    for field, found in same.items():
        print(f"  {field:15} {sum(found) / len(found):.2f} of {len(found)}")
    for role, found in named.items():
        print(f"  {role:15} {found.f1 or 1:.2f} (F1 of {found.tp + found.fn} names)")
    activities = Counter(r["activity"] for row in (*first, *second) for k in KINDS for r in row[k] if "activity" in r)
    print(f"activity other: {activities['other'] / activities.total():.0%} of {activities.total()}")


if __name__ == "__main__":
    main()
