"""The three tables of the journal about what lies with the provider and what it cost."""

from __future__ import annotations

import sqlite3
from typing import Any

from communique.errors import ConfigurationError
from communique.schemas import Usage

TABLES = """
CREATE TABLE IF NOT EXISTS provider_batch (
  name TEXT PRIMARY KEY, config_fp TEXT NOT NULL, state TEXT NOT NULL, file_id TEXT NOT NULL, batch_id TEXT NOT NULL,
  requests INTEGER NOT NULL, detail TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS provider_request (
  custom_id TEXT PRIMARY KEY, doc_key BLOB NOT NULL, config_fp TEXT NOT NULL, batch TEXT NOT NULL, state TEXT NOT NULL,
  tries INTEGER NOT NULL, tokens INTEGER NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS provider_request_document ON provider_request (doc_key, config_fp, state);
CREATE INDEX IF NOT EXISTS provider_request_batch ON provider_request (batch, state);
CREATE TABLE IF NOT EXISTS provider_spent (
  config_fp TEXT PRIMARY KEY, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, tokens_cached INTEGER NOT NULL) STRICT;
"""
OPEN = ("planned", "uploaded", "submitted")
"""States of a batch that has not come to its end."""


def batches_in(db: sqlite3.Connection, config_fp: str) -> list[dict[str, Any]]:
    """Return the batches of a journal's current configuration, for `communique status`; none if it has no ledger."""
    if not _has(db, "provider_batch"):
        return []
    names = ("batch", "state", "requests", "detail")
    sql = (
        "SELECT coalesce(nullif(batch_id, ''), name), state, requests, detail FROM provider_batch"
        " WHERE config_fp = ? ORDER BY at, rowid"
    )
    return [dict(zip(names, row, strict=True)) for row in db.execute(sql, (config_fp,))]


def spent_there(db: sqlite3.Connection, config_fp: str) -> Usage:
    """Return the tokens of a configuration that the provider's batch was paid for.

    They are part of the table `spent`.
    """
    if not _has(db, "provider_spent"):
        return Usage()
    sql = "SELECT tokens_in, tokens_out, tokens_cached FROM provider_spent WHERE config_fp = ?"
    row = db.execute(sql, (config_fp,)).fetchone() or (0, 0, 0)
    return Usage(input_tokens=row[0], output_tokens=row[1], cached_tokens=row[2])


def _has(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is not None


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
