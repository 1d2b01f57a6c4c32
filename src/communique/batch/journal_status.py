"""What a journal says of its run, for a reader beside it: read-only, never a checkpoint, no lock."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from communique.batch.filesystem import sqlite_uri
from communique.batch.fingerprint import fingerprint
from communique.batch.journal import Journal
from communique.batch.journal_file import OPEN, counts_in, journal_files, journal_path, reasons_in, spent_in
from communique.errors import JournalError, UnreadableDocumentError
from communique.schemas import VerifiedSummary

SLOWEST = 10
MOST_IDS = 10
"""Most ids that are named of those that stand for more than one text."""
_LISTED = " AND doc_key IN (SELECT doc_key FROM occurrence)"
"""Leaves out results of documents that are not in the input any more."""
_OURS = frozenset(VerifiedSummary.model_fields) - {"records"}


def journal_status(output: Path) -> dict[str, Any]:
    """Return counts by state, failures by reason, tokens, model, the provider's batches, and whether the run is finished.

    `all_seen` tells whether the last run came to the end of its input, or to its limit; else more than `left` may be
    left. `same_ids` are ids that it found to stand for more than one text.

    Args:
        output: The output of a batch.

    Raises:
        UnreadableDocumentError: It has no journal.
        JournalError: The journal can't be read.
    """
    with _read_only(output) as db:
        return _status(db, *_configuration(db))


def run_report(output: Path, slowest: int = SLOWEST) -> dict[str, Any]:
    """Return the status with cost, seconds, requests, records, checks and the slowest documents, ready for JSON.

    A document that stands in the input more than once counts once, as it was read once.

    Args:
        output: The output of a batch.
        slowest: How many of the slowest documents to name.

    Raises:
        UnreadableDocumentError: It has no journal.
        JournalError: The journal can't be read.
    """
    with _read_only(output) as db:
        meta, config, which = _configuration(db)
        return {
            **_status(db, meta, config, which),
            **_totals(db, which),
            **_contents(_payloads(db, which)),
            "slowest": _slowest(db, which, slowest),
            "configuration": config,
        }


def find_id_collisions(journal: Journal) -> tuple[str, ...]:
    """Return ids that stand for more than one text in the input, the first ten, and keep them with the journal.

    All such documents are kept, as their keys are their texts; but people are told.
    """
    sql = (
        "SELECT id FROM occurrence WHERE reason = '' GROUP BY id HAVING min(doc_key) != max(doc_key)"
        " ORDER BY min(ordinal) LIMIT ?"
    )
    found = tuple(str(name) for (name,) in journal.query(sql, MOST_IDS))
    with suppress(JournalError):
        journal.set_meta(same_ids=json.dumps(found))
    return found


def known_id_collisions(journal: Journal) -> tuple[str, ...]:
    """Return what the last run found."""
    return tuple(json.loads(journal.meta("same_ids") or "[]"))


def waiting_requests(journal: Journal) -> int:
    """Return how many requests are pending at the provider."""
    sql = "SELECT coalesce(sum(requests), 0) FROM provider_batch WHERE config_fp = ? AND state IN (?, ?)"
    return int(journal.query(sql, journal.config_fp, *OPEN)[0][0])


@contextmanager
def _read_only(output: Path) -> Iterator[sqlite3.Connection]:
    path = journal_path(output)
    if not path.exists():
        raise UnreadableDocumentError(f"{output} has no journal", hint=f"looked for {path.name}")
    # SQLite would leave files of its own beside one that no run has open.
    alone = not any(beside.exists() for beside in journal_files(output)[1:] if beside.suffix != ".lock")
    address = f"{sqlite_uri(path.absolute())}?{'immutable=1' if alone else 'mode=ro'}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=5.0)) as db:
            db.execute("BEGIN")  # one picture, though a batch may be writing
            yield db
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(
            f"{path} can't be read: {error}", hint="batch --salvage recovers what can be read"
        ) from error


def _configuration(db: sqlite3.Connection) -> tuple[dict[str, str], dict[str, Any], str]:
    meta = dict(db.execute("SELECT key, value FROM meta"))
    config = json.loads(meta.get("config", "{}"))
    return meta, config, fingerprint(config)


def _status(db: sqlite3.Connection, meta: dict[str, str], config: dict[str, Any], which: str) -> dict[str, Any]:
    used, counts = spent_in(db, which), counts_in(db, which)
    seen = "all" if meta.get("complete") else meta.get("seen")
    return {
        "counts": counts,
        "reasons": reasons_in(db, which),
        "tokens": dict(zip(("input", "output", "cached", "reasoning"), used.counts, strict=True)),
        "model": config.get("model", ""),
        "all_seen": bool(seen),
        "finished": seen == "all" and not counts.get("left"),
        "provider_batches": _batches(db, which),
        "same_ids": json.loads(meta.get("same_ids") or "[]"),
    }


def _batches(db: sqlite3.Connection, which: str) -> list[dict[str, Any]]:
    names = ("batch", "state", "requests", "detail")
    sql = (
        "SELECT coalesce(nullif(batch_id, ''), name), state, requests, detail FROM provider_batch"
        " WHERE config_fp = ? ORDER BY at, rowid"
    )
    return [dict(zip(names, row, strict=True)) for row in db.execute(sql, (which,))]


def _totals(db: sqlite3.Connection, which: str) -> dict[str, Any]:
    sql = (
        "SELECT count(*), coalesce(sum(cost), 0), coalesce(sum(attempts), 0), count(CASE WHEN attempts > 1 THEN 1 END),"  # noqa: S608
        f" coalesce(sum(seconds), 0) FROM result WHERE config_fp = ?{_LISTED}"
    )
    read, cost, attempts, again, total = db.execute(sql, (which,)).fetchone()
    return {
        "read": read,
        "cost": round(cost, 6) if cost else None,
        "requests": {"total": attempts, "documents_with_more_than_one": again},
        "seconds": {
            "total": round(total, 3),
            "median": _quantile(db, which, read, 0.5),
            "p95": _quantile(db, which, read, 0.95),
            "longest": _quantile(db, which, read, 1.0),
        },
    }


def _quantile(db: sqlite3.Connection, which: str, count: int, share: float) -> float | None:
    """Return the value that at least this share of the documents stay at or below."""
    if not count:
        return None
    offset = max(-int(-count * share // 1) - 1, 0)
    sql = f"SELECT seconds FROM result WHERE config_fp = ?{_LISTED} ORDER BY seconds LIMIT 1 OFFSET ?"  # noqa: S608
    return round(float(db.execute(sql, (which, offset)).fetchone()[0]), 3)


def _slowest(db: sqlite3.Connection, which: str, count: int) -> list[dict[str, Any]]:
    sql = (
        "SELECT id, source, state, reason, seconds, attempts, tokens_in, tokens_out FROM result"  # noqa: S608
        f" WHERE config_fp = ?{_LISTED} ORDER BY seconds DESC, id LIMIT ?"
    )
    names = ("id", "source", "state", "reason", "seconds", "requests", "tokens_in", "tokens_out")
    rows = (dict(zip(names, row, strict=True)) for row in db.execute(sql, (which, count)))
    return [row | {"seconds": round(row["seconds"], 3)} for row in rows]


def _payloads(db: sqlite3.Connection, which: str) -> Iterator[dict[str, Any]]:
    sql = f"SELECT payload FROM result WHERE config_fp = ? AND payload != ''{_LISTED}"  # noqa: S608
    for (payload,) in db.execute(sql, (which,)):
        yield json.loads(payload)


def _contents(rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Count what the checks said. It goes by the stored lines, so that any record type counts, installed or not."""
    records: dict[str, Counter[str]] = {}
    rejections: Counter[str] = Counter()
    flags: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
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
