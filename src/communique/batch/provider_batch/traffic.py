"""Traffic: files of requests to the provider, batches over them, and answers back into the journal."""

from __future__ import annotations

import glob
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice

import anyio

from communique.backends.provider_batch import BatchEndpoint, Planned, RemoteBatch
from communique.backends.remote import Missing
from communique.batch.budget import refuse_less
from communique.batch.provider_batch.ledger import Ledger, RequestFile, answers_of, batch_file
from communique.batch.run import Run
from communique.errors import (
    BudgetExceededError,
    CommuniqueError,
    PermanentBackendError,
    TransientBackendError,
    UnknownModelError,
)

MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
"""OpenAI's bounds on one file; Anthropic's on a batch are higher."""
_GROUP = 500
"""Answers in one transaction."""
_QUEUE_FULL = "token_limit_exceeded"
"""OpenAI's code for a batch that is refused while too many tokens lie in its queue."""


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """How the provider's batches are made and waited for.

    Attributes:
        wait: Wait until all answers are there; else send, collect what there is, and return.
        every: Seconds between two looks; a server's Retry-After may make it longer.
        max_requests: Most requests of one file.
        max_bytes: Most bytes of one file.
        say: Called with a line for people when something has changed.
        sleep: Awaited with seconds.
        clock: Monotonic seconds.

    Raises:
        ConfigurationError: A number is 0 or less.
    """

    wait: bool = True
    every: float = 60.0
    max_requests: int = MAX_REQUESTS
    max_bytes: int = MAX_BYTES
    say: Callable[[str], None] | None = None
    sleep: Callable[[float], Awaitable[None]] = field(default=anyio.sleep, compare=False, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, compare=False, repr=False)

    def __post_init__(self) -> None:
        refuse_less(self, "every", "max_requests", "max_bytes")


class Traffic:
    """Sends and collects."""

    def __init__(self, endpoint: BatchEndpoint, ledger: Ledger, run: Run, options: ProviderOptions) -> None:
        self.options = options
        self.stopped: CommuniqueError | None = None  # what has to be put right before anything more is sent
        self.short: BudgetExceededError | None = None  # why requests were left out of the last pass
        self.asked_to_wait = 0.0  # seconds that the server wants between two looks
        self.failing: TransientBackendError | None = None  # why the last look was not answered, or not wholly
        self._endpoint = endpoint
        self._ledger = ledger
        self._journal = run.journal.path  # files lie beside it on their way
        self._budget = run.limits.budget
        self._outage = run.settings.bounds.outage  # seconds that the provider may be down
        self._files: list[RequestFile] = []
        self._max_requests = options.max_requests
        self._lying = ledger.tokens_asked()  # tokens, those of the files to be sent included
        self._one_at_a_time = False
        self._told: dict[str, str] = {}  # of a batch: what was said last
        self._reached = options.clock()  # when a look was last answered

    @property
    def waiting(self) -> bool:
        """Whether anything is pending at the provider."""
        return bool(self._ledger.open_batches())

    async def look(self) -> bool:
        """Mend what was left half sent, and collect; tells whether any batch has ended."""
        before, self.failing = self.failing, None
        with self._bearing():
            await self._mend()
        fresh = await self._collect()
        if self.failing is None:
            self._reached = self.options.clock()
        elif not self.options.wait:
            raise self.failing
        elif self.options.clock() - self._reached > self._outage:
            raise PermanentBackendError(
                f"the server has been failing for more than {self._outage:.0f} s: {self.failing.message}",
                hint="run the same command again later",
            ) from self.failing
        elif before is None:
            self._say(f"{self.failing.message}: looking again for up to {self._outage:.0f} s")
        return fresh

    @contextmanager
    def _bearing(self) -> Iterator[None]:
        """Keep a passing fault for later: the batches are safe with the provider, and are looked at again."""
        try:
            yield
        except TransientBackendError as error:
            self.failing = error

    async def _mend(self) -> None:
        """Bring batches that a killed run left half sent on their way, unless one at the provider may be theirs."""
        waiting = [b for b in self._ledger.open_batches() if not b.batch_id]
        kept = {batch_file(self._journal, b.name, "requests") for b in waiting}
        for path in self._journal.parent.glob(f"{glob.escape(self._journal.name)}.communique-*.jsonl"):
            if path not in kept:
                with suppress(OSError):
                    path.unlink()
        for batch in waiting:
            there = await self._endpoint.find(self._beside(batch))
            if there is not None:
                self._submitted(batch, there)
            elif batch_file(self._journal, batch.name, "requests").exists():
                await self._start(batch)
            else:
                self._ledger.drop(batch.name)

    def send(self, key: bytes, missing: Missing) -> None:
        """Put a request into the next file, unless the budget or the provider's queue has no room."""
        custom_id = self._ledger.custom_id(key, missing.turn)
        if self.stopped is not None or any(custom_id in f.requests for f in self._files):
            return
        asked = self._lying + missing.tokens
        if not self._budget.fits(0, asked):
            self.short = self._budget.passed(f"the requests may need {asked:,} tokens")
            return
        request = custom_id, key, missing, self._max_requests, self.options.max_bytes
        file = next((f for f in reversed(self._files) if f.model == missing.model), None)
        if file is None or not file.add(*request):
            if self._one_at_a_time and (self._files or self.waiting):
                return
            if file is not None:
                file.close()
            file = RequestFile(self._journal, missing.model, self._endpoint)
            file.add(*request)
            self._files.append(file)
        self._lying = asked

    async def flush(self) -> None:
        """Send all files."""
        while self._files:
            file = self._files.pop(0)
            file.close()
            await self._start(self._ledger.plan(file.name, file.requests))

    async def _collect(self) -> bool:
        """Look at every batch that was sent, and store the answers of those that have ended; tells whether any has."""
        fresh = False
        self.short, self.asked_to_wait = None, 0.0
        for batch in self._ledger.open_batches():
            if not batch.batch_id:
                continue
            with self._bearing():
                remote = await self._endpoint.retrieve(batch.batch_id)
                state = f"{remote.id} {remote.status}, {remote.done:,} of {batch.requests:,} answered"
                self._say_once(batch.name, state)
                self.asked_to_wait = max(self.asked_to_wait, remote.retry_after or 0.0)
                if remote.ended:
                    await self._take(batch, remote)
                    fresh = True
        self._lying = self._ledger.tokens_asked()
        return fresh

    async def aclose(self) -> None:
        """Close the connections; files that were not sent are removed."""
        for file in self._files:
            file.discard()
        await self._endpoint.aclose()

    async def _start(self, batch: Planned) -> None:
        path = batch_file(self._journal, batch.name, "requests")
        try:
            made = await self._endpoint.create(path, self._beside(batch))
        except CommuniqueError:
            if batch.name not in self._endpoint.asked:  # it is surely not there
                self._ledger.drop(batch.name)
                self._remove(batch.name)
            raise
        self._submitted(batch, made)

    def _submitted(self, batch: Planned, made: RemoteBatch) -> None:
        if not made.certain:  # it is looked for again, and found or sent once this one has ended
            state = f"{made.id} may hold our {batch.requests:,} requests: known when it has ended, nothing sent"
            self._say_once(batch.name, state)
            return
        if made.id:
            self._ledger.note(batch.name, made.id)
            self._say(f"{made.id} submitted, {batch.requests:,} requests")
        else:
            self._ledger.finish(batch.name, made.status, made.code)
            self.stopped = self.stopped or self._end_of(batch, made)
        self._remove(batch.name)

    async def _take(self, batch: Planned, remote: RemoteBatch) -> None:
        unknown, hopeless = 0, None
        path = batch_file(self._journal, batch.name, "answers")
        for file_id in filter(None, (remote.output_file, remote.error_file)):
            if not await self._endpoint.download(file_id, path):
                self._say(f"{remote.id}: the provider no longer has its file {file_id}")
                continue
            lines = answers_of(path)
            while group := list(islice(lines, _GROUP)):
                answers = [a for a in group if a is not None]
                hopeless = hopeless or next((a.hopeless for a in answers if a.hopeless is not None), None)
                usage, strange = self._ledger.store(answers)
                self._budget.settle_batched(usage)
                unknown += strange + len(group) - len(answers)
            path.unlink()
        if unknown:
            self._say(f"{remote.id}: {unknown:,} lines that don't belong to any request of this run are ignored")
        state, lost = self._ledger.finish(batch.name, remote.status, remote.code)
        if lost:
            self._say(f"{remote.id} {state}: {lost:,} requests without an answer")
        self.stopped = self.stopped or hopeless or self._end_of(batch, remote)

    def _end_of(self, batch: Planned, remote: RemoteBatch) -> CommuniqueError | None:
        """Return what a batch's end means for the run, or None if it goes on."""
        if remote.status == "cancelled":
            return PermanentBackendError(
                f"{remote.id} was cancelled", hint="run the same command again to send the rest"
            )
        if remote.status != "failed":
            return None
        if remote.code == _QUEUE_FULL and (batch.requests > 1 or self.waiting):
            if self._one_at_a_time and not self.waiting:
                self._max_requests = max(batch.requests // 2, 1)
            self._one_at_a_time = True
            self._say(f"{remote.id}: the provider's queue is full; one batch at a time from now on")
            return None
        if remote.code == "model_not_found":
            return UnknownModelError("the model is not available in the provider's batch", hint="check --model")
        return PermanentBackendError(
            f"the provider refuses {remote.id or batch.name} ({remote.code or 'no reason given'})",
            hint="the provider's console may say more",
        )

    def _beside(self, batch: Planned) -> Planned:
        """Return a batch with the ids of those that are known to be others."""
        others = frozenset(b.batch_id for b in self._ledger.open_batches() if b.batch_id)
        return replace(batch, others=others)

    def _say_once(self, name: str, state: str) -> None:
        """Say how a batch stands, if that is not what was said last."""
        if self._told.get(name) != state:
            self._told[name] = state
            self._say(state)

    def _say(self, line: str) -> None:
        if self.options.say is not None:
            self.options.say(line)

    def _remove(self, name: str) -> None:
        batch_file(self._journal, name, "requests").unlink(missing_ok=True)
