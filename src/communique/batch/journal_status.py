"""What a journal says of its run, for a reader beside it: read-only, never a checkpoint, no lock."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from math import ceil
from pathlib import Path, PurePath
from typing import Any

from communique.batch.fingerprint import fingerprint
from communique.batch.journal_file import COUNTS, REASONS, SPENT, journal_files, journal_path
from communique.errors import JournalError, UnreadableDocumentError
from communique.schemas import Usage, VerifiedSummary

_LISTED = "FROM result WHERE config_fp = ? AND doc_key IN (SELECT doc_key FROM occurrence)"
"""Leaves out results of other configurations, and of documents that are not in the input any more."""
_OURS = frozenset(VerifiedSummary.model_fields) - {"records"}


def journal_status(output: Path) -> dict[str, Any]:
    """Return counts by state, failures by reason, tokens, model, the provider's batches, and whether the run is finished.

    `all_seen` tells whether the last run came to the end of its input, or to its limit; else more than `left` may be
    left. `same_ids` are ids that it found to stand for more than one text.

    Raises:
        UnreadableDocumentError: The output has no journal.
        JournalError: The journal can't be read.
    """
    with _read(output) as journal:
        return _status(journal)


def run_report(output: Path, slowest: int = 10) -> dict[str, Any]:
    """Return the status with cost, seconds, requests, records, checks and the slowest documents, ready for JSON.

    A document that stands in the input more than once counts once, as it was read once.

    Raises:
        UnreadableDocumentError: The output has no journal.
        JournalError: The journal can't be read.
    """
    with _read(output) as journal:
        return {
            **_status(journal),
            **_totals(journal),
            **_contents(
                json.loads(row["payload"]) for row in journal.rows(f"SELECT payload {_LISTED} AND payload != ''")
            ),
            "slowest": _slowest(journal, slowest),
            "configuration": journal.config,
        }


class _Journal:
    """A journal, seen under the configuration of its last run."""

    def __init__(self, db: sqlite3.Connection) -> None:
        db.row_factory = sqlite3.Row
        self._db = db
        self.meta: dict[str, str] = dict(db.execute("SELECT key, value FROM meta").fetchall())
        self.config: dict[str, Any] = json.loads(self.meta.get("config", "{}"))
        self._fp = fingerprint(self.config)

    def rows(self, sql: str, *bound: Any) -> sqlite3.Cursor:
        return self._db.execute(sql, (self._fp, *bound))


@contextmanager
def _read(output: Path) -> Iterator[_Journal]:
    path = journal_path(output)
    if not path.exists():
        raise UnreadableDocumentError(f"{output} has no journal", hint=f"looked for {path.name}")
    # SQLite would leave files of its own beside one that no run has open.
    alone = not any(beside.exists() for beside in journal_files(output)[1:] if beside.suffix != ".lock")
    address = f"{sqlite_uri(path.absolute())}?{'immutable=1' if alone else 'mode=ro'}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=5.0)) as db:
            db.execute("BEGIN")  # one picture, though a batch may be writing
            yield _Journal(db)
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(
            f"{path} can't be read: {error}", hint="batch --salvage recovers what can be read"
        ) from error


def sqlite_uri(path: PurePath) -> str:
    """Return the address of an absolute path for SQLite, which takes no host: a Windows share is a path, too."""
    address = path.as_uri()
    return address if address.startswith("file:///") else address.replace("file:", "file://", 1)


def _status(journal: _Journal) -> dict[str, Any]:
    meta, counts = journal.meta, dict(journal.rows(COUNTS).fetchall())
    used = Usage.of(journal.rows(SPENT.format(table="spent")).fetchone() or ())
    seen = "all" if meta.get("complete") else meta.get("seen")
    batches = journal.rows(
        "SELECT coalesce(nullif(batch_id, ''), name) AS batch, state, requests, detail FROM provider_batch"
        " WHERE config_fp = ? ORDER BY at, rowid"
    )
    return {
        "counts": counts,
        "reasons": dict(journal.rows(REASONS).fetchall()),
        "tokens": dict(zip(("input", "output", "cached", "reasoning"), used.counts, strict=True)),
        "model": journal.config.get("model", ""),
        "all_seen": bool(seen),
        "finished": seen == "all" and not counts.get("left"),
        "provider_batches": [dict(row) for row in batches],
        "same_ids": json.loads(meta.get("same_ids") or "[]"),
    }


def _totals(journal: _Journal) -> dict[str, Any]:
    seconds = [row["seconds"] for row in journal.rows(f"SELECT seconds {_LISTED} ORDER BY seconds")]
    shares = {"median": 0.5, "p95": 0.95, "longest": 1.0}
    cost, requests, again = journal.rows(
        f"SELECT total(cost), coalesce(sum(attempts), 0), count(CASE WHEN attempts > 1 THEN 1 END) {_LISTED}"
    ).fetchone()
    return {
        "read": len(seconds),
        "cost": round(cost, 6) if cost else None,
        "requests": {"total": requests, "documents_with_more_than_one": again},
        "seconds": {"total": round(sum(seconds), 3)} | {name: _quantile(seconds, shares[name]) for name in shares},
    }


def _quantile(ordered: list[float], share: float) -> float | None:
    """Return the value that at least this share of all stay at or below."""
    return round(ordered[max(ceil(len(ordered) * share) - 1, 0)], 3) if ordered else None


def _slowest(journal: _Journal, count: int) -> list[dict[str, Any]]:
    return [
        dict(row)
        for row in journal.rows(
            "SELECT id, source, state, reason, round(seconds, 3) AS seconds, attempts AS requests, tokens_in, tokens_out"
            f" {_LISTED} ORDER BY result.seconds DESC, id LIMIT ?",
            count,
        )
    ]


def _contents(rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Count what the checks said. It goes by the stored lines, so that any record type counts, installed or not."""
    records: dict[str, Counter[str]] = {}
    rejections, flags, warnings = Counter[str](), Counter[str](), Counter[str]()
    empty = left_out = 0
    for row in rows:
        found = {k: v for k, v in row.items() if k not in _OURS and isinstance(v, list)}
        empty += not any(found.values())
        for kind, group in found.items():
            records.setdefault(kind, Counter()).update(r.get("verdict", "draft") for r in group)
            checks = [c for r in group for c in r.get("checks", ())]
            flags.update(c["reason"] for c in checks if c.get("severity") != "note" and c.get("change") == "kept")
            left_out += sum(c.get("change") == "left_out" for c in checks)
        rejections.update(r["reason"] for r in row.get("rejections", ()))
        warnings.update(w.partition(":")[0] for w in row.get("provenance", {}).get("warnings", ()))
    unflagged = sum(c["verified"] + c["supported"] for c in records.values())
    drafts = sum(c.total() for c in records.values()) + rejections.total()
    return {
        "records": {k: dict(sorted(c.items())) for k, c in sorted(records.items())},
        "documents_without_records": empty,
        "unflagged_share": round(unflagged / drafts, 4) if drafts else None,
        "left_out": left_out,
        "flags": dict(flags.most_common()),
        "rejections": dict(rejections.most_common()),
        "warnings": dict(warnings.most_common()),
    }
