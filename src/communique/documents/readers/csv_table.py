"""CSV and TSV with a line of column names: one article in a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers.decoding import check_encoding, guess_encoding, is_other
from communique.documents.readers.gzip_limits import open_inflated
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.row import missing_column, row_document
from communique.documents.readers.signatures import HEAD

_NAMED = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)
"""A first line by which spreadsheets name the delimiter."""
_UNDECODED = re.compile("[\udc80-\udcff]")
_DELIMITERS = (",", ";", "\t", "|")


class CsvReader:
    """Reads CSV; the delimiter is what `sep=` says, else the commonest of , ; | and tab in the first line."""

    name = "csv"
    suffixes = (".csv", ".tsv")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield one document a row; rows count from 1, the column names apart."""
        source = options.source or str(path)
        csv.field_size_limit(max(csv.field_size_limit(), options.max_chars + 1))
        with open_inflated(path, options.max_ratio) as binary:
            sample = binary.peek(HEAD)[:HEAD]
            encoding = check_encoding(options.encoding) if options.encoding else guess_encoding(sample)
            if encoding == "utf-8" and b"\0" in sample:
                yield Skipped(source, "binary", "contains NUL bytes, so it is not text")
                return
            if encoding == "utf-8" and is_other(sample, encoding):
                detail = f"it is not valid {encoding}: set its encoding, such as --encoding cp1252"
                yield Skipped(source, "wrong_encoding", detail)
                return
            text = io.TextIOWrapper(binary, encoding, errors="surrogateescape", newline="")
            if named := _NAMED.match(head := sample.decode(encoding, "replace")):
                text.readline()
            lines = _BoundedLines(text, 2 * options.max_chars)
            rows = csv.reader(lines, delimiter=named.group(1) if named else _delimiter(head), strict=True)
            try:
                columns = next(rows, [])
            except csv.Error as error:
                yield Skipped(source, "bad_row", f"no row of column names: {error}")
                return
            if trouble := missing_column(columns, source, options):
                yield trouble
                return
            yield from _documents(rows, lines, columns, source, options)


def _documents(
    rows: Iterator[list[str]], lines: _BoundedLines, columns: list[str], source: str, options: ReadOptions
) -> Iterator[Document | Skipped]:
    number = 0
    while True:
        where = f"{source}:{number + 1}"
        try:
            row = next(rows, None)
        except csv.Error as error:
            number += 1
            yield Skipped(where, "bad_row", f"not CSV: {error}")
            continue
        if row is None:
            return
        if not row and not lines.cut:
            continue
        number += 1
        if lines.cut:
            lines.cut = False
            yield Skipped(where, "too_long", f"a line of more than {lines.limit:,} characters")
        elif len(row) > len(columns):
            yield Skipped(where, "bad_row", f"{len(row)} fields for {len(columns)} columns")
        else:
            bad = sum(len(_UNDECODED.findall(field)) for field in row)
            notes = (f"{bad} invalid bytes replaced",) if bad else ()
            row = [_UNDECODED.sub("\ufffd", field) for field in row] if bad else row
            yield row_document(dict(zip(columns, row, strict=False)), where, options, notes)


class _BoundedLines:
    """Lines for the csv module; one over the limit comes as an empty line, and `cut` is set."""

    def __init__(self, text: io.TextIOWrapper, limit: int) -> None:
        self.limit = limit
        self.cut = False
        self._text = text

    def __iter__(self) -> _BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.limit + 1)
        if not line:
            raise StopIteration
        if len(line) <= self.limit:
            return line
        self.cut = True
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(1 << 20)
        return "\n"


def _delimiter(sample: str) -> str:
    return max(_DELIMITERS, key=sample.partition("\n")[0].count)
