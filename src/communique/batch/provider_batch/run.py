"""The provider's batch, at half the price: requests go up in files, answers come down within a day.

Run the same command again to resume: each step is in the journal, or is found again at the provider by its
name, so that a kill at any moment pays for nothing twice. The rows are those of a live run.
"""

from __future__ import annotations

from typing import Any, cast

import anyio

from communique.backends import AsyncBackend, Completion
from communique.backends.anthropic_batches import AnthropicBatches
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch import BatchEndpoint, OpenAIBatches
from communique.backends.remote import NotAnsweredError, RemoteBackend, Store
from communique.batch.outcome import Outcome, Tally, extract_one
from communique.batch.provider_batch.ledger import Ledger
from communique.batch.provider_batch.traffic import ProviderOptions, Traffic
from communique.batch.run import Ending, Run
from communique.batch.worker_pool import SIGNALS, InputStream, OpenInput
from communique.documents import Document
from communique.engine.exchange import exchange
from communique.engine.extractor import drive
from communique.engine.plan import questions
from communique.engine.talk import Voices
from communique.errors import (
    CommuniqueError,
    ConfigurationError,
    DocumentTooLongError,
    MalformedResponseError,
    OutputError,
)
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary


def endpoint_of(backend: Any, judge: Any) -> BatchEndpoint:
    """Return the batches of the server that a backend asks, if it has any and the judge is there, too."""
    if judge is not None and _server(judge) != _server(backend):
        raise ConfigurationError(
            f"the judge {judge.model!r} is not on the server of {backend.model!r}",
            hint="--provider-batch uses one server; choose a judge on it",
        )
    if isinstance(backend, OpenAIBackend):
        return OpenAIBatches(backend)
    if isinstance(backend, RemoteBackend) and getattr(backend, "name", "") == "anthropic":
        return AnthropicBatches(cast("Any", backend))
    raise ConfigurationError(
        f"the model {backend.model!r} can't be used with a provider's batch",
        hint="--provider-batch needs openai/MODEL or anthropic/MODEL",
    )


def _server(backend: Any) -> tuple[str, Any]:
    return backend.name, getattr(backend, "endpoint", None)


async def run_rounds(
    endpoint: BatchEndpoint, provider: ProviderOptions, run: Run, open_input: OpenInput, backend: AsyncBackend
) -> tuple[Ending, str]:
    """Read all inputs through the provider's batches; they are opened once a round, and `backend` reads the first one.

    Return how it ended, and a line about what is pending at the provider, or "".
    """
    ledger = Ledger(run.journal)
    traffic = Traffic(endpoint, ledger, run, provider)
    passes = InputPass(open_input, backend, run, ledger, traffic)
    cause: CommuniqueError | None = None
    caught = 0

    async def listen() -> None:  # nothing is in flight that the journal doesn't know
        nonlocal caught
        with anyio.open_signal_receiver(*SIGNALS) as signals:
            async for number in signals:
                caught = int(number)
                tasks.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as tasks:
            if run.settings.signals:
                tasks.start_soon(listen)
            try:
                cause = await _rounds(run, passes, traffic)
            except CommuniqueError as error:  # kept out of the task group, which would wrap it
                cause = error
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            passes.end()
            await traffic.aclose()
    return Ending(cause, caught), ledger.pending()


async def _rounds(run: Run, passes: InputPass, traffic: Traffic) -> CommuniqueError | None:
    """Collect, read, send, wait; return what ends it early."""
    tally, fresh = run.tally, True
    try:
        while True:
            fresh = await traffic.look() or fresh
            if fresh and traffic.failing is None:
                await passes.run(tally)
                await traffic.flush()
                tally, fresh = Tally(), False
            stopped = traffic.stopped or passes.broken
            if stopped is not None or not traffic.waiting:
                return stopped or traffic.short
            if not traffic.options.wait:
                return None
            await traffic.options.sleep(max(traffic.options.every, traffic.asked_to_wait))
    except OSError as error:
        raise OutputError(
            f"{error.filename or run.journal.path.parent} can't be written: {error.strerror}",
            hint="free some space, then run the same command again",
        ) from error


class InputPass:
    """Reads the input from its start, as often as answers have come: each document that has its answers becomes a result.

    Before the first request goes into a file, one document is read live: a refused key, an unknown model, an empty
    account and a parameter that the model doesn't take are then known in seconds, not after a batch.
    """

    def __init__(
        self, open_input: OpenInput, backend: AsyncBackend, run: Run, ledger: Ledger, traffic: Traffic
    ) -> None:
        self.broken: CommuniqueError | None = None  # what ended the input before its end
        self._open_input = open_input
        self._run = run
        self._ledger = ledger
        self._traffic = traffic
        self._key = b""
        self._store = Store(lambda turn: ledger.look_up(ledger.custom_id(self._key, turn)))
        self._voices: Voices[Any] = Voices.of(run.plan, backend, run.settings.judge)
        for asked in self._voices.all:
            asked.store, asked.governor = self._store, run.limits

    async def run(self, tally: Tally) -> None:
        """Go once through the input, and send each request that is missing, once."""
        journal = self._run.journal
        with self._open_input() as opened:
            stream = InputStream(opened, journal, tally, self._run.settings.limit)
            while not (stream.ended or stream.broken):
                places, documents = stream.read_on()
                if places:
                    journal.record([], places)
                waiting = self._ledger.asked(key for key, _ in documents)
                outcomes: list[Outcome] = []
                try:
                    for key, document in documents:
                        outcome = None if key in waiting else await self._read(key, document)
                        outcomes += [outcome] if outcome is not None else []
                        stream.release(key)
                finally:
                    if outcomes:
                        journal.record(outcomes, spent=self._run.limits.budget.used)
                        self._run.stored(outcomes, tally)
        tally.all_seen, self.broken = stream.ended, stream.broken
        if stream.ended:
            self._run.input_ended(stream.count)
        self._ledger.clear()

    def end(self) -> None:
        """Let the backends ask live again."""
        for asked in self._voices.all:
            asked.store = None

    async def _read(self, key: bytes, document: Document) -> Outcome | None:
        outcome = await self._attempt(key, document, live=False)
        if outcome is not None or self._traffic.stopped is not None:
            return outcome
        if self._run.refused is not None:  # every request so far was refused, or none was sent
            outcome = await self._attempt(key, document, live=True)
            refusal = self._run.watch(outcome) if outcome is not None else None
            if refusal is not None:
                raise refusal
            return outcome
        try:
            for missing in self._store.missing.values():
                self._traffic.send(key, missing)
        except DocumentTooLongError as error:
            return Outcome(key, "failed", error.reason, str(error), id=document.id, source=document.source or "")
        return None

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

        plan = self._run.plan
        try:
            summary = await drive(exchange(document, plan, self._voices), ask)
            if not self._store.missing:
                return summary
        except CommuniqueError:
            if not self._store.missing:
                raise
        backend, asking = self._voices.backend, self._voices.asking
        for question in questions(document, plan, asking=asking, context_tokens=backend.context_tokens):
            try:
                await backend.acomplete(question.prompt)
            except CommuniqueError:  # it is looked at when all are there
                continue
        raise NotAnsweredError("the provider's batch has no answer yet")
