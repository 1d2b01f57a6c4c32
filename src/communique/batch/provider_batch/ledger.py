"""Ledger: what is pending at the provider, in tables of the journal; and the files on their way there and back.

Each change of state is one transaction.

A batch is `planned` (its file of requests is on disk), `submitted`, and then one of `completed`, `partial`
(some requests have no answer), `expired`, `cancelled`, `failed`. A request is `asked`, `answered` or `lost`; a lost one
is asked again in a later batch, `TRIES` times in all.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from communique.backends.anthropic_batches import as_response
from communique.backends.chat_answer import usage_of
from communique.backends.provider_batch import BatchEndpoint, Planned
from communique.backends.refusals import Refusal, error_of
from communique.backends.remote import Missing, Stored
from communique.batch.export import sync_folder
from communique.batch.journal import Journal
from communique.batch.journal_file import OPEN
from communique.documents.readers.bounded import bounded_lines
from communique.errors import CommuniqueError, DocumentTooLongError, PermanentBackendError
from communique.schemas import Usage

TRIES = 3
MAX_LINE = 8 * 1024 * 1024
"""Bytes; the cap of a live answer too."""
_PASSING = frozenset({408, 409, 425, 429})
_ADAPTABLE = frozenset({"temperature", "max_tokens", "max_completion_tokens", "effort", "prompt_cache_key"})
"""Parameters that the chat backend learns to put otherwise; asked again, they are."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of a file of answers, sorted out."""

    custom_id: str
    status: int  # HTTP status if this is how the request ended; 0 if it is to be asked again
    body: str  # the response as JSON text; why there is none if the status is 0
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    hopeless: CommuniqueError | None = None  # what has to be put right before it is asked again


def answers_of(path: Path) -> Iterator[Answer | None]:
    """Yield the answers in a file of the provider's, JSON Lines; None for a line that is none."""
    with path.open("rb") as stream:
        for raw in bounded_lines(stream, MAX_LINE):
            if raw is None or raw.strip():
                yield _answer(raw)


def _answer(raw: bytes | None) -> Answer | None:
    try:
        line = json.loads(raw or b"")
        line = as_response(line) if "result" in line else line
        custom_id = line["custom_id"]
        response = line.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body")
        refusal = Refusal(status, line.get("error") or (body or {}).get("error") or {})
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if not isinstance(custom_id, str):
        return None
    if status == 200 and isinstance(body, dict) and _is_answer(body):
        return Answer(custom_id, 200, json.dumps(body, separators=(",", ":")), usage_of(body))
    if status >= 400:
        hopeless = error_of(refusal, "the provider's batch", "", "the key and what it may do")
        if isinstance(hopeless, PermanentBackendError):
            return Answer(custom_id, 0, hopeless.reason, hopeless=hopeless)
    adaptable = refusal.param in _ADAPTABLE
    if 400 <= status < 500 and status not in _PASSING and not adaptable:
        return Answer(custom_id, status, json.dumps({"error": refusal.body}, separators=(",", ":")))
    reason = {"batch_expired": "expired", "batch_cancelled": "cancelled"}.get(refusal.code)
    return Answer(
        custom_id, 0, reason or ("throttled" if status == 429 else "bad_request" if adaptable else "server_error")
    )


def _is_answer(body: dict[str, Any]) -> bool:
    return bool(body.get("choices")) or body.get("object") == "response" or body.get("type") == "message"


def batch_file(journal: Path, name: str, kind: Literal["requests", "answers"]) -> Path:
    """Return where the requests of a batch lie until they are sent, or its answers until they are stored."""
    return journal.with_name(f"{journal.name}.{name}.{kind}.jsonl")


class RequestFile:
    """Requests of the next batch, to one model. The file lies beside the journal."""

    def __init__(self, journal: Path, model: str, endpoint: BatchEndpoint) -> None:
        self.model = model
        self.name = f"communique-{uuid.uuid4().hex}"
        self.requests: dict[str, tuple[bytes, int]] = {}  # by key: that of the document, and an upper guess of tokens
        self._path = batch_file(journal, self.name, "requests")
        self._endpoint = endpoint
        self._bytes = 0
        self._stream: BinaryIO | None = None

    def add(self, custom_id: str, key: bytes, missing: Missing, max_requests: int, max_bytes: int) -> bool:
        """Add a request; False if there is no more room, and DocumentTooLongError if no file has any."""
        line = self._endpoint.line(self.name, custom_id, missing)
        if len(line) > max_bytes:
            raise DocumentTooLongError(
                f"a request of {len(line):,} bytes is larger than a batch file may be", hint="use smaller windows"
            )
        if len(self.requests) >= max_requests or self._bytes + len(line) > max_bytes:
            return False
        if self._stream is None:
            self._stream = self._path.open("wb")
        self._stream.write(line)
        self._bytes += len(line)
        self.requests[custom_id] = key, missing.tokens
        return True

    def close(self) -> None:
        """Put it on disk, whole."""
        if self._stream is not None and not self._stream.closed:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            sync_folder(self._path.parent)

    def discard(self) -> None:
        """Throw it away."""
        if self._stream is not None:
            self._stream.close()
            self._path.unlink(missing_ok=True)


class Ledger:
    """The provider's side of a run, kept in its journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._fp = journal.config_fp

    def custom_id(self, key: bytes, turn: str) -> str:
        """Return the key of a request, 62 characters: half of the document's, then configuration and turn."""
        return f"{key.hex()[:32]}.{self._fp[:12]}.{turn}"

    def open_batches(self) -> list[Planned]:
        """Return the batches that have not come to their end, oldest first."""
        sql = (
            "SELECT name, batch_id, requests, at FROM provider_batch"  # noqa: S608 - ours
            f" WHERE config_fp = ? AND state IN {OPEN} ORDER BY at, rowid"
        )
        return [Planned(*row) for row in self._journal.query(sql, self._fp)]

    def pending(self) -> str:
        """Return one line about what is pending at the provider, or ""."""
        waiting = self.open_batches()
        if not waiting:
            return ""
        names = ", ".join(b.batch_id or b.name for b in waiting[:3]) + (", …" if len(waiting) > 3 else "")
        return f"{sum(b.requests for b in waiting):,} requests are pending at the provider ({names})"

    def plan(self, name: str, requests: Mapping[str, tuple[bytes, int]]) -> Planned:
        """Note that these requests are about to be sent: by key, each with its document's and an upper guess of tokens."""
        at = time.time()
        with self._journal.transaction() as db:
            db.execute(
                "INSERT INTO provider_batch VALUES (?, ?, 'planned', '', ?, '', ?)", (name, self._fp, len(requests), at)
            )
            db.executemany(
                "INSERT INTO provider_request VALUES (?, ?, ?, ?, 'asked', 1, ?, 0, '') ON CONFLICT (custom_id)"
                " DO UPDATE SET batch = excluded.batch, state = 'asked', tries = tries + 1, tokens = excluded.tokens",
                [(custom_id, key, self._fp, name, tokens) for custom_id, (key, tokens) in requests.items()],
            )
        return Planned(name, "", len(requests), at)

    def note(self, name: str, batch_id: str) -> None:
        """Note that a batch is at the provider, under its id there."""
        with self._journal.transaction() as db:
            db.execute("UPDATE provider_batch SET state = 'submitted', batch_id = ? WHERE name = ?", (batch_id, name))

    def drop(self, name: str) -> None:
        """Forget a batch that was never sent."""
        with self._journal.transaction() as db:
            self._free(db, name)
            db.execute("DELETE FROM provider_batch WHERE name = ?", (name,))

    def store(self, answers: Iterable[Answer]) -> tuple[Usage, int]:
        """Store answers; what is stored already stays. Return the new tokens, and how many answers are nobody's."""
        usage, unknown = Usage(), 0
        with self._journal.transaction() as db:
            for a in answers:
                found = db.execute(
                    "SELECT state FROM provider_request WHERE custom_id = ? AND config_fp = ?", (a.custom_id, self._fp)
                ).fetchone()
                unknown += found is None
                if found is None or found[0] == "answered":
                    continue
                free = found[0] == "asked" and (a.hopeless is not None or a.body == "cancelled")
                db.execute(
                    "UPDATE provider_request SET state = ?, status = ?, body = ?, tries = tries - ? WHERE"
                    " custom_id = ?",
                    ("answered" if a.status else "lost", a.status, a.body, int(free), a.custom_id),
                )
                usage += a.usage
            for table in ("spent", "provider_spent") if any(usage.counts) else ():
                total = self._journal.spent(table) + usage
                db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?)", (self._fp, *total.counts))  # noqa: S608 - our names
        return usage, unknown

    def finish(self, name: str, ended: str, detail: str = "") -> tuple[str, int]:
        """Note the end of a batch: completed, expired, cancelled or failed.

        Requests of it without a line are lost; of a failed one, nothing was asked. Return the state, which is `partial` for
        a completed batch with lost requests, and how many are lost.
        """
        with self._journal.transaction() as db:
            if ended == "failed":
                self._free(db, name)
            else:
                db.execute(
                    "UPDATE provider_request SET state = 'lost', status = 0, body = ?, tries = tries - ?"
                    " WHERE batch = ? AND state = 'asked'",
                    (ended if ended != "completed" else "no_line", int(ended == "cancelled"), name),
                )
            lost: int = db.execute(
                "SELECT count(*) FROM provider_request WHERE batch = ? AND state = 'lost'", (name,)
            ).fetchone()[0]
            state = "partial" if ended == "completed" and lost else ended
            db.execute("UPDATE provider_batch SET state = ?, detail = ? WHERE name = ?", (state, detail, name))
        return state, lost

    def look_up(self, custom_id: str) -> Stored | None:
        """Return what a request brought, or None if it is to be asked."""
        sql = "SELECT state, tries, status, body FROM provider_request WHERE custom_id = ?"
        for state, tries, status, body in self._journal.query(sql, custom_id):
            if state == "answered" or (state == "lost" and tries >= TRIES):
                return Stored(status if state == "answered" else 0, body)
        return None

    def asked(self, keys: Iterable[bytes]) -> set[bytes]:
        """Return those documents about which a request is pending at the provider."""
        sql = "SELECT 1 FROM provider_request WHERE doc_key = ? AND config_fp = ? AND state = 'asked' LIMIT 1"
        return {key for key in keys if self._journal.query(sql, key, self._fp)}

    def tokens_asked(self) -> int:
        """Return an upper guess of the tokens that are pending at the provider."""
        sql = "SELECT coalesce(sum(tokens), 0) FROM provider_request WHERE config_fp = ? AND state = 'asked'"
        return int(self._journal.query(sql, self._fp)[0][0])

    def clear(self) -> None:
        """Drop the answers of documents that have a result."""
        with self._journal.transaction() as db:
            db.execute(
                "DELETE FROM provider_request WHERE config_fp = ? AND state != 'asked' AND EXISTS"
                " (SELECT 1 FROM result r WHERE r.doc_key = provider_request.doc_key AND r.config_fp = ?)",
                (self._fp, self._fp),
            )

    def _free(self, db: sqlite3.Connection, name: str) -> None:
        """Take back requests that cost nothing: they count as never asked."""
        db.execute("DELETE FROM provider_request WHERE batch = ? AND state = 'asked' AND tries = 1", (name,))
        db.execute(
            "UPDATE provider_request SET state = 'lost', tries = tries - 1 WHERE batch = ? AND state = 'asked'", (name,)
        )
