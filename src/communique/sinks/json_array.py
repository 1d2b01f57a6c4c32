"""JSON: all summaries in one array."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from communique.schemas import VerifiedSummary
from communique.sinks.json_items import JsonItems
from communique.sinks.jsonl import keep_text
from communique.sinks.sink import SinkOptions


class JsonSink:
    """One array of all summaries, a summary a line. Lossless as JSONL is."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"
    media_type: ClassVar[str] = "application/json"
    tables: ClassVar[bool] = False

    _items: JsonItems

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the array."""
        self._items = JsonItems(path)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add one element."""
        self._items.add(keep_text(summary, text).model_dump(mode="json"))

    def close(self) -> None:
        """End the array and close the file."""
        self._items.close()
