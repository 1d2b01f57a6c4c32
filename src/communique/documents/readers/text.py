"""Plain text and Markdown: one article in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers.article import Article
from communique.documents.readers.decoding import NotTextError, decode
from communique.documents.readers.gzip_limits import TooBigError, read_all
from communique.documents.readers.reader import ReadOptions, Skipped


class TextReader:
    """Reads a text file as one article; Markdown is read as it stands."""

    name = "text"
    suffixes = (".txt", ".md", ".markdown", ".text")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the article, or why it can't be read."""
        source = options.source or str(path)
        try:
            decoded = decode(read_all(path, options.max_bytes, options.max_ratio), options.encoding)
        except TooBigError:
            yield Skipped(source, "too_long", f"more than the limit of {options.max_chars:,} characters")
        except NotTextError as error:
            yield Skipped(source, error.reason, error.detail)
        else:
            yield Article(decoded.text, notes=decoded.notes).to_document(source, options)
