"""Gold from decisions: a folder that `communique evaluate` reads, halved by article."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from communique.batch.filesystem import written_whole
from communique.errors import OutputError
from communique.review.correction import corrected
from communique.review.decision import key_of, stated
from communique.review.queue import Entry, Queue
from communique.review.standing import OPEN
from communique.schemas.stored import json_text

_NAME = re.compile(r"[\w-][\w.-]{0,199}")


def write_gold(queue: Queue, folder: Path) -> dict[str, int]:
    """Write each article of which every record was decided: `ID.json`, `ID.meta.json`, and `ID.txt` if the text was kept.

    What is marked as missing becomes a record of its type with evidence alone. Half of the articles, by the hash of
    their text, have `held_out`: no article is on both sides.

    Returns:
        Numbers of articles: `written`, and `undecided` and `unnamed` (the id is no file name), which were left out.

    Raises:
        OutputError: A file can't be written.
    """
    entries: dict[int, list[Entry]] = defaultdict(list)
    for entry in queue.entries.values():
        entries[entry.place[0]].append(entry)
    told: dict[str, int] = {"written": 0, "undecided": 0, "unnamed": 0}
    for number in sorted(entries):
        if any(queue.standing(entry).state in OPEN for entry in entries[number]):
            told["undecided"] += 1
            continue
        info = queue.summary(number).document
        if not _NAME.fullmatch(info.id):
            told["unnamed"] += 1
            continue
        gold = {**_records(queue, entries[number]), "id": info.id, "language": info.language}
        meta = {"id": info.id, "title": info.title, "held_out": int(key_of(info.sha256, "")[:8], 16) % 2 == 0}
        files = {f"{info.id}.json": json_text(gold, 1), f"{info.id}.meta.json": json_text(meta, 1)}
        files |= {f"{info.id}.txt": info.text} if info.text else {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                with written_whole(folder / name) as file:
                    file.write(text)
        except OSError as error:
            raise OutputError(f"can't write to {folder}: {error.strerror or error}") from error
        told["written"] += 1
    return told


def _records(queue: Queue, entries: list[Entry]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for entry in sorted(entries, key=lambda e: e.place):
        summary, record = queue.record(entry)
        standing = queue.standing(entry)
        if standing.state == "corrected" and standing.last and standing.last.edited is not None:
            record = corrected(record, standing.last.edited, summary)
        if standing.state != "rejected":
            found[entry.kind].append(stated(record, lambda e: e.exact))
        else:
            found[entry.kind] += []  # the type was looked for
    for mark in queue.missing(entries[0].document):
        found[mark.kind].append({"evidence": [e.exact for e in mark.sentences]})
    return dict(found)
