"""The brief: a few plain sentences rendered by code from the checked records, each with its evidence.

Never a model's prose.
"""

from __future__ import annotations

from collections.abc import Iterable

from communique.schemas import Record, Statement


def brief(records: Iterable[Record]) -> tuple[Statement, ...]:
    """Render one statement a record; its verdict is the record's."""
    return tuple(Statement(text=r.headline, record=r.id, evidence=r.evidence) for r in records)
