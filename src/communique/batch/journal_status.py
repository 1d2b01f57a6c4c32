"""What a journal says of its run, for a reader beside it: read-only, never a checkpoint, no lock."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from communique.batch.fingerprint import fingerprint
from communique.batch.journal import journal_path
from communique.batch.provider_tables import batches_in
from communique.errors import JournalError, UnreadableDocumentError


def journal_status(output: Path) -> dict[str, Any]:
    """Return counts by state, failures by reason, tokens, model, the provider's batches, and whether the run is finished.

    `same_ids` are ids that the last run found to stand for more than one text (`communique.batch.id_collisions`).

    Args:
        output: The output of a batch.

    Raises:
        UnreadableDocumentError: It has no journal.
        JournalError: The journal can't be read.
    """
    path = journal_path(output)
    if not path.exists():
        raise UnreadableDocumentError(f"{output} has no journal", hint=f"looked for {path.name}")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5.0)) as db:
            return _read(db)
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(f"{path} can't be read: {error}", hint="batch --salvage keeps what can be read") from error


def _read(db: sqlite3.Connection) -> dict[str, Any]:
    meta = dict(db.execute("SELECT key, value FROM meta"))
    config = json.loads(meta.get("config", "{}"))
    print_ = fingerprint(config)
    join = "FROM occurrence o LEFT JOIN result r ON r.doc_key = o.doc_key AND r.config_fp = ?"
    state = "CASE WHEN o.reason != '' THEN 'skipped' ELSE coalesce(r.state, 'left') END"
    counts = dict(db.execute(f"SELECT {state}, count(*) {join} GROUP BY 1", (print_,)))
    reason = "CASE WHEN o.reason != '' THEN o.reason ELSE r.reason END"
    reasons = dict(
        db.execute(
            f"SELECT {reason}, count(*) {join} WHERE o.reason != '' OR r.state = 'failed' GROUP BY 1 ORDER BY 2 DESC",
            (print_,),
        )
    )
    tokens = db.execute(
        "SELECT tokens_in, tokens_out, tokens_cached FROM spent WHERE config_fp = ?", (print_,)
    ).fetchone()
    used = tokens or (0, 0, 0)
    return {
        "counts": counts,
        "reasons": reasons,
        "tokens": {"input": used[0], "output": used[1], "cached": used[2]},
        "model": config.get("model", ""),
        "finished": bool(meta.get("complete")),
        "provider_batches": batches_in(db, print_),
        "same_ids": json.loads(meta.get("same_ids") or "[]"),
    }
