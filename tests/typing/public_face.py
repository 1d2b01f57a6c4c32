"""What the public names look like to a type checker. Never run: mypy and pyright read it."""

from __future__ import annotations

from typing import assert_type

from communique import AsyncExtractor, Document, Extractor, Meeting, VerifiedSummary, aextract, extract
from communique.backends.scripted import ScriptedBackend


def sync(document: Document) -> None:
    assert_type(extract(document, model="local"), VerifiedSummary)
    with Extractor(ScriptedBackend(), records=[Meeting]) as extractor:
        summary = extractor.extract("text")
    assert_type(summary, VerifiedSummary)
    for record in summary.all_records():
        assert_type(record.evidence[0].exact, str)
        assert_type(record.evidence[0].start, int)


async def concurrent(document: Document) -> None:
    assert_type(await aextract(document), VerifiedSummary)
    async with AsyncExtractor(ScriptedBackend()) as extractor:
        assert_type(await extractor.extract(document), VerifiedSummary)
