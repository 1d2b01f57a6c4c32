"""A file of text: what the sinks share that lay a document out for people and set documents apart by a rule."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TextIO

from communique.schemas import VerifiedSummary
from communique.sinks.sink import SinkOptions


class TextFileSink:
    """Writes one document after the other with `rule` between them. A sink says how it lays out a document."""

    rule: ClassVar[str]
    tables: ClassVar[bool] = False

    _file: TextIO
    _between: str

    def render(self, summary: VerifiedSummary) -> str:
        """Return the layout of one document, its last line ended."""
        raise NotImplementedError

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file."""
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._between = ""

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add one document."""
        self._file.write(self._between + self.render(summary))
        self._between = self.rule

    def close(self) -> None:
        """Close the file."""
        self._file.close()
