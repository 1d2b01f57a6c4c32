"""JSON: all summaries in one array."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from communique.schemas import VerifiedSummary
from communique.sinks.jsonl import keep_text
from communique.sinks.sink import JsonListSink


class JsonSink(JsonListSink):
    """One array of all summaries, a summary a line. Lossless with `full`, as JSONL is."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"
    media_type: ClassVar[str] = "application/json"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Any]:
        yield keep_text(summary, text).to_dict(full=self.full)
