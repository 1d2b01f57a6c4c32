"""Measuring predictions against gold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from communique.errors import ConfigurationError
from communique.evaluation.answers import KINDS, Answer
from communique.evaluation.pairing import pair_documents
from communique.evaluation.quotations import ArticleText, WithoutText
from communique.evaluation.scores import DocumentScore, Scores, bootstrap
from communique.evaluation.sources import Source, find_texts, read_gold, read_predictions


def evaluate(
    gold: Source,
    predictions: Source,
    texts: Path | str | Mapping[str, str] | None = None,
    bootstrap: int = 0,
    *,
    only: Collection[str] | None = None,
) -> Scores:
    """Pair predictions with gold records one to one and count.

    Gold and predictions are each a folder of `ID.json`, a JSONL file or rows in memory, in the gold's shape or in that
    of our output. Documents are paired by id: the file stem, `id`, `document.id` or the stem of `document.source`. A
    gold document without a prediction counts as "no records".

    Args:
        gold: The gold.
        predictions: The predictions.
        texts: Folder of `ID.txt`, or articles by id; without it they are looked for beside the gold.
        bootstrap: Rounds of the bootstrap for F1 intervals; 0 for none.
        only: Ids of the gold documents to measure; all if None.

    Raises:
        UnreadableDocumentError: A path is missing or a file can't be read.
        ConfigurationError: Gold and predictions don't fit each other, or `only` names no gold document.
    """
    if bootstrap < 0:
        raise ConfigurationError(f"bootstrap rounds can't be {bootstrap}", hint="0 for none, 1000 is usual")
    everything = read_gold(gold)
    wanted = everything if only is None else [g for g in everything if g.id in only]
    if not wanted:
        raise ConfigurationError("none of the gold documents is to be measured", hint="check the ids of the selection")
    given, unmatched = read_predictions(predictions, [g.id for g in everything])
    articles = find_texts(gold, texts, [g.id for g in wanted])
    documents = tuple(_score(g, given.get(g.id), articles.get(g.id)) for g in wanted)
    return Scores(
        documents=documents,
        unmatched=tuple(unmatched),
        without_text=tuple(g.id for g in wanted if g.id not in articles),
        intervals=_intervals(documents, bootstrap),
    )


def _intervals(documents: tuple[DocumentScore, ...], rounds: int) -> dict[str, tuple[float, float] | None] | None:
    return bootstrap(documents, rounds) if rounds else None


def _score(gold: Answer, given: Answer | None, article: str | None) -> DocumentScore:
    locator = WithoutText() if article is None else ArticleText(article)
    lost_gold = _lost(gold, article)
    pairings = pair_documents(gold, given, locator)
    return DocumentScore(
        id=gold.id,
        pairings=pairings,
        gold=gold,
        given=given,
        lost_quotations=locator.lost - lost_gold,
        lost_gold_quotations=lost_gold,
    )


def _lost(gold: Answer, article: str | None) -> int:
    if article is None:
        return 0
    locator = ArticleText(article)
    for kind in KINDS:
        for entry in gold.of(kind):
            locator.touched(entry.evidence)
    return locator.lost
