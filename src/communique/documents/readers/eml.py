"""A mail message saved as a file (.eml)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers.inflating import read_all
from communique.documents.readers.mail import PARSER
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.single import read_single


class EmlReader:
    """Reads a message as one article, in the sandbox."""

    name = "eml"
    suffixes = (".eml",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the message, or why it can't be read."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield read_message(raw, options.source or str(path), options)


def read_message(raw: bytes, source: str, options: ReadOptions) -> Document | Skipped:
    """Read the bytes of a message."""
    return read_single(PARSER, raw, source, options)
