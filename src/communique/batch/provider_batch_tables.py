"""The two tables of the journal about what lies with the provider (`communique.batch.provider_batch_ledger`)."""

from __future__ import annotations

import sqlite3
from typing import Any

from communique.errors import ConfigurationError

TABLES = """
CREATE TABLE IF NOT EXISTS provider_batch (
  name TEXT PRIMARY KEY, config_fp TEXT NOT NULL, state TEXT NOT NULL, file_id TEXT NOT NULL, batch_id TEXT NOT NULL,
  requests INTEGER NOT NULL, detail TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS provider_request (
  custom_id TEXT PRIMARY KEY, doc_key BLOB NOT NULL, config_fp TEXT NOT NULL, batch TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL, tokens INTEGER NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS provider_request_document ON provider_request (doc_key, config_fp, state);
CREATE INDEX IF NOT EXISTS provider_request_batch ON provider_request (batch, state);
"""
OPEN = ("planned", "uploaded", "submitted")
"""States of a batch that has not come to its end."""


def batches_in(db: sqlite3.Connection, config_fp: str) -> list[dict[str, Any]]:
    """Return the batches of a journal's current configuration, for `communique status`; none if it has no ledger."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'provider_batch'").fetchone():
        return []
    names = ("batch", "state", "requests", "detail")
    sql = (
        "SELECT coalesce(nullif(batch_id, ''), name), state, requests, detail FROM provider_batch"
        " WHERE config_fp = ? ORDER BY at, rowid"
    )
    return [dict(zip(names, row, strict=True)) for row in db.execute(sql, (config_fp,))]


def refuse_what_lies_there(db: sqlite3.Connection, config_fp: str) -> None:
    """Make sure that a live run doesn't ask, and pay, for what the provider is about to answer.

    Raises:
        ConfigurationError: A batch of this configuration has not come to its end.
    """
    waiting = sum(b["requests"] for b in batches_in(db, config_fp) if b["state"] in OPEN)
    if waiting:
        raise ConfigurationError(
            f"{waiting:,} requests lie with the provider, and would be paid for again",
            hint="--provider-batch collects their answers; or choose another output",
        )
