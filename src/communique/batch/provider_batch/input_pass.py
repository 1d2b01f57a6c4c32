"""A pass over the input: documents whose answers are there become results, the requests of the others go into files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from communique.backends import AsyncBackend, Completion
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch_replay import Missing, NotAnsweredError, Replay
from communique.batch.extract_one import extract_one
from communique.batch.input_stream import InputStream
from communique.batch.journal import Journal
from communique.batch.limits import Limits
from communique.batch.outcome import Outcome
from communique.batch.provider_batch.ledger import Ledger
from communique.batch.tally import Tally
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.asking import questions
from communique.engine.driver import Voices, begin, drive, timed
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, MalformedResponseError, PermanentBackendError
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary

REFUSED_AT_START = 5


class Pass:
    """Reads the input from its start, as often as answers have come.

    Before the first request goes into a file, one document is read live: a refused key, an unknown model, an empty
    account and a parameter that the model doesn't take are then known in seconds, not after a batch.

    Args:
        documents: Opens the input.
        backend: What is asked.
        plan: How documents are read.
        journal: Where results go.
        ledger: What the provider was asked and has answered.
        limits: Budget; and what the live document goes through.
        limit: Places of the input to read at most.
        on_row: Called with each result once it is safe.
        judge: Another model of the same server, if it judges.

    Attributes:
        broken: What ended the input before its end, or None.
        closed: Whether requests are no longer taken.
    """

    def __init__(
        self,
        documents: Callable[[], Iterator[Document | Skipped]],
        backend: OpenAIBackend,
        plan: Plan,
        *,
        journal: Journal,
        ledger: Ledger,
        limits: Limits,
        limit: int | None = None,
        on_row: Callable[[Outcome], None] | None = None,
        judge: AsyncBackend | None = None,
    ) -> None:
        self.broken: CommuniqueError | None = None
        self.closed = False
        self._documents = documents
        self._plan = plan
        self._journal = journal
        self._ledger = ledger
        self._limits = limits
        self._limit = limit
        self._on_row = on_row
        self._key = b""
        live: Voices[Any] = Voices.of(plan, backend, judge)
        self._replays = [Replay(b, lambda turn: ledger.look_up(ledger.custom_id(self._key, turn))) for b in live.all]
        stored = [replay.backend for replay in self._replays]
        self._voices = Voices(stored[0], None if live.judge is None else stored[-1])
        self._proven = False
        self._refused: list[bytes] = []

    async def run(self, tally: Tally, send: Callable[[bytes, Missing], None]) -> None:
        """Go once through the input.

        Args:
            tally: Counts.
            send: Takes a document's key and a request about it; called once for each that is missing. It raises
                DocumentTooLongError for one that can't be sent.

        Raises:
            CommuniqueError: The run has to stop.
        """
        documents = self._documents()
        intake = InputStream(documents, self._journal, tally, self._limit)
        try:
            while True:
                chunk = intake.next_chunk()
                if chunk.places:
                    self._journal.record([], chunk.places)
                waiting = self._ledger.asked(key for key, _ in chunk.documents)
                outcomes: list[Outcome] = []
                try:
                    for key, document in chunk.documents:
                        outcome = None if key in waiting else await self._read(key, document, send)
                        if outcome is not None:
                            outcomes.append(outcome)
                        intake.release(key)
                finally:
                    self._commit(outcomes, tally)
                if chunk.last or chunk.broken:
                    break
        finally:
            close = getattr(documents, "close", None)
            if close is not None:
                close()
        tally.all_seen = chunk.last
        self.broken = chunk.broken
        if chunk.last and self._limit is None:
            self._journal.end_input(intake.count)
        self._ledger.clear()

    async def aclose(self) -> None:
        """Close the connections."""
        for replay in self._replays:
            await replay.aclose()

    def _missing(self) -> list[Missing]:
        return [missing for replay in self._replays for missing in replay.missing.values()]

    def _commit(self, outcomes: list[Outcome], tally: Tally) -> None:
        if not outcomes:
            return
        self._journal.record(outcomes, spent=self._limits.budget.used)
        for outcome in outcomes:
            tally.stored(outcome)
            if self._on_row is not None:
                self._on_row(outcome)

    async def _read(self, key: bytes, document: Document, send: Callable[[bytes, Missing], None]) -> Outcome | None:
        outcome = await self._attempt(key, document)
        if outcome is not None or self.closed:
            return outcome
        if not self._proven:
            return await self._read_live(key, document)
        try:
            for missing in self._missing():
                send(key, missing)
        except CommuniqueError as error:
            if error.reason != "too_long":
                raise
            source = document.source or ""
            return Outcome(key, "failed", error.reason, str(error), id=document.id, source=source)
        return None

    async def _read_live(self, key: bytes, document: Document) -> Outcome | None:
        for replay in self._replays:
            replay.go_live(self._limits)
        try:
            outcome = await self._attempt(key, document)
        finally:
            for replay in self._replays:
                replay.go_back()
        if outcome is not None and outcome.reason == "bad_request":
            self._refused.append(key)
            if len(self._refused) >= REFUSED_AT_START:
                self._journal.forget(keys=self._refused)
                raise PermanentBackendError(
                    f"the server refuses every request: {outcome.detail}",
                    hint="check --model and --base-url",
                )
        else:
            self._proven = True
        return outcome

    async def _attempt(self, key: bytes, document: Document) -> Outcome | None:
        self._key = key
        for replay in self._replays:
            replay.missing.clear()
        price = self._limits.budget.price
        if price is not None and not self._replays[0].live:
            price = price.batched
        try:
            return await extract_one(key, document, self._extract, price)
        except NotAnsweredError:
            return None

    async def _extract(self, document: Document) -> VerifiedSummary:
        """Read a document from its answers, and note all requests that are missing, of every window at once."""
        backend, unread = self._voices.backend, False

        async def ask(prompt: Prompt) -> Completion:
            nonlocal unread
            judging = prompt.purpose == "judge"
            if judging and unread:  # what it would be asked about is not settled
                raise MalformedResponseError("not read yet")
            try:
                return await self._voices.asked(prompt).acomplete(prompt)
            except NotAnsweredError:  # as if it could not be read: the exchange goes on to what it asks next
                unread = unread or not judging
                raise MalformedResponseError("not answered yet") from None

        try:
            summary = await drive(begin(document, self._plan, self._voices), ask, document.id)
            if not self._missing():
                return timed(summary, 0.0)
        except CommuniqueError:
            if not self._missing():
                raise
        for question in questions(
            document, self._plan, brief=self._plan.shape == "brief", context_tokens=backend.context_tokens
        ):
            try:
                await backend.acomplete(question.prompt)
            except CommuniqueError:  # it is looked at when all are there
                continue
        raise NotAnsweredError("the provider's batch has no answer yet")
