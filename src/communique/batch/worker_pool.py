"""WorkerPool: many documents at once, each to exactly one row, however the run ends.

    input (a thread) → documents, 2 × concurrency → workers → results → writer (the only one that touches the journal)

A worker holds its document until the result is in the journal, so a kill costs at most `concurrency` calls.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

import anyio
from anyio import to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from communique.batch.input_stream import InputStream
from communique.batch.outcome import Extract, Occurrence, Outcome, extract_one
from communique.batch.run import Ending, Run
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.errors import (
    STOPPING,
    BudgetExceededError,
    CommuniqueError,
    JournalError,
    PermanentBackendError,
    RunStoppedError,
)

GROUP = 256
"""Most results in one commit. While a commit runs, the next group gathers."""

REFUSED_AT_START = 5
OUTAGE = ("server_error", "timeout")
"""Reasons of failures that count for the breaker (see `Limits.settle`)."""

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What the writer is given: places by the input, or a result by a worker, which waits until it is stored or lost."""

    places: list[Occurrence]
    outcomes: list[Outcome]
    stored: anyio.Event


class WorkerPool:
    """Reads one input into a run's journal. Make it inside an event loop.

    Args:
        run: Its journal, limits, tally and settings.
        documents: Pulled as needed.
        extract: Reads one document, such as `AsyncExtractor.extract`.
        concurrency: Documents at once.
        check: Awaited once, before the first document: raises if the server can't answer any, and returns False if one
            request should go ahead of the others.
    """

    def __init__(
        self,
        run: Run,
        documents: Iterator[Document | Skipped],
        extract: Extract,
        concurrency: int,
        check: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        self._run = run
        self._journal, self._limits, self._tally = run.journal, run.limits, run.tally
        self._input = InputStream(documents, run.journal, run.tally, run.settings.limit)
        self._extract = extract
        self._concurrency = concurrency
        self._check = check
        self._cause: CommuniqueError | None = None
        self._broken: CommuniqueError | None = None
        self._signal = 0
        self._refused: list[bytes] | None = []  # None once a request was not
        self._failing: list[bytes] = []  # since the last answer
        self._admission = anyio.CancelScope()
        self._work = anyio.CancelScope()

    async def run(self) -> Ending:
        """Read everything that is not done. What ends it early is returned, not raised."""
        to_writer, parcels = anyio.create_memory_object_stream[_Parcel](64)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._write, parcels)
            listening = anyio.CancelScope()
            if self._run.settings.signals:
                tasks.start_soon(self._listen, listening)
            async with to_writer:
                with self._work:
                    await self._read_all(to_writer)
            listening.cancel()
        self._cause = self._cause or self._broken
        in_vain = [*(self._refused or ()), *(self._failing if self._limits.breaker.open else ())]
        if in_vain and self._ending:
            self._journal.forget(keys=in_vain)
        if self._cause is None and self._tally.all_seen:
            self._run.input_ended(self._input.count)
        return Ending(self._cause, self._signal)

    @property
    def _ending(self) -> bool:
        return self._cause is not None or self._signal != 0

    def _stop(self, cause: CommuniqueError) -> None:
        """Take no more documents. Requests in flight come to their end, documents in flight as far as a budget reaches."""
        if not self._ending:
            self._cause = cause
        self._admission.cancel()
        if isinstance(cause, BudgetExceededError):
            self._limits.drain()
        else:
            self._limits.stop(cause)

    async def _read_all(self, to_writer: MemoryObjectSendStream[_Parcel]) -> None:
        waiting, ready = anyio.create_memory_object_stream[tuple[bytes, Document]](2 * self._concurrency)
        async with anyio.create_task_group() as workers:
            for _ in range(self._concurrency):
                workers.start_soon(self._work_on, ready.clone(), to_writer)
            ready.close()
            async with waiting:
                with self._admission:
                    await self._admit(waiting, to_writer)

    async def _admit(
        self,
        waiting: MemoryObjectSendStream[tuple[bytes, Document]],
        to_writer: MemoryObjectSendStream[_Parcel],
    ) -> None:
        while not self._ending:
            try:
                chunk = await to_thread.run_sync(self._input.next_chunk)
                if chunk.places:
                    await to_writer.send(_Parcel(chunk.places, [], anyio.Event()))
                if chunk.documents:
                    await self._look_at_server()
            except CommuniqueError as error:
                self._stop(error)
                return
            for item in chunk.documents:
                try:
                    await waiting.send(item)
                except anyio.BrokenResourceError:  # every worker has stopped
                    return
            if chunk.last or chunk.broken:
                self._tally.all_seen = chunk.last
                self._broken = chunk.broken  # what was read before is finished all the same
                return

    async def _look_at_server(self) -> None:
        check, self._check = self._check, None
        if check is not None and not await check():
            self._limits.one_first()

    async def _work_on(
        self,
        ready: MemoryObjectReceiveStream[tuple[bytes, Document]],
        to_writer: MemoryObjectSendStream[_Parcel],
    ) -> None:
        async with ready:
            async for key, document in ready:
                if self._ending:
                    return
                self._limits.next_document()
                try:
                    outcome = await extract_one(key, document, self._extract, self._limits.budget.price)
                except RunStoppedError:
                    return
                except STOPPING as error:
                    self._stop(error)
                    return
                parcel = _Parcel([], [outcome], anyio.Event())
                with anyio.CancelScope(shield=True):  # paid for: it is stored even when the run is cut short
                    await to_writer.send(parcel)
                    await parcel.stored.wait()
                self._input.release(key)
                self._watch(outcome)
                if self._limits.exhausted is not None:
                    self._stop(self._limits.exhausted)

    def _watch(self, outcome: Outcome) -> None:
        """Keep what may fail for the server's sake; stop when the first requests are all refused."""
        if outcome.reason in OUTAGE:
            self._failing.append(outcome.key)
        elif outcome.state != "failed":
            self._failing.clear()
        if self._refused is None:
            return
        if outcome.reason != "bad_request":
            self._refused = None
            return
        self._refused.append(outcome.key)
        if len(self._refused) >= REFUSED_AT_START and self._cause is None:
            self._stop(refuses_everything(outcome))

    async def _write(self, parcels: MemoryObjectReceiveStream[_Parcel]) -> None:
        with anyio.CancelScope(shield=True):
            async with parcels:
                try:
                    async for first in parcels:
                        await self._commit([first, *_at_hand(parcels, GROUP - 1)])
                finally:  # nobody waits for a writer that a bug has ended
                    for parcel in _at_hand(parcels, sys.maxsize):
                        parcel.stored.set()

    async def _commit(self, group: list[_Parcel]) -> None:
        outcomes = [outcome for parcel in group for outcome in parcel.outcomes]
        places = [place for parcel in group for place in parcel.places]
        try:
            await to_thread.run_sync(partial(self._journal.record, outcomes, places, self._limits.budget.used))
        except JournalError as error:
            self._tally.lost += len(outcomes)
            self._stop(error)
        else:
            self._run.stored(outcomes, self._tally)
        finally:
            for parcel in group:
                parcel.stored.set()

    async def _listen(self, scope: anyio.CancelScope) -> None:
        with scope, anyio.open_signal_receiver(*SIGNALS) as signals:
            async for number in signals:
                if self._signal:
                    self._work.cancel()  # from here on a further signal has its usual effect
                    return
                self._signal = int(number)
                self._work.deadline = anyio.current_time() + self._run.settings.grace
                self._admission.cancel()
                self._limits.drain()


def refuses_everything(outcome: Outcome) -> PermanentBackendError:
    """Return the error for a server that has refused the first requests."""
    return PermanentBackendError(
        f"the server refuses every request: {outcome.detail}", hint="check --model and --base-url"
    )


def _at_hand(parcels: MemoryObjectReceiveStream[_Parcel], most: int) -> Iterator[_Parcel]:
    """Yield what can be had without waiting."""
    for _ in range(most):
        try:
            yield parcels.receive_nowait()
        except (anyio.WouldBlock, anyio.EndOfStream):
            return
