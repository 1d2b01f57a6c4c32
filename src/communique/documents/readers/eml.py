"""A mail message saved as a file (.eml)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.gzip_limits import read_all
from communique.documents.readers.mail import PARSER
from communique.documents.readers.reader import ReadOptions, Skipped


class EmlReader:
    """Reads a message as one article, in the sandbox; a message that it forwards is another."""

    name = "eml"
    suffixes = (".eml",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the message, or why it can't be read."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield from read_message(raw, options.source or str(path), options)


def read_message(raw: bytes, source: str, options: ReadOptions) -> Iterator[Document | Skipped]:
    """Read the bytes of a message; forwarded ones count from 2."""
    try:
        articles = sandbox.parse(PARSER, raw, options)
    except sandbox.ParseError as error:
        yield Skipped(source, error.reason, error.detail)
        return
    for number, article in enumerate(articles, 1):
        yield article.to_document(source if number == 1 else f"{source}:{number}", options)
