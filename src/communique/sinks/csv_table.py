"""CSV: one flat table per record type, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TextIO

from communique.schemas import Record, VerifiedSummary
from communique.sinks.formulas import escape
from communique.sinks.rows import Cell, Layout, document_cells, layout_of, table_path
from communique.sinks.sink import SinkOptions


class _Writer(Protocol):
    def writerow(self, row: Iterable[Any], /) -> Any: ...


class CsvSink:
    """Tables `OUT.meetings.csv`, `OUT.allegations.csv` and so on: UTF-8, every text quoted, RFC 4180.

    Escaping formulas changes cells (`communique.sinks.formulas.unescape` restores them); JSONL and Parquet are the
    lossless forms.
    """

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"
    media_type: ClassVar[str] = "text/csv"
    tables: ClassVar[bool] = True

    _path: Path
    _raw: bool
    _tables: dict[str, tuple[_Writer, Layout, TextIO]]

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the tables of the record types that are asked for; others follow when a record comes."""
        self._path, self._raw, self._tables = path, options.csv_raw, {}
        for kind in options.record_types:
            self._table(kind.plural, kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        """Add a row per record."""
        document = document_cells(summary)
        for key, records in summary.records.items():
            for record in records:
                writer, layout, _ = self._table(key, type(record))
                writer.writerow(self._safe(layout.row(record, document)))

    def close(self) -> None:
        """Close all tables."""
        for _, _, file in self._tables.values():
            file.close()

    def _safe(self, row: list[Cell]) -> list[Cell]:
        return row if self._raw else [escape(c) if isinstance(c, str) else c for c in row]

    def _table(self, key: str, kind: type[Record]) -> tuple[_Writer, Layout, TextIO]:
        if key not in self._tables:
            file = table_path(self._path, key).open("w", encoding="utf-8", newline="")
            layout = layout_of(kind)
            writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            self._tables[key] = (writer, layout, file)
            writer.writerow(self._safe(list(layout.columns)))
        return self._tables[key]
