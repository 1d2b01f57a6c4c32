"""Ledger: what is pending at the provider, in tables of the journal. Each change of state is one transaction.

A batch is `planned` (its file of requests is on disk), `submitted`, and then one of `completed`, `partial`
(some requests have no answer), `expired`, `cancelled`, `failed`. A request is `asked`, `answered` or `lost`; a lost one
is asked again in a later batch, `TRIES` times in all.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from communique.backends.provider_batch import Planned
from communique.backends.remote import Stored
from communique.batch.journal import Journal
from communique.batch.journal_file import OPEN
from communique.errors import CommuniqueError
from communique.schemas import Usage

TRIES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """A line of a file of answers, sorted out."""

    custom_id: str
    status: int  # HTTP status if this is how the request ended; 0 if it is to be asked again
    body: str  # the response as JSON text; why there is none if the status is 0
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    hopeless: CommuniqueError | None = None  # what has to be put right before it is asked again


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
            "SELECT name, batch_id, requests, at FROM provider_batch"
            " WHERE config_fp = ? AND state IN (?, ?) ORDER BY at, rowid"
        )
        return [Planned(*row) for row in self._journal.query(sql, self._fp, *OPEN)]

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
                "INSERT INTO provider_batch VALUES (?, ?, 'planned', '', ?, '', ?)",
                (name, self._fp, len(requests), at),
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
                    "SELECT state FROM provider_request WHERE custom_id = ? AND config_fp = ?",
                    (a.custom_id, self._fp),
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
                db.execute(
                    f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?) ON CONFLICT (config_fp) DO UPDATE SET"  # noqa: S608 - our names
                    " tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + excluded.tokens_out,"
                    " tokens_cached = tokens_cached + excluded.tokens_cached,"
                    " tokens_reasoning = tokens_reasoning + excluded.tokens_reasoning",
                    (self._fp, *usage.counts),
                )
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
            "UPDATE provider_request SET state = 'lost', tries = tries - 1 WHERE batch = ? AND state = 'asked'",
            (name,),
        )
