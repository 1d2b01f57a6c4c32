"""CSV: one flat table per record type, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, TextIO

from communique.schemas import Record, VerifiedSummary
from communique.schemas.rows import Cell, layout_of
from communique.sinks.sink import SinkOptions, table_path

_LINE_START = "(?:^|(?<=[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]))"
_BLANK = "[^\\S\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
_DANGER = f"'*(?:[\t\x00]|(?:{_BLANK}|[\x00\u200b\u2060\ufeff])*[=+\\-@＝＋－＠﹦﹢﹣﹫])"
_RISKY = re.compile(f"{_LINE_START}(?={_DANGER})")
_ESCAPED = re.compile(f"{_LINE_START}'(?={_DANGER})")


class CsvSink:
    """Tables `OUT.meetings.csv`, `OUT.allegations.csv` and so on: UTF-8, every text quoted, RFC 4180.

    Escaping formulas changes cells (`unescape` restores them); JSONL and Parquet are the lossless forms.
    """

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"
    tables: ClassVar[bool] = True

    def open(self, path: Path, options: SinkOptions) -> None:
        self._path, self._raw = path, options.csv_raw
        self._tables: dict[str, tuple[Any, TextIO]] = {}  # a writer of csv has a type with a name from Python 3.13 on
        for kind in options.record_types:
            self._table(kind.plural, kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        for record, row in zip(summary.all_records(), summary.rows(), strict=True):
            writer, _ = self._table(row["record_type"], type(record))
            writer.writerow(self._safe(row.values()))

    def close(self) -> None:
        for _, file in self._tables.values():
            file.close()

    def _safe(self, row: Iterable[Cell]) -> list[Cell]:
        return list(row) if self._raw else [escape(c) if isinstance(c, str) else c for c in row]

    def _table(self, key: str, kind: type[Record]) -> tuple[Any, TextIO]:
        if key not in self._tables:
            file = table_path(self._path, key).open("w", encoding="utf-8", newline="")
            writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            self._tables[key] = (writer, file)
            writer.writerow(self._safe(layout_of(kind).columns))
        return self._tables[key]


def escape(value: str) -> str:
    """Return the cell with an apostrophe before every line that a spreadsheet could take for a formula.

    A line is risky when it begins with tab or NUL, or when `= + - @` or a full-width form of them stands first after
    white space. One that already has an apostrophe there gets another: `unescape(escape(value)) == value` for every value.
    """
    if value[:1].isalnum() and value.isprintable():  # one line that begins with a letter: nearly all cells
        return value
    return _RISKY.sub("'", value)


def unescape(value: str) -> str:
    """Return what `escape` was given."""
    return _ESCAPED.sub("", value)
