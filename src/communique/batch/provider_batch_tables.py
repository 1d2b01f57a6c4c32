"""The two tables of the journal about what lies with the provider (`communique.batch.provider_batch_ledger`)."""

from __future__ import annotations

import sqlite3
from typing import Any

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


def batches_in(db: sqlite3.Connection, config_fp: str) -> list[dict[str, Any]]:
    """Return the batches of a journal's current configuration, for `communique status`; none if it has no ledger."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'provider_batch'").fetchone():
        return []
    names = ("batch", "state", "requests", "answered", "detail")
    sql = (
        "SELECT coalesce(nullif(b.batch_id, ''), b.name), b.state, b.requests, (SELECT count(*) FROM provider_request r"
        " WHERE r.batch = b.name AND r.state = 'answered'), b.detail FROM provider_batch b WHERE b.config_fp = ?"
        " ORDER BY b.at, b.rowid"
    )
    return [dict(zip(names, row, strict=True)) for row in db.execute(sql, (config_fp,))]
