"""Parquet with named columns: one article in a row. Needs the extra `parquet`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from communique.documents.document import Document
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.tables import check_columns, read_columns, row_document

_BATCH = 16
_MAX_GROUP = 1 << 30


class ParquetReader:
    """Reads the columns that are asked for, a batch of rows at a time."""

    suffixes = (".parquet",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield one document a row; rows count from 1."""
        source = options.source or str(path)
        number = 0
        try:
            with pq.ParquetFile(path) as table:
                known = table.schema_arrow.names
                check_columns(known, options)
                columns = [c for c in dict.fromkeys(read_columns(options)) if c in known]
                for group in range(table.num_row_groups):
                    metadata = table.metadata.row_group(group)
                    if metadata.total_byte_size > _MAX_GROUP:
                        detail = f"a row group of {metadata.num_rows:,} rows and over 1 GiB"
                        yield Skipped(f"{source}:{number + 1}", "too_long", detail)
                        number += metadata.num_rows
                        continue
                    for batch in table.iter_batches(_BATCH, row_groups=[group], columns=columns, use_threads=False):
                        for row in batch.to_pylist():
                            number += 1
                            yield row_document(row, f"{source}:{number}", options)
        except (pa.ArrowException, ValueError) as error:
            detail = " ".join(str(error).split())[:200]
            yield Skipped(f"{source}:{number + 1}" if number else source, "unreadable", f"not Parquet: {detail}")
