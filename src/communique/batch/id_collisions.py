"""Ids that stand for more than one text.

All such documents are kept, as their keys are their texts; but people are told.
"""

from __future__ import annotations

import json
from contextlib import suppress

from communique.batch.journal import Journal
from communique.errors import JournalError

SHOWN = 10
"""Most ids that are named."""


def find_id_collisions(journal: Journal) -> tuple[str, ...]:
    """Return ids that stand for more than one text in the input, the first ten, and keep them with the journal."""
    sql = (
        "SELECT id FROM occurrence WHERE reason = '' GROUP BY id HAVING min(doc_key) != max(doc_key)"
        " ORDER BY min(ordinal) LIMIT ?"
    )
    with journal.transaction() as db:
        found = tuple(str(row[0]) for row in db.execute(sql, (SHOWN,)))
    if found != known_id_collisions(journal):
        with suppress(JournalError):
            journal.set_meta(same_ids=json.dumps(found))
    return found


def known_id_collisions(journal: Journal) -> tuple[str, ...]:
    """Return what the last run found."""
    return tuple(json.loads(journal.meta("same_ids") or "[]"))
