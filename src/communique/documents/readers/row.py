"""From a row of named columns to a document: JSONL, CSV and Parquet share it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from communique.documents.document import Document
from communique.documents.readers.article import Article, printable
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.errors import UnknownNameError

_USUAL = {
    "title_field": ("title", "headline"),
    "date_field": ("published", "date"),
    "id_field": ("id",),
    "url_field": ("url",),
}

_NULL = frozenset(["NULL", "null", "NaN", "nan", "None", "N/A", "n/a", "#N/A", "<NA>", r"\N"])
"""What databases, spreadsheets and Python write where there is no value."""


def row_document(
    row: Mapping[str, Any], source: str, options: ReadOptions, notes: tuple[str, ...] = ()
) -> Document | Skipped:
    """Make the document of a row.

    Args:
        row: Values by column.
        source: File name and row.
        options: Names of the columns.
        notes: What was done to read the row.

    Returns:
        The document, or why there is none: `empty` where the text is null or NaN, or a word for that, `bad_row` where it
        is missing or no text.
    """
    text = row.get(options.text_field)
    if options.text_field in row and (text is None or text != text):  # noqa: PLR0124 - NaN
        return Skipped(printable(source), "empty", f"{options.text_field!r} is null")
    if text is None:
        detail = f"there is no {options.text_field!r}, only {', '.join(sorted(map(str, row))[:20])}"
        return Skipped(printable(source), "bad_row", printable(detail[:300]))
    if not isinstance(text, str):
        return Skipped(printable(source), "bad_row", f"{options.text_field!r} is {type(text).__name__}, not text")
    if text.strip() in _NULL:
        return Skipped(printable(source), "empty", f"{options.text_field!r} is {text.strip()}")
    date_column, date = _find(row, "date_field", options)
    return Article(
        text,
        title=_string(_find(row, "title_field", options)[1]),
        published=_string(date),
        published_basis=printable(f"column {date_column}"),
        id=_string(_find(row, "id_field", options)[1]),
        url=_string(_find(row, "url_field", options)[1]),
        notes=notes + _absent(row, options),
    ).to_document(source, options)


def missing_column(columns: Iterable[str], source: str, options: ReadOptions) -> Skipped | None:
    """Return why a table can't be read: a column that the user named, or that of the text, is not there."""
    known = list(columns)
    for name in (
        options.text_field,
        options.title_field,
        options.date_field,
        options.id_field,
        options.url_field,
    ):
        if name is not None and name not in known:
            return Skipped(source, "missing_column", printable(str(UnknownNameError.of("column", name, known))))
    return None


def _find(row: Mapping[str, Any], field: str, options: ReadOptions) -> tuple[str, Any]:
    named = getattr(options, field)
    for name in (named,) if named else _USUAL[field]:
        value = row.get(name)
        if value not in (None, "") and not (isinstance(value, str) and value.strip() in _NULL):
            return name, value
    return "", None


def _absent(row: Mapping[str, Any], options: ReadOptions) -> tuple[str, ...]:
    named = (options.title_field, options.date_field, options.id_field, options.url_field)
    return tuple(printable(f"there is no {name!r} in this row") for name in named if name and name not in row)


def _string(value: Any) -> str | None:
    if isinstance(value, dt.date):  # a datetime too
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():  # a column of whole numbers, some of them missing
        value = int(value)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
