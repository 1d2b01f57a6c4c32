"""A JSON file that holds a list, written item by item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from communique.sinks.jsonl import json_line


class JsonItems:
    """Writes head, items with commas between them, tail; an item a line.

    Args:
        path: File to write.
        head: What opens the list, such as `[`.
        tail: What closes it.
    """

    def __init__(self, path: Path, head: str = "[", tail: str = "]") -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._tail = tail
        self._separator = "\n"
        self._file.write(head)

    def add(self, item: Any) -> None:
        """Write one item."""
        self._file.write(self._separator + json_line(item))
        self._separator = ",\n"

    def close(self) -> None:
        """Write the tail and close the file."""
        if not self._file.closed:
            self._file.write(f"\n{self._tail}\n")
            self._file.close()
