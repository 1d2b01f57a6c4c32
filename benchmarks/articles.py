"""Articles with their gold and with stored answers of models, read in one place.

A folder of articles holds ID.txt and ID.meta.json; gold is ID.json, written as docs/reference/vocabulary.md says.
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


def articles(folder: Path, gold: Path) -> Iterator[tuple[Document, Answer]]:
    """Yield each article that has gold, with it."""
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


def stored(folder: Path, name: str) -> Any:
    """Return what NAME.json in a folder holds; None if there is no such file."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None
