"""A pass over the input: documents whose answers are there become results, the requests of the others go into files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from communique.backends import AsyncBackend, Completion
from communique.backends.remote import Missing, NotAnsweredError, Store
from communique.batch.input_stream import InputStream, OpenInput, closing_input
from communique.batch.outcome import Outcome, extract_one
from communique.batch.progress import Tally
from communique.batch.provider_batch.ledger import Ledger
from communique.batch.run import Run
from communique.batch.worker_pool import REFUSED_AT_START, refuses_everything
from communique.documents import Document
from communique.engine.driver import drive
from communique.engine.exchange import exchange
from communique.engine.plan import questions
from communique.engine.talk import Voices
from communique.errors import CommuniqueError, DocumentTooLongError, MalformedResponseError
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary

Send = Callable[[bytes, Missing], None]
"""Takes a document's key and a request about it. Raises DocumentTooLongError for one that can't be sent."""


class InputPass:
    """Reads the input from its start, as often as answers have come.

    Before the first request goes into a file, one document is read live: a refused key, an unknown model, an empty
    account and a parameter that the model doesn't take are then known in seconds, not after a batch.

    Attributes:
        broken: What ended the input before its end, or None.
        closed: Whether requests are no longer taken.
    """

    def __init__(self, open_input: OpenInput, backend: AsyncBackend, run: Run, ledger: Ledger) -> None:
        self.broken: CommuniqueError | None = None
        self.closed = False
        self._open_input = open_input
        self._run = run
        self._ledger = ledger
        self._key = b""
        self._store = Store(self._look_up)
        self._voices: Voices[Any] = Voices.of(run.plan, backend, run.settings.judge)
        for asked in self._voices.all:
            asked.store, asked.governor = self._store, run.limits
        self._proven = False
        self._refused: list[bytes] = []

    async def run(self, tally: Tally, send: Send) -> None:
        """Go once through the input, and send each request that is missing, once.

        Raises:
            CommuniqueError: The run has to stop.
        """
        journal, limit = self._run.journal, self._run.settings.limit
        with closing_input(self._open_input()) as documents:
            stream = InputStream(documents, journal, tally, limit)
            while True:
                chunk = stream.next_chunk()
                if chunk.places:
                    journal.record([], chunk.places)
                waiting = self._ledger.asked(key for key, _ in chunk.documents)
                outcomes: list[Outcome] = []
                try:
                    for key, document in chunk.documents:
                        outcome = None if key in waiting else await self._read(key, document, send)
                        if outcome is not None:
                            outcomes.append(outcome)
                        stream.release(key)
                finally:
                    self._commit(outcomes, tally)
                if chunk.last or chunk.broken:
                    break
        tally.all_seen = chunk.last
        self.broken = chunk.broken
        if chunk.last and (limit is None or journal.moved):
            journal.end_input(stream.count)
        self._ledger.clear()

    def end(self) -> None:
        """Let the backends ask live again."""
        for asked in self._voices.all:
            asked.store = None

    def _look_up(self, turn: str) -> Any:
        return self._ledger.look_up(self._ledger.custom_id(self._key, turn))

    def _missing(self) -> list[Missing]:
        return list(self._store.missing.values())

    def _commit(self, outcomes: list[Outcome], tally: Tally) -> None:
        if not outcomes:
            return
        self._run.journal.record(outcomes, spent=self._run.limits.budget.used)
        for outcome in outcomes:
            tally.stored(outcome)
            self._run.settings.stored(outcome)

    async def _read(self, key: bytes, document: Document, send: Send) -> Outcome | None:
        outcome = await self._attempt(key, document, live=False)
        if outcome is not None or self.closed:
            return outcome
        if not self._proven:
            return await self._read_live(key, document)
        try:
            for missing in self._missing():
                send(key, missing)
        except DocumentTooLongError as error:
            return Outcome(key, "failed", error.reason, str(error), id=document.id, source=document.source or "")
        return None

    async def _read_live(self, key: bytes, document: Document) -> Outcome | None:
        outcome = await self._attempt(key, document, live=True)
        if outcome is None or outcome.reason != "bad_request":
            self._proven = True
            return outcome
        self._refused.append(key)
        if len(self._refused) >= REFUSED_AT_START:
            self._run.journal.forget(keys=self._refused)
            raise refuses_everything(outcome)
        return outcome

    async def _attempt(self, key: bytes, document: Document, *, live: bool) -> Outcome | None:
        self._key = key
        self._store.live = live
        self._store.missing.clear()
        price = self._run.limits.budget.price
        try:
            return await extract_one(key, document, self._extract, price if live or price is None else price.batched)
        except NotAnsweredError:
            return None

    async def _extract(self, document: Document) -> VerifiedSummary:
        """Read a document from its answers, and note all requests that are missing, of every window at once."""
        unread = False

        async def ask(prompt: Prompt) -> Completion:
            nonlocal unread
            judging = prompt.purpose == "judge"
            if judging and unread:  # what it would be asked about is not settled
                raise MalformedResponseError("not read yet")
            try:
                answer: Completion = await self._voices.asked(prompt).acomplete(prompt)
            except NotAnsweredError:  # as if it could not be read: the exchange goes on to what it asks next
                unread = unread or not judging
                raise MalformedResponseError("not answered yet") from None
            return answer

        try:
            summary = await drive(exchange(document, self._run.plan, self._voices), ask)
            if not self._missing():
                return summary
        except CommuniqueError:
            if not self._missing():
                raise
        backend, asking = self._voices.backend, self._voices.asking
        for question in questions(document, self._run.plan, asking=asking, context_tokens=backend.context_tokens):
            try:
                await backend.acomplete(question.prompt)
            except CommuniqueError:  # it is looked at when all are there
                continue
        raise NotAnsweredError("the provider's batch has no answer yet")
