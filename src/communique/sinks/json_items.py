"""A JSON file that holds a list: what the sinks share whose items are all that tells them apart."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, TextIO

from communique.schemas import VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.sink import SinkOptions


class JsonListSink:
    """Writes `head`, the items with commas between them, `tail`; an item a line. A sink says what its items are."""

    head: ClassVar[str] = "["
    tail: ClassVar[str] = "]"
    tables: ClassVar[bool] = False

    full: bool
    _file: TextIO
    _separator: str

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterable[Any]:
        """Return what JSON can hold of one summary."""
        raise NotImplementedError

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the list."""
        self.full = options.full
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._separator = "\n"
        self._file.write(self.head)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add the items of one summary."""
        for item in self.items(summary, text):
            self._file.write(self._separator + json_line(item))
            self._separator = ",\n"

    def close(self) -> None:
        """End the list and close the file."""
        if not self._file.closed:
            self._file.write(f"\n{self.tail}\n")
            self._file.close()
