"""JSONL: the lossless form, one summary a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, TextIO

from communique.schemas import VerifiedSummary
from communique.sinks.sink import SinkOptions

_BREAKING = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}
"""Valid inside JSON, yet a new line to `str.splitlines` and to JavaScript before 2019."""


def json_line(value: Any) -> str:
    """Return a value as one line of JSON without the newline: UTF-8 text, no character that ends a line elsewhere.

    Lone surrogates are escaped, so that the line can always be encoded and nothing is lost.
    """
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in _BREAKING.items():
        line = line.replace(character, escaped)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return line


def keep_text(summary: VerifiedSummary, text: str | None) -> VerifiedSummary:
    """Return the summary with the article's text in it, where one is given: a later `convert --to html` needs it."""
    if text is None or summary.document.text is not None:
        return summary
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": text})})


class JsonlSink:
    """One summary a line: lossless, appendable, greppable. `read_results` reads it back."""

    name: ClassVar[str] = "jsonl"
    suffix: ClassVar[str] = ".jsonl"
    media_type: ClassVar[str] = "application/jsonl"
    tables: ClassVar[bool] = False

    _file: TextIO

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the file."""
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Write one line."""
        self._file.write(json_line(keep_text(summary, text).model_dump(mode="json")) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
