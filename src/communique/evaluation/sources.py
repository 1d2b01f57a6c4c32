"""Reading gold, predictions and texts: from a folder of `ID.json`, a JSONL file, or objects in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.evaluation.answers import KINDS, Answer, from_gold_shape
from communique.evaluation.summaries import from_summary, is_summary, summary_ids
from communique.schemas import VerifiedSummary

Row = tuple[str, tuple[str, ...], Mapping[str, Any]]
"""Where a row stands (for messages), the ids it may go by, and its JSON object."""

Source = Path | str | Iterable[Mapping[str, Any] | VerifiedSummary]
"""A folder, a JSONL file, or rows in memory."""


def read_gold(source: Source) -> list[Answer]:
    """Read the gold, in the order of the file names or lines.

    Raises:
        UnreadableDocumentError: A path is missing, or a file holds no JSON object.
        ConfigurationError: There is no gold, a row has no id or no record list, or two rows have the same id.
    """
    gold: dict[str, Answer] = {}
    for where, ids, row in rows(source):
        _demand_records(where, row)
        if ids[0] in gold:
            raise ConfigurationError(f"{where}: the gold holds {ids[0]!r} twice", hint="give each article one id")
        gold[ids[0]] = _answer(row, ids[0])
    if not gold:
        raise ConfigurationError("there is no gold", hint="give a folder of ID.json files or a JSONL file")
    return list(gold.values())


def read_predictions(source: Source, gold_ids: Iterable[str]) -> tuple[dict[str, Answer], list[str]]:
    """Read predictions; return those of gold documents by id, and where the others stand.

    Raises:
        UnreadableDocumentError: A path is missing, or a file holds no JSON object.
        ConfigurationError: A row has no id, two rows belong to one document, or no row belongs to any.
    """
    known = set(gold_ids)
    answers: dict[str, Answer] = {}
    strangers: list[str] = []
    for where, ids, row in rows(source):
        found = next((i for i in ids if i in known), None)
        if found is None:
            strangers.append(ids[0])
            continue
        _demand_records(where, row)
        if found in answers:
            raise ConfigurationError(f"{where}: there are two predictions for {found!r}", hint="keep one per document")
        answers[found] = _answer(row, found)
    if strangers and not answers:
        raise ConfigurationError(
            f"no prediction belongs to a gold document: {strangers[0]!r} is not among"
            f" {', '.join(sorted(known)[:3])}, …",
            hint="name the files as the gold's, or give them the gold's ids",
        )
    return answers, strangers


def find_texts(gold: Source, texts: Path | str | Mapping[str, str] | None, ids: Iterable[str]) -> dict[str, str]:
    """Return the articles at hand by id.

    Without `texts`, `ID.txt` is looked for beside the gold files, then in the gold folder's namesake two levels up
    (`gold/dev/ID.json` and `dev/ID.txt`).

    Raises:
        UnreadableDocumentError: `texts` is no folder, or a text isn't UTF-8.
    """
    if isinstance(texts, Mapping):
        return {i: texts[i] for i in ids if i in texts}
    if texts is not None:
        folders = [Path(texts)]
        if not folders[0].is_dir():
            raise UnreadableDocumentError(
                f"{texts} is not a folder", hint="give the folder that holds the ID.txt files"
            )
    elif isinstance(gold, (str, Path)):
        home = Path(gold).resolve()
        folders = [home, home.parent.parent / home.name] if home.is_dir() else [home.parent]
    else:
        folders = []
    found = {}
    for i in ids:
        path = next((p for f in folders if (p := f / f"{i}.txt").is_file()), None)
        if path is not None:
            found[i] = _read(path)
    return found


def held_out_ids(folder: Path) -> tuple[set[str], set[str]]:
    """Return the ids of a gold folder whose `ID.meta.json` says `held_out`, and the ids of all others.

    Raises:
        UnreadableDocumentError: A meta file is not a JSON object.
        ConfigurationError: No article is marked, or the gold is not a folder.
    """
    rows = {p.name.removesuffix(".meta.json"): _object(str(p), _read(p)) for p in sorted(folder.glob("*.meta.json"))}
    unseen = {i for i, row in rows.items() if row.get("held_out") is True}
    if not unseen:
        raise ConfigurationError(f"{folder} marks no article as held out", hint='say "held_out": true in ID.meta.json')
    return unseen, {i for i in rows if i not in unseen}


def _answer(row: Mapping[str, Any], document_id: str) -> Answer:
    return from_summary(row, document_id) if is_summary(row) else from_gold_shape(row, document_id)


def _demand_records(where: str, row: Mapping[str, Any]) -> None:
    wrong = [k for k in KINDS if not isinstance(row.get(k, []), (list, tuple))]
    if wrong:
        raise ConfigurationError(f"{where}: {wrong[0]} is not a list", hint="each record type is a list of objects")


def rows(source: Source, kinds: Iterable[str] = KINDS) -> Iterator[Row]:
    """Yield the rows of a source: where each stands, the ids that it may go by, and its object.

    Args:
        source: A folder, a JSONL file, or rows in memory.
        kinds: Keys of which a file in the gold's shape has at least one.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir():
            yield from _folder(path, tuple(kinds))
        elif path.is_file():
            yield from _lines(path)
        else:
            raise UnreadableDocumentError(
                f"{path} doesn't exist", hint="give a folder of ID.json files or a JSONL file"
            )
        return
    for number, row in enumerate(source, start=1):
        plain = row.model_dump(mode="json") if isinstance(row, VerifiedSummary) else row
        where = f"row {number}"
        yield where, _ids(where, plain), plain


def _folder(folder: Path, kinds: tuple[str, ...]) -> Iterator[Row]:
    """Yield `ID.json` files; `ID.meta.json` and objects without records, such as floors, are no answers."""
    for path in sorted(folder.glob("*.json")):
        if path.name.endswith(".meta.json"):
            continue
        row = _object(str(path), _read(path))
        if is_summary(row):
            yield str(path), tuple(dict.fromkeys((path.stem, *summary_ids(row)))), row
        elif any(kind in row for kind in kinds) or not row:
            yield str(path), (path.stem,), row


def _lines(path: Path) -> Iterator[Row]:
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if line.strip():
            where = f"{path}:{number}"
            row = _object(where, line)
            yield where, _ids(where, row), row


def _ids(where: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    ids = summary_ids(row) if is_summary(row) else (row["id"],) if isinstance(row.get("id"), str) else ()
    if not ids:
        raise ConfigurationError(f"{where}: the row has no id", hint='give it "id", or "document": {"id": …}')
    return ids


def _object(where: str, text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UnreadableDocumentError(f"{where}: not JSON: {error}", hint="one object per file or line") from error
    if not isinstance(value, dict):
        raise UnreadableDocumentError(f"{where}: not a JSON object", hint="one object per file or line")
    return value


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UnreadableDocumentError(f"{path} can't be read: {error}", hint="it must be UTF-8") from error
