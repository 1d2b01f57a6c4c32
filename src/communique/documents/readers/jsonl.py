"""JSON Lines: one article in a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers.decoding import NotTextError, check_encoding, decode, guess_encoding
from communique.documents.readers.gzip_limits import open_inflated
from communique.documents.readers.lines import bounded_lines
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.row import row_document
from communique.documents.readers.signatures import HEAD


class JsonlReader:
    """Reads JSON Lines; a bad line fails alone."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield one document a line; blank lines are passed over."""
        source = options.source or str(path)
        with open_inflated(path, options.max_ratio) as stream:
            encoding = (
                check_encoding(options.encoding) if options.encoding else guess_encoding(stream.peek(HEAD)[:HEAD])
            )
            if encoding.startswith(("utf-16", "utf-32")):
                yield Skipped(source, "wrong_encoding", f"JSON Lines in {encoding}: convert it to UTF-8")
                return
            for number, line in enumerate(bounded_lines(stream, options.max_bytes), 1):
                where = f"{source}:{number}"
                if line is None:
                    yield Skipped(where, "too_long", f"a line of more than {options.max_bytes:,} bytes")
                elif line.strip(b" \t\r\n\xef\xbb\xbf"):
                    yield _document(line, where, encoding, options)


def _document(line: bytes, where: str, encoding: str, options: ReadOptions) -> Document | Skipped:
    try:
        decoded = decode(line, None if encoding == "utf-8" else encoding)
        row = json.loads(decoded.text.lstrip("\ufeff"))
    except NotTextError as error:
        return Skipped(where, error.reason, error.detail)
    except ValueError as error:
        return Skipped(where, "bad_row", f"not JSON: {error}")
    except RecursionError:
        return Skipped(where, "bad_row", "JSON that is nested too deeply")
    if not isinstance(row, dict):
        return Skipped(where, "bad_row", f"a JSON {type(row).__name__}, not an object")
    return row_document(row, where, options, decoded.notes)
