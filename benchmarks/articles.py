"""Articles with their gold and with stored answers of models, read in one place.

A folder of articles holds ID.txt and ID.meta.json; gold is ID.json, written as docs/reference/vocabulary.md says. Or it holds
articles with an answer for each sentence, as benchmarks/adapter/articles does: NAME.jsonl.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique import Document
from communique.evaluation.answers import Answer, read_answer
from communique.evaluation.kinds import STANDARD

KINDS = tuple(kind.plural for kind in STANDARD)
ROLES = {kind.plural: kind.identity for kind in STANDARD}
STATE = {kind.plural: kind.state for kind in STANDARD}
EVERY = 4
"""Of articles with an answer for each sentence every fourth one is taken: 174 of 695."""


def articles(folder: Path, gold: Path) -> Iterator[tuple[Document, Answer]]:
    """Yield each article that has gold, with it."""
    files = [] if any(folder.glob("*.txt")) else sorted(folder.glob("*.jsonl"))
    rows = [json.loads(row) for path in files for row in path.read_text("utf-8").splitlines()]
    for row in rows[::EVERY]:
        text = row["lines"][0] + "\n\n" + "\n".join(row["lines"][1:]) + "\n"
        yield Document.from_text(text, language=row["language"], id=row["id"]), _of_sentences(row)
    for path in sorted(gold.glob("*.json")):
        text = folder / f"{path.stem}.txt"
        if text.exists():
            meta = stored(folder, f"{path.stem}.meta") or {}
            document = Document.from_text(
                text.read_text("utf-8"), published=meta.get("published"), title=meta.get("title"), id=path.stem
            )
            yield document, read_gold(json.loads(path.read_text("utf-8")))


def read_gold(row: dict[str, Any]) -> Answer:
    """Read the gold of one article."""
    return read_answer(row, {kind.plural: kind.roles for kind in STANDARD})


def _of_sentences(row: dict[str, Any]) -> Answer:
    """Read what each sentence states as records that cite this sentence. Who denies may be left out: it may be said later."""
    found: dict[str, Any] = {"language": row["language"]}
    for number, stated in row["answers"].items():
        sentence = row["lines"][int(number) - 1]
        for kind in STANDARD:
            if (said := stated.get(kind.plural.removesuffix("s"))) is None:
                continue
            record = {**said, "evidence": [sentence], "claim": sentence, "concern": sentence, "regime": []}
            record |= {role: [{"name": name} for name in said[role]] for role in kind.identity}
            if place := said.get("place"):
                record["place"] = {"name": place}
            record["denied_by_optional"] = record.pop("denied_by", [])
            found.setdefault(kind.plural, []).append(record)
    return read_gold(found)


def stored(folder: Path, name: str) -> Any:
    """Return what NAME.json in a folder holds; None if there is no such file."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None
