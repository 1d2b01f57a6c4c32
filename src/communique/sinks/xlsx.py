"""Excel: one workbook with a sheet of records, one of their evidence and one of their actors."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from communique.errors import MissingExtraError, OutputError
from communique.schemas import Record, VerifiedSummary
from communique.schemas.rows import COMMON_COLUMNS, DOCUMENT_COLUMNS, Cell, document_cells, layout_of
from communique.schemas.stored import json_line
from communique.sinks.identifiers import actors, responses
from communique.sinks.sink import SinkOptions

ROWS = 1_048_576
"""Rows that Excel holds in a sheet, the header among them."""

LONGEST = 32_767
"""UTF-16 code units that Excel holds in a cell."""

_EXACT = 2**53
_FIRST = ("document_id", "document_title", "record_type", "id")
_EVIDENCE = (*_FIRST, "answer", "sentence", "page", "start", "end", "text")
_ACTORS = (*_FIRST, "role", "name", "kind", "title", "country", "country_code", "aliases")
_WIDE = re.compile("title|name|claim|concern|text|evidence$|flags|left_out|corrected|accus|subjects|participants")
_NOT_XML = re.compile("[\ud800-\udfff]")


class XlsxSink:
    """Sheets `Records`, `Evidence` and `Actors`, with a header that stays in sight and filters.

    Every text is a text cell: nothing in it becomes a formula, a link or a number, whatever it begins with. Records
    are spooled until all their columns are known, rows go to disk one by one.
    """

    name: ClassVar[str] = "xlsx"
    suffix: ClassVar[str] = ".xlsx"
    tables: ClassVar[bool] = False

    def open(self, path: Path, options: SinkOptions) -> None:
        with MissingExtraError.naming("the sink 'xlsx'", "xlsx"):
            from xlsxwriter import Workbook
        self._folder = tempfile.TemporaryDirectory(prefix=".rows.", dir=path.parent)
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=path.parent)  # noqa: SIM115 - closed in close()
        as_text = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self._book = Workbook(path, {"constant_memory": True, "tmpdir": self._folder.name, **as_text})
        self._book.set_properties({"title": _clean(options.title or "communique")})
        self._records = _Sheet(self._book, "Records")
        self._evidence = _Sheet(self._book, "Evidence", _EVIDENCE)
        self._actors = _Sheet(self._book, "Actors", _ACTORS)
        self._columns: dict[type[Record], tuple[str, ...]] = {}
        for kind in options.record_types:
            self._columns_of(kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        for key, records in summary.records.items():
            document = document_cells(summary.document, key)
            for record in records:
                cells = layout_of(type(record)).row(record, document)
                row = dict(zip(self._columns_of(type(record)), cells, strict=True))
                self._spool.write(json_line(row) + "\n")
                first = (summary.document.id, summary.document.title, key, record.id)
                for answer, items in (("", record.evidence), *((r.type, r.evidence) for r in responses(record))):
                    for e in items:
                        self._evidence.add((*first, answer, e.sentence, e.page, e.start, e.end, e.exact))
                for role, actor in actors(record):
                    named = (actor.name, actor.kind, actor.role, actor.country, actor.country_code)
                    self._actors.add((*first, role, *named, "; ".join(actor.aliases)))

    def close(self) -> None:
        own = (c for columns in self._columns.values() for c in columns if c not in COMMON_COLUMNS)
        names = tuple(dict.fromkeys((*DOCUMENT_COLUMNS, "id", *own, *COMMON_COLUMNS)))
        try:
            with self._spool:
                self._records.head(names)
                self._spool.seek(0)
                for row in map(json.loads, self._spool):
                    self._records.add(row.get(name) for name in names)
            for sheet in (self._records, self._evidence, self._actors):
                sheet.end()
        finally:
            try:
                self._book.close()
            finally:
                self._folder.cleanup()

    def _columns_of(self, kind: type[Record]) -> tuple[str, ...]:
        if kind not in self._columns:
            first = (*DOCUMENT_COLUMNS, "id")
            own = layout_of(kind).columns[len(first) : -len(COMMON_COLUMNS)]
            taken = {*first, *COMMON_COLUMNS}  # a user's field may be called `date`
            self._columns[kind] = (*first, *(f"{c}_2" if c in taken else c for c in own), *COMMON_COLUMNS)
        return self._columns[kind]


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(self, book: Any, name: str, columns: Sequence[str] = ()) -> None:
        self._name = name
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True})
        self._rows = self._width = 0
        self._sheet.freeze_panes(1, 0)
        if columns:
            self.head(columns)

    def head(self, columns: Sequence[str]) -> None:
        self._width = len(columns)
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, 40 if _WIDE.search(column) else 14)
        self.add(columns, self._bold)

    def add(self, row: Iterable[Cell], style: Any = None) -> None:
        if self._rows >= ROWS:
            why = f"the sheet {self._name} is full: Excel holds {ROWS - 1:,} rows in one"
            hint = "write --to sqlite, parquet or csv, or split the results and convert each part"
            raise OutputError(why, hint=hint)
        for number, value in enumerate(row):
            if isinstance(value, bool):
                self._sheet.write_boolean(self._rows, number, value, style)
            elif isinstance(value, (int, float)) and math.isfinite(value) and -_EXACT <= value <= _EXACT:
                self._sheet.write_number(self._rows, number, value, style)
            elif value is not None and value != "":
                self._sheet.write_string(self._rows, number, cell_text(str(value)), style)
        self._rows += 1

    def end(self) -> None:
        if self._width:
            self._sheet.autofilter(0, 0, max(self._rows - 1, 0), self._width - 1)


def cell_text(value: str) -> str:
    """Return a text as a cell can hold it: cut with a note if it is too long for Excel.

    A word joiner is put before `<r>`, which XlsxWriter would take for marked-up text that is ready to be written.
    """
    value = _clean(value)
    if value.startswith("<r>"):
        value = f"\u2060{value}"
    units = value.encode("utf-16-le")
    if len(units) <= 2 * LONGEST:
        return value
    note = f" [cut: {len(value):,} characters]"
    return units[: 2 * (LONGEST - len(note))].decode("utf-16-le", "ignore") + note


def _clean(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)
