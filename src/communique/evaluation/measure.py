"""Measuring predictions against gold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from communique.errors import ConfigurationError
from communique.evaluation.answers import read_answer
from communique.evaluation.kinds import Kind, kinds_of
from communique.evaluation.ruler import Article
from communique.evaluation.scores import DocumentScore, Scores, f1_intervals, pair
from communique.evaluation.sources import Row, Source, find_texts, read_rows
from communique.schemas import Record


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
        texts: Folder of `ID.txt`, or articles by id; without it they are looked for beside the gold.
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
    kinds = kinds_of(records)
    plurals = [kind.plural for kind in kinds]
    everything, _ = read_rows(gold, plurals)
    wanted = {i: row for i, row in everything.items() if only is None or i in only}
    if not wanted:
        raise ConfigurationError("none of the gold documents is selected", hint="check the ids of the selection")
    given, unmatched = read_rows(predictions, plurals, everything)
    articles = find_texts(gold, texts, wanted)
    documents = tuple(_score(kinds, i, row, given.get(i), articles.get(i)) for i, row in wanted.items())
    return Scores(
        documents=documents,
        kinds=kinds,
        unmatched=tuple(unmatched),
        without_text=tuple(i for i in wanted if i not in articles),
        intervals=f1_intervals(documents, plurals, bootstrap) if bootstrap else None,
    )


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
