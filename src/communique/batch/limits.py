"""Limits: what all requests of a run share. Every request passes here; no worker decides alone."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel

from communique.backends.backend import Completion, counted
from communique.backends.retrying import Governor
from communique.batch.budget import Bounds, Budget
from communique.batch.rate_limit import AdaptiveLimit, Breaker, PerMinute
from communique.errors import (
    BudgetExceededError,
    CommuniqueError,
    PermanentBackendError,
    RunStoppedError,
    ThrottledError,
    TransientBackendError,
)
from communique.prompts import Prompt
from communique.schemas import Usage

MOST_RETRIES, RETRY = 100, 5
"""Level at which retries begin, and what one takes of it. A success gives 1 back: in an outage retries add at most a fifth
to the load."""
_LOG = logging.getLogger("communique.batch")
_begun: ContextVar[bool] = ContextVar("communique document begun", default=True)
"""Whether a request about the document of this task was sent."""


class Limits(Governor):
    """The governor of a run (see `communique.backends.retrying.Governor`).

    `spent` are the tokens of earlier runs over the same journal, and `batched` those that the provider's batch answered.
    """

    def __init__(
        self,
        bounds: Bounds,
        spent: Usage | None = None,
        batched: Usage | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.budget = Budget(bounds, spent, batched)
        self.concurrency = AdaptiveLimit(bounds.concurrency, clock)
        self.breaker = Breaker(bounds.outage, clock)
        self.exhausted: BudgetExceededError | None = None  # set once a request didn't fit into the budget
        self._requests = PerMinute(bounds.rpm, clock)
        self._tokens = PerMinute(bounds.tpm, clock)
        self._retries = MOST_RETRIES
        self._clock = clock
        self._sleep = sleep
        self._closed_until = 0.0
        self._held = "", 0.0
        self._one_first = False
        self._stopped: CommuniqueError | None = None
        self._draining = False
        self._waiting: deque[anyio.Event] = deque()

    def stop(self, cause: CommuniqueError) -> None:
        """Let no further request start: each `admit` raises RunStoppedError."""
        self._stopped = self._stopped or cause
        self._wake(len(self._waiting))

    def drain(self) -> None:
        """Let only those documents go on about which a request was sent: the first of any other raises RunStoppedError."""
        self._draining = True
        self._wake(len(self._waiting))

    def next_document(self) -> None:
        """Say that the requests of this task are about another document from here on."""
        _begun.set(False)

    def _wake(self, most: int) -> None:
        for _ in range(min(len(self._waiting), most)):
            self._waiting.popleft().set()

    def one_first(self) -> None:
        """Let the next request go alone; the others wait for its answer."""
        self._one_first = True

    @property
    def waits_for(self) -> str:
        """What the next request waits for, and for how many seconds; "" if for nothing."""
        why, until = self._held
        seconds = until - self._clock()
        return f"{why}, {seconds:.0f} s" if seconds > 0 else ""

    async def admit(self, tokens: int) -> None:
        """Wait until a request may start. See `Governor.admit`."""
        while True:
            if self._stopped is not None or (self._draining and not _begun.get()):
                raise RunStoppedError("the run was stopped") from self._stopped
            if self.breaker.dead:
                raise PermanentBackendError(
                    f"the server has been failing for more than {self.breaker.outage:.0f} s",
                    hint="run the same command again later",
                )
            alone = self._one_first or not self.budget.fits(tokens)
            if not self.concurrency.free or (alone and self.concurrency.in_flight):
                turn = anyio.Event()
                self._waiting.append(turn)
                await turn.wait()
                continue
            waits = {
                "the pause that the server asks for": self._closed_until - self._clock(),
                "the server, which is failing": self.breaker.wait(),
                "requests per minute": self._requests.wait(1),
                "tokens per minute": self._tokens.wait(tokens),
            }
            why, seconds = max(waits.items(), key=lambda wait: wait[1])
            if seconds <= 0:
                break
            self._held = why, self._clock() + seconds
            await self._sleep(seconds)
        try:
            self.budget.reserve(tokens)
        except BudgetExceededError as error:
            self.exhausted = error
            raise
        _begun.set(True)
        self._requests.take(1)
        self._tokens.take(tokens)
        self.breaker.started()
        self.concurrency.started()

    def settle(self, tokens: int, usage: Usage, error: CommuniqueError | None) -> None:
        """Count the end of a request. See `Governor.settle`."""
        self.budget.settle(tokens, usage)
        self._one_first = False
        throttled = isinstance(error, ThrottledError)
        self.concurrency.ended(throttled=throttled, ok=error is None)
        self.breaker.ended(failed=isinstance(error, TransientBackendError) and not throttled)
        if error is None:
            self._retries = min(self._retries + 1, MOST_RETRIES)
        if isinstance(error, ThrottledError) and error.retry_after is not None:
            self._closed_until = max(self._closed_until, self._clock() + error.retry_after)
        if isinstance(error, PermanentBackendError):
            self.stop(error)
        self._wake(self.concurrency.free)

    def may_retry(self) -> bool:
        """Take a retry from those that all calls share, or say that none is left."""
        if self._retries < RETRY:
            return False
        self._retries -= RETRY
        return True


class GovernedBackend:
    """A backend under the limits of a run, by its own `governor` if it has one; else one call is taken as one request.

    Answers are handed on one in each round of the event loop. Answers to requests that were sent together come back
    together: without a queue the loop would check all of them in one go, while not one new request is on the wire.
    """

    def __init__(self, backend: Any, limits: Limits) -> None:
        self._backend = backend
        self.name: str = backend.name
        self.model: str = backend.model
        self.narrows: bool = backend.narrows
        self.trained: bool = getattr(backend, "trained", False)
        self.context_tokens: int | None = backend.context_tokens
        self.judges = getattr(backend, "judges", False)
        self._limits = limits
        self._own = hasattr(backend, "governor")
        if self._own:
            backend.governor = limits
        self._told = not limits.budget.bounded
        self._turn = anyio.Lock(fast_acquire=True)

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask as soon as the limits allow, and hand on the answer when it is its turn."""
        answer: Completion = await (self._backend.acomplete(prompt) if self._own else self._governed(prompt))
        if not (self._told or answer.usage.input_tokens):
            self._told = True
            _LOG.warning("the server of %r reports no tokens: the budget counts estimates", self.model)
        with anyio.CancelScope(shield=True):  # it is paid for
            async with self._turn:
                await anyio.lowlevel.checkpoint()
        return answer

    async def _governed(self, prompt: Prompt) -> Completion:
        reserve = prompt.most_tokens
        await self._limits.admit(reserve)
        usage, failure = Usage(), None
        try:
            answer: Completion = await self._backend.acomplete(prompt)
            usage = counted(answer.usage, prompt, answer.text)
        except CommuniqueError as error:
            failure = error
            raise
        finally:
            self._limits.settle(reserve, usage, failure)
        return answer

    async def aclose(self) -> None:
        """Close the backend."""
        await self._backend.aclose()
