"""Word documents (.docx): paragraphs and tables in the order of the body; headers, comments and hidden runs are left out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.article import Article
from communique.documents.readers.inflating import read_all
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.single import read_single

MAX_PARTS = 5000
"""Files that the archive may hold."""

FREE = 1 << 20
_PARSER = f"{__name__}:parse_docx"


class DocxReader:
    """Reads a Word document as one article, in the sandbox."""

    name = "docx"
    suffixes = (".docx",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the article, or why there is none."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield read_single(_PARSER, raw, options.source or str(path), options)


def parse_docx(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a Word document; runs in the worker.

    Raises:
        ParseError: It is no Word document, encrypted, a bomb, or holds no text.
    """
    from docx.api import Document as Word

    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise sandbox.ParseError("encrypted", "the Word document needs a password, or is of the old format")
    _check_archive(raw, int(hints["max_ratio"]), int(hints["max_container"]))
    word = Word(io.BytesIO(raw))
    lines = [line for block in word.iter_inner_content() for line in _lines(block)]
    text = "\n".join(lines)
    if not text.strip():
        raise sandbox.ParseError("no_text", "the Word document has no text")
    return [Article(text, title=word.core_properties.title or None, wrapped=False)]


def _check_archive(raw: bytes, max_ratio: int, max_bytes: int) -> None:
    """Refuse a bomb before anything is inflated: sizes, ratio, number of parts, parts that overlap."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise sandbox.ParseError("unreadable", f"a damaged archive: {error}") from error
    if "word/document.xml" not in {part.filename for part in parts}:
        raise sandbox.ParseError("binary", "a ZIP archive that is no Word document")
    if any(part.flag_bits & 1 for part in parts):
        raise sandbox.ParseError("encrypted", "the archive needs a password")
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        size > max_bytes
        or len(parts) > MAX_PARTS
        or size > max(FREE, packed * max_ratio)
        or packed > len(raw)
    ):
        raise sandbox.ParseError("bomb", f"{len(parts):,} parts become {size:,} bytes")


def _lines(block: Any) -> Iterator[str]:
    if hasattr(block, "rows"):
        for row in block.rows:
            cells: dict[Any, str] = {cell._tc: " ".join(cell.text.split()) for cell in row.cells}  # noqa: SLF001 - merged cells repeat
            yield "\t".join(filter(None, cells.values()))
        return
    if any(run.font.hidden for run in block.runs):
        yield "".join(run.text for run in block.runs if not run.font.hidden)
    else:
        yield block.text
