"""JSON: all summaries in one array."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TextIO

from communique.schemas import VerifiedSummary
from communique.sinks.jsonl import json_line, keep_text
from communique.sinks.sink import SinkOptions


class JsonSink:
    """One array of all summaries, a summary a line. Lossless as JSONL is."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"
    media_type: ClassVar[str] = "application/json"
    tables: ClassVar[bool] = False

    _file: TextIO
    _separator: str

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the array."""
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write("[")
        self._separator = "\n"

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add one element."""
        self._file.write(self._separator + json_line(keep_text(summary, text).model_dump(mode="json")))
        self._separator = ",\n"

    def close(self) -> None:
        """End the array and close the file."""
        self._file.write("\n]\n")
        self._file.close()
