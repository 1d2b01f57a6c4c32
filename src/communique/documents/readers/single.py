"""One article of the bytes of one file: what the readers share that differ in their parser alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.reader import ReadOptions, Skipped


def read_single(
    parser: str, raw: bytes, source: str, options: ReadOptions, hints: Mapping[str, Any] | None = None
) -> Document | Skipped:
    """Run a parser in the sandbox and return its article, or why there is none.

    Args:
        parser: `module:function`; it gives one article.
        raw: The bytes.
        source: What to call them.
        options: See `ReadOptions`.
        hints: What the parser is told beside the options.
    """
    try:
        (article,) = sandbox.parse(parser, raw, options, hints)
    except sandbox.ParseError as error:
        return Skipped(source, error.reason, error.detail)
    return article.to_document(source, options)
