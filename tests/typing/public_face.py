"""What the public names look like to a type checker. Never run: mypy and pyright read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

from communique import (
    AsyncExtractor,
    Document,
    Extractor,
    FailedDocument,
    Meeting,
    VerifiedSummary,
    aextract,
    extract,
    extract_many,
)
from communique.backends.scripted import ScriptedBackend
from communique.batch import Report, run_batch
from communique.documents.readers import open_documents


def sync(document: Document) -> None:
    assert_type(extract(document, model="local"), VerifiedSummary)
    with Extractor(ScriptedBackend(), records=[Meeting]) as extractor:
        summary = extractor.extract("text")
    assert_type(summary, VerifiedSummary)
    for record in summary.all_records():
        assert_type(record.evidence[0].exact, str)
        assert_type(record.evidence[0].start, int)


def many() -> None:
    assert_type(extract_many(open_documents("articles/"), model="local"), Iterator[VerifiedSummary | FailedDocument])
    assert_type(extract_many(["text", Path("article.txt")]), Iterator[VerifiedSummary | FailedDocument])
    assert_type(run_batch(["articles/"], "out.jsonl", "local"), Report)


async def concurrent(document: Document) -> None:
    assert_type(await aextract(document), VerifiedSummary)
    async with AsyncExtractor(ScriptedBackend()) as extractor:
        assert_type(await extractor.extract(document), VerifiedSummary)
