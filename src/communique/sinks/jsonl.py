"""JSONL: one summary a line, lean or complete."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TextIO

from communique.schemas import VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.sink import SinkOptions


def keep_text(summary: VerifiedSummary, text: str | None) -> VerifiedSummary:
    """Return the summary with the article's text in it, where one is given: a later `convert --to html` needs it."""
    if text is None or summary.document.text is not None:
        return summary
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": text})})


class JsonlSink:
    """One summary a line: appendable, greppable; lossless with `full`. `read_results` reads both forms back."""

    name: ClassVar[str] = "jsonl"
    suffix: ClassVar[str] = ".jsonl"
    media_type: ClassVar[str] = "application/jsonl"
    tables: ClassVar[bool] = False

    _file: TextIO
    _full: bool

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file."""
        self._full = options.full
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Write one line."""
        self._file.write(json_line(keep_text(summary, text).to_dict(full=self._full)) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
