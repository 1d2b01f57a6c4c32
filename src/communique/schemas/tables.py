"""A result as rows, and as tables of pandas and Arrow."""

from __future__ import annotations

from typing import Any, cast

from communique.errors import MissingExtraError


class Tables:
    """What `VerifiedSummary` gives to those who work with tables."""

    def rows(self) -> list[dict[str, Any]]:
        """Return a flat row for each record, as the CSV sink writes it: docs/reference/rows.md has the columns."""
        from communique.schemas.rows import rows_of  # it lays out records of summaries

        return rows_of(cast("Any", self))

    def to_arrow(self) -> Any:
        """Return the rows as a `pyarrow.Table`; a column that a record type lacks is null in its rows.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa
        except ImportError as error:
            raise MissingExtraError.of("to_arrow()", "parquet") from error
        rows = self.rows()
        columns = dict.fromkeys(name for row in rows for name in row)
        return pa.table({name: [row.get(name) for row in rows] for name in columns})

    def to_pandas(self) -> Any:
        """Return the rows as a `pandas.DataFrame`; a column that a record type lacks is missing in its rows.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtraError("to_pandas() needs pandas", hint="pip install pandas") from error
        return pd.DataFrame(self.rows())
