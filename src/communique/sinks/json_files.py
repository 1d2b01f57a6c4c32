"""JSON and JSONL: summaries, lean or complete, in one array or one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from communique.schemas import VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.sink import JsonListSink, TextFileSink


def keep_text(summary: VerifiedSummary, text: str | None) -> VerifiedSummary:
    """Return the summary with the article's text in it, where one is given: a later `convert --to html` needs it."""
    if text is None or summary.document.text is not None:
        return summary
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": text})})


class JsonlSink(TextFileSink):
    """One summary a line: appendable, greppable; lossless with `full`. `read_results` reads both forms back."""

    name: ClassVar[str] = "jsonl"
    suffix: ClassVar[str] = ".jsonl"
    media_type: ClassVar[str] = "application/jsonl"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield json_line(keep_text(summary, text).to_dict(full=self.full)) + "\n"


class JsonSink(JsonListSink):
    """One array of all summaries, a summary a line. Lossless with `full`, as JSONL is."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"
    media_type: ClassVar[str] = "application/json"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Any]:
        yield keep_text(summary, text).to_dict(full=self.full)
