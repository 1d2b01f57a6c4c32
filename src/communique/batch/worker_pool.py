"""WorkerPool: many documents at once, each to exactly one row, however the run ends. InputStream: what it reads from.

    input (a thread) → documents, 2 × concurrency → workers → the journal, many results in one commit

A worker holds its document until the result is in the journal, so a kill costs at most `concurrency` calls.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

import anyio
from anyio import to_thread
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from communique.batch.fingerprint import document_key
from communique.batch.journal import Journal
from communique.batch.outcome import Extract, Occurrence, Outcome, Tally, extract_one, show
from communique.batch.run import Ending, Run
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.errors import (
    STOPPING,
    BudgetExceededError,
    CommuniqueError,
    ConfigurationError,
    JournalError,
    RunStoppedError,
    UnreadableDocumentError,
)

OpenInput = Callable[[], AbstractContextManager[Iterator[Document | Skipped]]]
CHUNK = 32
MOST_WAITING = 256 * CHUNK
"""Once so many places wait for the journal, reading waits as well."""
PATIENCE = 0.1
"""Seconds after which a chunk of the input is handed on, full or not."""
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass(slots=True)
class _Gathered:
    """What goes into the journal with the next commit."""

    outcomes: list[Outcome] = field(default_factory=list)
    places: list[Occurrence] = field(default_factory=list)


class InputStream:
    """Reads the input once, in order, as fast as it is used, `limit` places at most, and leaves out what is done."""

    def __init__(
        self, documents: Iterator[Document | Skipped], journal: Journal, tally: Tally, limit: int | None = None
    ) -> None:
        self.count = 0  # places read so far
        self.ended = False
        self.broken: CommuniqueError | None = None  # what ended it early
        self._documents = documents
        self._journal = journal
        self._tally = tally
        self._limit = limit
        self._size = 1  # grows: the first documents are on their way while the next are read
        self._busy: set[bytes] = set()

    def release(self, key: bytes) -> None:
        """Say that a document is in the journal, or given up: its key is no longer kept here."""
        self._busy.discard(key)

    def read_on(self) -> tuple[list[Occurrence], list[tuple[bytes, Document]]]:
        """Return where everything stood that came next, and what of it the model is to read, with its keys. Blocks."""
        read: list[tuple[Occurrence, Document | None]] = []
        until = time.monotonic() + PATIENCE
        self._size = min(2 * self._size, CHUNK)
        try:
            while len(read) < self._size and time.monotonic() < until and not self.ended:
                item = None if self.count == self._limit else next(self._documents, None)
                if item is None:
                    self.ended = True
                else:
                    read.append(self._place(item))
                    self.count += 1
        except CommuniqueError as error:
            self.broken = error
        except OSError as error:
            self.broken = UnreadableDocumentError(f"the input can't be read any further: {error.strerror}")
        return [place for place, _ in read], self._sifted(read)

    def _place(self, item: Document | Skipped) -> tuple[Occurrence, Document | None]:
        if isinstance(item, Document):
            return Occurrence(self.count, item.id, item.source or "", document_key(item)), item
        if isinstance(item, Skipped):
            return Occurrence(self.count, "", item.source, b"", item.reason, item.detail), None
        raise ConfigurationError(
            f"an input is no document but a {type(item).__name__}", hint="pass a list of names, or documents, not both"
        )

    def _sifted(self, read: list[tuple[Occurrence, Document | None]]) -> list[tuple[bytes, Document]]:
        documents: list[tuple[bytes, Document]] = []
        for place, document in read:
            self._tally.seen += 1
            if document is None:
                self._tally.skipped += 1
                self._tally.reasons[place.reason] += 1
            elif place.key in self._busy:  # before the journal is asked: it has what is no longer here
                self._tally.duplicates += 1
            elif self._journal.has(place.key):
                self._tally.already += 1
            else:
                self._busy.add(place.key)
                documents.append((place.key, document))
        return documents


class WorkerPool:
    """Reads one input into a run's journal. Make it inside an event loop.

    `check` is awaited once, before the first document: it raises if the server can't answer any, and returns False if
    one request should go ahead of the others.
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
        self._limits = run.limits
        self._input = InputStream(documents, run.journal, run.tally, run.settings.limit)
        self._extract = extract
        self._concurrency = concurrency
        self._check = check
        self._cause: CommuniqueError | None = None
        self._signal = 0
        self._gathered = _Gathered()
        self._committing = anyio.Lock()
        self._admission = anyio.CancelScope()
        self._work = anyio.CancelScope()

    async def run(self) -> Ending:
        """Read everything that is not done. What ends it early is returned, not raised."""
        async with anyio.create_task_group() as tasks:
            if self._run.settings.signals:
                tasks.start_soon(self._listen)
            if self._run.settings.progress:
                tasks.start_soon(show, self._run.tally, self._limits)
            with self._work:
                await self._read_all()
            tasks.cancel_scope.cancel()
        cause = self._cause or self._input.broken
        if cause is None and self._run.tally.all_seen:
            try:
                self._run.input_ended(self._input.count)
            except JournalError as error:
                cause = error
        return Ending(cause, self._signal)

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

    async def _read_all(self) -> None:
        waiting, ready = anyio.create_memory_object_stream[tuple[bytes, Document]](2 * self._concurrency)
        async with anyio.create_task_group() as workers:
            for _ in range(self._concurrency):
                workers.start_soon(self._work_on, ready.clone())
            ready.close()
            async with waiting:
                with self._admission:
                    try:
                        await self._admit(waiting, workers)
                    except CommuniqueError as error:
                        self._stop(error)

    async def _admit(self, waiting: MemoryObjectSendStream[tuple[bytes, Document]], tasks: TaskGroup) -> None:
        while not self._ending:
            places, documents = await to_thread.run_sync(self._input.read_on)
            if places and len(self._gathered.places) < MOST_WAITING:
                tasks.start_soon(self._store, [], places)
            elif places:  # the disk is slower than the input
                await self._store([], places)
            if documents and self._check is not None:
                check, self._check = self._check, None
                if not await check():
                    self._limits.one_first()
            for item in documents:
                try:
                    await waiting.send(item)
                except anyio.BrokenResourceError:  # every worker has stopped
                    return
            if self._input.ended or self._input.broken:  # what was read before is finished all the same
                self._run.tally.all_seen = self._input.ended
                return

    async def _work_on(self, ready: MemoryObjectReceiveStream[tuple[bytes, Document]]) -> None:
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
                await self._store([outcome], [])
                self._input.release(key)
                refusal = self._run.watch(outcome)
                if refusal is not None and self._cause is None:
                    self._stop(refusal)
                if self._limits.exhausted is not None:
                    self._stop(self._limits.exhausted)

    async def _store(self, outcomes: Sequence[Outcome], places: Sequence[Occurrence]) -> None:
        """Put results and places into the journal, with those that gathered while the last commit ran."""
        group = self._gathered
        group.outcomes += outcomes
        group.places += places
        with anyio.CancelScope(shield=True):  # paid for: it is stored even when the run is cut short
            async with self._committing:
                if group is not self._gathered:  # somebody else has stored it
                    return
                self._gathered = _Gathered()
                record, used = self._run.journal.record, self._limits.budget.used
                try:
                    await to_thread.run_sync(partial(record, group.outcomes, group.places, used))
                except JournalError as error:
                    self._run.tally.lost += len(group.outcomes)
                    self._stop(error)
                else:
                    self._run.stored(group.outcomes, self._run.tally)

    async def _listen(self) -> None:
        with anyio.open_signal_receiver(*SIGNALS) as signals:
            async for number in signals:
                if self._signal:
                    self._work.cancel()  # from here on a further signal has its usual effect
                    return
                self._signal = int(number)
                self._work.deadline = anyio.current_time() + self._run.settings.grace
                self._admission.cancel()
                self._limits.drain()
