"""WorkerPool: many documents at once, each to exactly one row, however the run ends.

    input (a thread) → documents, 2 × concurrency → workers → results → writer (the only one that touches the journal)

A worker holds its document until the result is in the journal, so a kill costs at most `concurrency` calls.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from functools import partial

import anyio
from anyio import to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from communique.batch.input_stream import InputStream
from communique.batch.journal import Journal
from communique.batch.limits import Limits
from communique.batch.outcome import Extract, Occurrence, Outcome, extract_one
from communique.batch.progress import Tally
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
class Ending:
    """How a run ended."""

    cause: CommuniqueError | None = None  # what stopped it early
    signal: int = 0  # the signal that stopped it, or 0


@dataclass(slots=True)
class _Parcel:
    """What a worker or the input gives the writer; `stored` is set when it is in the journal or lost."""

    places: list[Occurrence]
    outcome: Outcome | None = None
    stored: anyio.Event | None = None

    def done(self) -> None:
        """Let its worker go on."""
        if self.stored is not None:
            self.stored.set()


@dataclass(slots=True)
class WorkerPool:
    """One run over one input. Make it inside an event loop."""

    documents: Iterator[Document | Skipped]  # pulled as needed
    extract: Extract  # reads one document, such as `AsyncExtractor.extract`
    _: KW_ONLY
    journal: Journal
    limits: Limits
    tally: Tally
    concurrency: int = 16  # documents at once
    limit: int | None = None  # places of the input to read at most
    grace: float = 30.0  # seconds that documents in flight have after the first signal
    signals: bool = False  # listen to them (main thread only)
    on_row: Callable[[Outcome], None] | None = None  # called with each result once it is safe
    check: Callable[[], Awaitable[bool]] | None = None
    """Awaited once, before the first document: raises if the server can't answer any, and returns False if one request
    should go ahead of the others."""
    _cause: CommuniqueError | None = field(default=None, init=False)
    _broken: CommuniqueError | None = field(default=None, init=False)
    _signal: int = field(default=0, init=False)
    _refused: list[bytes] | None = field(default_factory=list, init=False)
    _failing: list[bytes] = field(default_factory=list, init=False)  # since the last answer
    _admission: anyio.CancelScope = field(default_factory=anyio.CancelScope, init=False)
    _work: anyio.CancelScope = field(default_factory=anyio.CancelScope, init=False)
    _input: InputStream = field(init=False)

    def __post_init__(self) -> None:
        self._input = InputStream(self.documents, self.journal, self.tally, self.limit)

    async def run(self) -> Ending:
        """Read everything that is not done. What ends it early is returned, not raised."""
        to_writer, parcels = anyio.create_memory_object_stream[_Parcel](64)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._write, parcels)
            listening = anyio.CancelScope()
            if self.signals:
                tasks.start_soon(self._listen, listening)
            async with to_writer:
                with self._work:
                    await self._read_all(to_writer)
            listening.cancel()
        self._cause = self._cause or self._broken
        in_vain = [*(self._refused or ()), *(self._failing if self.limits.breaker.open else ())]
        if in_vain and self._ending:
            self.journal.forget(keys=in_vain)
        if self._cause is None and self.tally.all_seen and (self.limit is None or self.journal.moved):
            self.journal.end_input(self._input.count)
        return Ending(self._cause, self._signal)

    @property
    def _ending(self) -> bool:
        return self._cause is not None or self._signal != 0

    def _stop(self, cause: CommuniqueError) -> None:
        """Take no more documents. Requests in flight come to their end, documents in flight as far as a budget reaches."""
        if self._cause is None and self._signal == 0:
            self._cause = cause
        self._admission.cancel()
        if isinstance(cause, BudgetExceededError):
            self.limits.drain()
        else:
            self.limits.stop(cause)

    async def _read_all(self, to_writer: MemoryObjectSendStream[_Parcel]) -> None:
        waiting, ready = anyio.create_memory_object_stream[tuple[bytes, Document]](2 * self.concurrency)
        async with anyio.create_task_group() as workers:
            for _ in range(self.concurrency):
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
            except CommuniqueError as error:
                self._stop(error)
                return
            if chunk.places:
                await to_writer.send(_Parcel(chunk.places))
            if chunk.documents and not await self._checked():
                return
            for item in chunk.documents:
                try:
                    await waiting.send(item)
                except anyio.BrokenResourceError:  # every worker has stopped
                    return
            if chunk.last or chunk.broken:
                self.tally.all_seen = chunk.last
                self._broken = chunk.broken  # what was read before is finished all the same
                return

    async def _checked(self) -> bool:
        """Look at the server before the first document. False if there is no point in sending one."""
        check, self.check = self.check, None
        if check is None:
            return True
        try:
            if not await check():
                self.limits.one_first()
        except CommuniqueError as error:
            self._stop(error)
            return False
        return True

    async def _work_on(
        self,
        ready: MemoryObjectReceiveStream[tuple[bytes, Document]],
        to_writer: MemoryObjectSendStream[_Parcel],
    ) -> None:
        async with ready:
            async for key, document in ready:
                if self._ending:
                    return
                self.limits.next_document()
                try:
                    outcome = await extract_one(key, document, self.extract, self.limits.budget.price)
                except RunStoppedError:
                    return
                except STOPPING as error:
                    self._stop(error)
                    return
                parcel = _Parcel([], outcome, anyio.Event())
                with anyio.CancelScope(shield=True):  # paid for: it is stored even when the run is cut short
                    await to_writer.send(parcel)
                    await parcel.stored.wait()  # type: ignore[union-attr]
                self._input.release(key)
                self._watch(outcome)
                if self.limits.exhausted is not None:
                    self._stop(self.limits.exhausted)

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
                        parcel.done()

    async def _commit(self, group: list[_Parcel]) -> None:
        outcomes = [p.outcome for p in group if p.outcome is not None]
        places = [place for p in group for place in p.places]
        try:
            await to_thread.run_sync(partial(self.journal.record, outcomes, places, self.limits.budget.used))
        except JournalError as error:
            self.tally.lost += len(outcomes)
            self._stop(error)
        else:
            for outcome in outcomes:
                self.tally.stored(outcome)
                if self.on_row is not None:
                    self.on_row(outcome)
        finally:
            for parcel in group:
                parcel.done()

    async def _listen(self, scope: anyio.CancelScope) -> None:
        with scope, anyio.open_signal_receiver(*SIGNALS) as signals:
            async for number in signals:
                if self._signal:
                    self._work.cancel()  # from here on a further signal has its usual effect
                    return
                self._signal = int(number)
                self._work.deadline = anyio.current_time() + self.grace
                self._admission.cancel()
                self.limits.drain()


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
