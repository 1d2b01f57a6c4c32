"""Measuring predictions against gold: each from a folder of `ID.json`, a JSONL file, or objects in memory."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.evaluation.answers import is_summary, read_answer
from communique.evaluation.kinds import STANDARD, Kind, OwnKind
from communique.evaluation.ruler import Article
from communique.evaluation.scores import DocumentScore, Scores, f1_intervals, pair
from communique.schemas import Record, VerifiedSummary

Row = Mapping[str, Any]
Source = Path | str | Iterable[Row | VerifiedSummary]
"""A folder, a JSONL file, or rows in memory."""


def evaluate(
    gold: Source,
    predictions: Source,
    texts: Path | str | Mapping[str, str] | None = None,
    bootstrap: int = 0,
    *,
    only: Collection[str] | None = None,
    records: Iterable[type[Record]] | None = None,
) -> Scores:
    """Pair predictions with gold records one to one and count.

    Gold and predictions are each a folder of `ID.json`, a JSONL file or rows in memory, written as gold is or as our
    output. Documents are paired by id: the file stem, `id`, `document.id` or the stem of `document.source`. A gold
    document without a prediction counts as "no records".

    Args:
        gold: The gold.
        predictions: The predictions.
        texts: Folder of `ID.txt`, or articles by id. Without it `ID.txt` is looked for beside the gold files, in the folder
            above, then in the gold folder's namesake two levels up (`gold/dev/ID.json` and `dev/ID.txt`).
        bootstrap: Rounds of the bootstrap for F1 intervals; 0 for none.
        only: Ids of the gold documents to measure; all if None.
        records: Record types of one's own, to be scored field by field instead of the standard ones.

    Raises:
        UnreadableDocumentError: A path is missing or a file can't be read.
        ConfigurationError: Gold and predictions don't fit each other, or `only` names no gold document.
    """
    if bootstrap < 0:
        raise ConfigurationError(
            f"the number of bootstrap rounds can't be {bootstrap}", hint="use 0 for none; 1000 is usual"
        )
    kinds: tuple[Kind, ...] = STANDARD if records is None else tuple(map(OwnKind.of, records))
    plurals = [kind.plural for kind in kinds]
    everything, _ = _by_id(gold, plurals)
    if not everything:
        raise ConfigurationError("there are no gold records", hint="give a folder of ID.json files or a JSONL file")
    wanted = {i: row for i, row in everything.items() if only is None or i in only}
    if not wanted:
        raise ConfigurationError("none of the gold documents is selected", hint="check the ids of the selection")
    given, unmatched = _by_id(predictions, plurals, everything)
    if unmatched and not given:
        some = ", ".join(sorted(everything)[:3])
        raise ConfigurationError(
            f"no prediction matches a gold document: {unmatched[0]!r} is not among {some}, …",
            hint="use the file names or the ids of the gold",
        )
    articles = _find_texts(gold, texts, wanted)
    documents = tuple(_score(kinds, i, row, given.get(i), articles.get(i)) for i, row in wanted.items())
    return Scores(
        documents=documents,
        kinds=kinds,
        unmatched=tuple(unmatched),
        without_text=tuple(i for i in wanted if i not in articles),
        intervals=f1_intervals(documents, plurals, bootstrap) if bootstrap else None,
    )


def held_out_ids(folder: Path) -> tuple[set[str], set[str]]:
    """Return the ids of a gold folder whose `ID.meta.json` says `held_out`, and the ids of all others.

    Raises:
        UnreadableDocumentError: A meta file is not a JSON object.
        ConfigurationError: No article is marked, or the gold is not a folder.
    """
    rows = {p.name.removesuffix(".meta.json"): _object(str(p), _read(p)) for p in sorted(folder.glob("*.meta.json"))}
    unseen = {i for i, row in rows.items() if row.get("held_out") is True}
    if not unseen:
        raise ConfigurationError(f"{folder} marks no article as held out", hint='set "held_out": true in ID.meta.json')
    return unseen, set(rows) - unseen


def _score(kinds: Iterable[Kind], name: str, gold: Row, given: Row | None, text: str | None) -> DocumentScore:
    roles, article = {kind.plural: kind.roles for kind in kinds}, Article(text)
    wanted, said = (read_answer(row, roles) for row in (gold, given or {}))
    return DocumentScore(
        id=name,
        pairings={
            k.plural: pair(k, wanted.records[k.plural], said.records[k.plural], wanted.language, article) for k in kinds
        },
        answered=given is not None,
        lost_quotations=article.lost(said.quotations),
        lost_gold_quotations=article.lost(wanted.quotations),
    )


def _by_id(
    source: Source, plurals: Collection[str], known: Collection[str] | None = None
) -> tuple[dict[str, Row], list[str]]:
    """Return the rows of documents that are known, of all if None, by id in their order, and the ids of the others."""
    found: dict[str, Row] = {}
    others: list[str] = []
    for where, ids, row in _rows(source, plurals):
        name = next((i for i in ids if known is None or i in known), None)
        if name is None:
            others.append(ids[0])
            continue
        if name in found:
            raise ConfigurationError(f"{where}: {name!r} appears twice", hint="keep one row for each document")
        wrong = next((k for k in plurals if not isinstance(row.get(k, []), (list, tuple))), None)
        if wrong is not None:
            raise ConfigurationError(f"{where}: {wrong} is not a list", hint="each record type is a list of objects")
        found[name] = row
    return found, others


def _rows(source: Source, plurals: Collection[str]) -> Iterator[tuple[str, tuple[str, ...], Row]]:
    """Yield where each row stands (for messages), the ids that it may go by, and its object.

    `ID.meta.json` and objects without any list of records, such as floors, are no answers.
    """
    if not isinstance(source, (str, Path)):
        for number, row in enumerate(source, start=1):
            plain = row.model_dump(mode="json") if isinstance(row, VerifiedSummary) else row
            yield f"row {number}", _ids(f"row {number}", plain), plain
    elif (path := Path(source)).is_dir():
        for file in sorted(p for p in path.glob("*.json") if not p.name.endswith(".meta.json")):
            found = _object(str(file), _read(file))
            if is_summary(found) or not found or any(key in found for key in plurals):
                more = _summary_ids(found) if is_summary(found) else ()
                yield str(file), (file.stem, *more), found
    elif path.is_file():
        for number, line in enumerate(_read(path).split("\n"), start=1):
            if line.strip():
                where = f"{path}:{number}"
                found = _object(where, line)
                yield where, _ids(where, found), found
    else:
        raise UnreadableDocumentError(f"{path} doesn't exist", hint="give a folder of ID.json files or a JSONL file")


def _ids(where: str, row: Row) -> tuple[str, ...]:
    ids = _summary_ids(row) if is_summary(row) else (row["id"],) if isinstance(row.get("id"), str) else ()
    if not ids:
        raise ConfigurationError(f"{where}: the row has no id", hint='give it "id", or "document": {"id": …}')
    return ids


def _summary_ids(row: Row) -> tuple[str, ...]:
    """Return the ids that our output may go by: its own, and the name of its source without and with one suffix."""
    source = str(row["document"].get("source") or "").replace("\\", "/")
    name = PurePosixPath(urlsplit(source).path if "://" in source else source).name
    candidates = (str(row["document"].get("id") or ""), PurePosixPath(name).stem, name.partition(".")[0], name)
    return tuple(c for c in candidates if c)


def _find_texts(gold: Source, texts: Path | str | Mapping[str, str] | None, ids: Iterable[str]) -> dict[str, str]:
    """Return the articles at hand by id."""
    if isinstance(texts, Mapping):
        return {i: texts[i] for i in ids if i in texts}
    folders: list[Path] = []
    if texts is not None:
        folders = [Path(texts)]
        if not folders[0].is_dir():
            raise UnreadableDocumentError(f"{texts} is not a folder", hint="give the folder of the ID.txt files")
    elif isinstance(gold, (str, Path)):
        home = Path(gold).resolve()
        folders = [home, home.parent, home.parent.parent / home.name] if home.is_dir() else [home.parent]
    paths = {i: next((p for f in folders if (p := f / f"{i}.txt").is_file()), None) for i in ids}
    return {i: _read(path) for i, path in paths.items() if path is not None}


def _object(where: str, text: str) -> Row:
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
