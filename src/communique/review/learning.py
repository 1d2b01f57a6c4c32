"""What is learnt from decisions: how often the verdicts were right, and gold for `communique evaluate`."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from communique.batch.filesystem import written_whole
from communique.errors import OutputError
from communique.evaluation.counts import wilson
from communique.review.correction import reviewed
from communique.review.decision import OPEN, key_of, stated
from communique.review.queue import Queue
from communique.schemas.stored import json_text

_NAME = re.compile(r"(?!.*\.meta$)[\w-][\w.-]*", re.IGNORECASE)
_LONGEST = 200
"""Bytes of an id that is a file name: file systems take 255, and a temporary name is longer than the last one."""


def figures(queue: Queue) -> list[dict[str, Any]]:
    """Return, for all and by verdict, how many of the decided records were accepted as they are.

    Each row has `of` (`all`, `supported`), `decided`, `articles`, `accepted`, `corrected`, `rejected`, `precision`
    (accepted / decided) and its 95 % interval `low` to `high`. Records of one article are not independent: the interval
    is as wide as if they were right or wrong together.
    """
    settled = [(entry, standing.state) for entry, standing in queue.standings() if standing.state not in OPEN]
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


def write_gold(queue: Queue, folder: Path) -> dict[str, int]:
    """Write each article of which every record was decided: `ID.json`, `ID.meta.json`, `ID.txt` if the text was kept.

    What is marked as missing becomes a record of its type with evidence alone. Half of the articles, by the hash of
    their text, have `held_out`: no article is on both sides. Gold that is there already stays as it is: somebody may have
    completed it.

    Returns:
        Numbers of articles: `written` (also those that are there as they would be written), and those left out:
        `undecided`, `unnamed` (the id is no file name), and `taken` (other gold has the id, upper and lower case being
        one).

    Raises:
        OutputError: A file can't be written.
    """
    told: dict[str, int] = {"written": 0, "undecided": 0, "unnamed": 0, "taken": 0}
    there = {path.name.casefold(): path for path in folder.glob("*")}
    for number in sorted({entry.rank[-2] for entry in queue.entries.values()}):
        after = reviewed(queue.summary(number), queue.decisions)
        info = after.document
        if any(check.reason == "not_reviewed" for record in after.all_records() for check in record.checks[-1:]):
            told["undecided"] += 1
        elif not _NAME.fullmatch(info.id) or len(info.id.encode()) > _LONGEST:
            told["unnamed"] += 1
        else:
            gold: dict[str, Any] = {k: [stated(r, lambda e: e.exact) for r in rs] for k, rs in after.records.items()}
            for mark in queue.decisions.missing(info.sha256):
                gold.setdefault(mark.kind, []).append({"evidence": [e.exact for e in mark.sentences]})
            gold |= {"id": info.id, "language": info.language}
            held_out = int(key_of(info.sha256, "")[:8], 16) % 2 == 0
            meta = {"id": info.id, "title": info.title, "held_out": held_out}
            files = {f"{info.id}.json": json_text(gold, 1), f"{info.id}.meta.json": json_text(meta, 1)}
            files |= {f"{info.id}.txt": info.text} if info.text else {}
            told["written" if _write(folder, files, there) else "taken"] += 1
    return told


def _write(folder: Path, files: dict[str, str], there: dict[str, Path]) -> bool:
    """Write files unless one of them is `there`, by its name in lower case, with other content."""
    try:
        for name, text in files.items():
            if (path := there.get(name.casefold())) and path.read_bytes() != text.encode():
                return False
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            with written_whole(folder / name) as file:
                file.write(text)
            there[name.casefold()] = folder / name
    except OSError as error:
        raise OutputError(f"can't write to {folder}: {error.strerror or error}") from error
    return True
