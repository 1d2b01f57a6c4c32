"""Parquet: typed tables with nested evidence, one per record type; lossless."""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

from communique.errors import MissingExtraError
from communique.schemas import Record, VerifiedSummary
from communique.schemas.annotation import LISTS, holds_set, is_model, unwrapped
from communique.schemas.stored import AnyRecord, dumped, json_line
from communique.sinks.sink import SinkOptions, table_path

_ROWS = 5000
"""Records that are held before a row group is written: bounded memory, files that read fast."""

_DOCUMENT = (
    *("document_id", "document_sha256", "document_title", "published", "published_basis"),
    *("document_source", "document_language", "document_outlet"),
)
_SCALARS = {str: "string", int: "int64", float: "float64", bool: "bool_"}


class ParquetSink:
    """Tables `OUT.meetings.parquet` and so on: actors, responses, checks and evidence are lists of structs."""

    name: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"
    tables: ClassVar[bool] = True

    def open(self, path: Path, options: SinkOptions) -> None:
        with MissingExtraError.naming("the sink 'parquet'", "parquet"):
            import pyarrow.parquet  # noqa: F401
        self._path = path
        self._tables: dict[str, _Table] = {}
        for kind in options.record_types:
            self._table(kind.plural, kind)

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        info = summary.document.model_dump(mode="json", exclude={"text", "notes", "chars"})
        document = json_line({("" if k.startswith("published") else "document_") + k: v for k, v in info.items()})[:-1]
        for key, records in summary.records.items():
            for record in records:
                self._table(key, type(record)).add(document, record)

    def close(self) -> None:
        for table in self._tables.values():
            table.close()

    def _table(self, key: str, kind: type[Record]) -> _Table:
        if key not in self._tables:
            self._tables[key] = _Table(table_path(self._path, key), kind)
        return self._tables[key]


class _Table:
    def __init__(self, path: Path, kind: type[Record]) -> None:
        self._path = path
        schema, self._texts, self._renamed = _schema(kind)
        self._plain = not (self._texts or self._renamed or holds_set(kind))
        self._lines: list[str] = []
        self._begin(schema)

    def _begin(self, schema: Any) -> None:
        import pyarrow.parquet as pq

        self._schema, self._writer = schema, pq.ParquetWriter(self._path, schema, compression="zstd")

    def add(self, document: str, record: Record) -> None:
        if self._plain:  # which is faster
            body = record.model_dump_json(by_alias=False)
        else:
            row = {self._renamed.get(name, name): value for name, value in dumped(record).items()}
            if isinstance(record, AnyRecord):
                row["fields"] = record.model_extra or {}
            body = json_line(_with_text(row, self._texts))
        self._lines.append(f"{document},{body[1:]}")
        if len(self._lines) >= _ROWS:
            self._flush()

    def close(self) -> None:
        if self._lines:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa
        from pyarrow import json as arrow_json

        content = "\n".join(self._lines).encode("utf-8", "replace")
        try:
            table = arrow_json.read_json(
                pa.BufferReader(content),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1),
                parse_options=arrow_json.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="ignore"),
            )
        except pa.ArrowInvalid:
            rows = [json.loads(line) for line in self._lines]
            wide = {name for row in rows for name, value in row.items() if _too_wide(value)}
            if not wide:
                raise
            self._turn_into_text(wide)
            self._lines = [json_line(_with_text(row, wide)) for row in rows]
            self._flush()
            return
        self._writer.write_table(table.select(self._schema.names))
        self._lines = []

    def _turn_into_text(self, columns: set[str]) -> None:
        """Let columns with whole numbers of more than 64 bits hold text, also in what is written already."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._writer.close()
        written = pq.read_table(self._path).to_pylist()
        self._begin(pa.schema([f.with_type(pa.string()) if f.name in columns else f for f in self._schema]))
        self._texts, self._plain = self._texts | columns, False
        if written:
            rows = [_with_text(row, columns) for row in written]
            self._writer.write_table(pa.Table.from_pylist(rows, schema=self._schema))


@functools.cache
def _schema(kind: type[Record]) -> tuple[Any, frozenset[str], dict[str, str]]:
    """Return the Arrow schema of a record type, the columns without a fixed shape, kept as text, and the fields renamed.

    A field of a user's own record may be called as a column of the document is, such as `published`.
    """
    import pyarrow as pa

    columns: dict[str, Any] = dict.fromkeys(_DOCUMENT, pa.string())
    texts, renamed = set(), {}
    for name, info in kind.model_fields.items():
        column = f"{name}_2" if name in columns else name
        columns[column] = _type(info.annotation)
        if columns[column] is None:
            texts.add(column)
        if column != name:
            renamed[name] = column
    if kind is AnyRecord:
        texts.add("fields")
    columns |= dict.fromkeys(sorted(texts), pa.string())
    return pa.schema(list(columns.items())), frozenset(texts), renamed


def _too_wide(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return any(map(_too_wide, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def _with_text(row: dict[str, Any], columns: Collection[str]) -> dict[str, Any]:
    told = {name: json_line(row[name]) for name in columns if not isinstance(row.get(name), str | None)}
    return row | told


def _type(annotation: Any) -> Any | None:
    """Return the Arrow type of an annotation; None where the shape is not fixed."""
    import pyarrow as pa

    annotation, _ = unwrapped(annotation)
    if annotation in _SCALARS:
        return getattr(pa, _SCALARS[annotation])()
    if is_model(annotation):
        parts = {name: _type(info.annotation) for name, info in annotation.model_fields.items()}
        return None if None in parts.values() or not parts else pa.struct(list(parts.items()))
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    args = tuple(a for a in args if a not in (type(None), ...))
    if origin is typing.Literal:
        return pa.string() if all(isinstance(a, str) for a in args) else None
    inner = _type(args[0]) if len(args) == 1 else None
    if isinstance(origin, type) and issubclass(origin, LISTS):
        return None if inner is None else pa.list_(inner)
    return inner
