"""Tables and JSON Lines: one article in a row of named columns. CSV and TSV begin with a line of column names."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers.bounded import HEAD, bounded_lines, open_inflated
from communique.documents.readers.reader import Article, ReadError, ReadOptions, Skipped, printable
from communique.documents.readers.text import OTHER, decode, guess_encoding, is_other, loses_letters
from communique.errors import UnknownNameError

_USUAL = {
    "text_field": (),
    "title_field": ("title", "headline"),
    "date_field": ("published", "date"),
    "id_field": ("id",),
    "url_field": ("url",),
}
"""By option that names a column, the columns that are taken where it names none."""

_NULL = frozenset(["NULL", "null", "NaN", "nan", "None", "N/A", "n/a", "#N/A", "<NA>", r"\N"])
"""What databases, spreadsheets and Python write where there is no value."""
_NAMED = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)  # a first line by which spreadsheets name the delimiter
_UNDECODED = re.compile("[\ud800-\udfff]")
_CUT = "\ud800"  # what stands for a line over the limit; no byte is decoded to it


class CsvReader:
    """Reads CSV; the delimiter is what `sep=` says, else the commonest of , ; | and tab in the first line."""

    suffixes = (".csv", ".tsv")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield one document a row; rows count from 1, the column names apart."""
        csv.field_size_limit(max(csv.field_size_limit(), options.max_chars + 1))
        with open_inflated(path, options.max_ratio) as binary:
            sample = binary.peek(HEAD)[:HEAD]
            encoding = guess_encoding(sample, options.encoding)
            if encoding == "utf-8" and b"\0" in sample:
                raise ReadError("binary", "contains NUL bytes, so it is not text")
            if encoding == "utf-8" and is_other(sample, encoding):
                raise ReadError("wrong_encoding", f"it is not valid {encoding}: {OTHER}")
            text = io.TextIOWrapper(binary, encoding, errors="surrogateescape", newline="")
            head = sample.decode(encoding, "replace")
            if named := _NAMED.match(head):
                text.readline()
            delimiter = named.group(1) if named else max(",;\t|", key=head.partition("\n")[0].count)
            lines = (f"{_CUT}\n" if line is None else line for line in bounded_lines(text, 2 * options.max_chars))
            rows = _rows(csv.reader(lines, delimiter=delimiter, strict=True))
            columns = next(rows, [])
            if isinstance(columns, csv.Error):
                raise ReadError("bad_row", f"no row of column names: {columns}")
            check_columns(columns, options)
            for number, row in enumerate(rows, 1):
                yield _csv_document(row, columns, f"{options.source or path}:{number}", options)


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    """Yield the rows that are not blank, or why one can't be read."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield error
            continue
        if row is None:
            return
        if row:
            yield row


def _csv_document(
    row: list[str] | csv.Error, columns: Sequence[str], where: str, options: ReadOptions
) -> Document | Skipped:
    if isinstance(row, csv.Error):
        return Skipped(where, "bad_row", f"not CSV: {row}")
    undecoded = [c for field in row for c in _UNDECODED.findall(field)]
    if _CUT in undecoded:
        return Skipped(where, "too_long", f"a line of more than {2 * options.max_chars:,} characters")
    if len(row) > len(columns):
        return Skipped(where, "bad_row", f"{len(row)} fields for {len(columns)} columns")
    if undecoded and not options.encoding and loses_letters("\n".join(row)):
        return Skipped(where, "wrong_encoding", f"{len(undecoded):,} bytes are not valid utf-8: {OTHER}")
    cells = (_UNDECODED.sub("\ufffd", field) for field in row)
    notes = (f"{len(undecoded)} invalid bytes replaced",) if undecoded else ()
    return row_document(dict(zip(columns, cells, strict=False)), where, options, notes)


class JsonlReader:
    """Reads JSON Lines; a bad line fails alone."""

    suffixes = (".jsonl", ".ndjson")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield one document a line; blank lines are passed over."""
        with open_inflated(path, options.max_ratio) as stream:
            encoding = guess_encoding(stream.peek(HEAD)[:HEAD], options.encoding)
            if encoding.startswith(("utf-16", "utf-32")):
                raise ReadError("wrong_encoding", f"JSON Lines in {encoding}: convert it to UTF-8")
            for number, line in enumerate(bounded_lines(stream, options.max_bytes), 1):
                where = f"{options.source or path}:{number}"
                if line is None:
                    yield Skipped(where, "too_long", f"a line of more than {options.max_bytes:,} bytes")
                elif line.strip(b" \t\r\n\xef\xbb\xbf"):
                    yield _json_document(line, where, encoding, options)


def _json_document(line: bytes, where: str, encoding: str, options: ReadOptions) -> Document | Skipped:
    try:
        decoded = decode(line, None if encoding == "utf-8" else encoding)
        row = json.loads(decoded.text.lstrip("\ufeff"))
    except ReadError as error:
        return Skipped(where, error.reason, error.detail)
    except ValueError as error:
        return Skipped(where, "bad_row", f"not JSON: {error}")
    except RecursionError:
        return Skipped(where, "bad_row", "JSON that is nested too deeply")
    if not isinstance(row, dict):
        return Skipped(where, "bad_row", f"a JSON {type(row).__name__}, not an object")
    return row_document(row, where, options, decoded.notes)


def row_document(
    row: Mapping[str, Any], source: str, options: ReadOptions, notes: tuple[str, ...] = ()
) -> Document | Skipped:
    """Make the document of a row, values by column; `notes` say what was done to read it.

    There is none (`empty`) where the text is null or NaN, or a word for that, or (`bad_row`) is missing or no text.
    """
    name, text = options.text_field, row.get(options.text_field)
    if name in row and (text is None or text != text):  # noqa: PLR0124 - NaN
        return Skipped(printable(source), "empty", f"{name!r} is null")
    if text is None:
        detail = f"there is no {name!r}, only {', '.join(sorted(map(str, row))[:20])}"
        return Skipped(printable(source), "bad_row", printable(detail[:300]))
    if not isinstance(text, str):
        return Skipped(printable(source), "bad_row", f"{name!r} is {type(text).__name__}, not text")
    if text.strip() in _NULL:
        return Skipped(printable(source), "empty", f"{name!r} is {text.strip()}")
    date_column, date = _find(row, "date_field", options)
    absent = (n for n in named_columns(options) if n and n not in row)
    return Article(
        text,
        title=_string(_find(row, "title_field", options)[1]),
        published=_string(date),
        published_basis=printable(f"column {date_column}"),
        id=_string(_find(row, "id_field", options)[1]),
        url=_string(_find(row, "url_field", options)[1]),
        notes=(*notes, *(printable(f"there is no {column!r} in this row") for column in absent)),
    ).to_document(source, options)


def check_columns(columns: Sequence[str], options: ReadOptions) -> None:
    """Raise a ReadError if a column that the user named, or that of the text, is not there."""
    for name in named_columns(options):
        if name not in columns:
            raise ReadError("missing_column", printable(str(UnknownNameError.of("column", name, columns))))


def named_columns(options: ReadOptions) -> list[str]:
    """Return the columns that the user named, and that of the text."""
    return [name for field in _USUAL if (name := getattr(options, field)) is not None]


def read_columns(options: ReadOptions) -> list[str]:
    """Return all columns that a document may be made of."""
    return [*named_columns(options), *(name for usual in _USUAL.values() for name in usual)]


def _find(row: Mapping[str, Any], field: str, options: ReadOptions) -> tuple[str, Any]:
    named = getattr(options, field)
    for name in (named,) if named else _USUAL[field]:
        value = row.get(name)
        if value not in (None, "") and not (isinstance(value, str) and value.strip() in _NULL):
            return name, value
    return "", None


def _string(value: Any) -> str | None:
    if isinstance(value, dt.date):  # a datetime too
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers, some of them missing
        value = int(value)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
