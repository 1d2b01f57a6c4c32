"""The one retry layer: what may be tried again, how often, after how long, and until when.

The SDK's own retries and instructor's are off; nothing above this layer tries again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
from tenacity import AsyncRetrying, retry_if_exception

from communique.errors import (
    CommuniqueError,
    DeadlineError,
    PermanentBackendError,
    ThrottledError,
    TransientBackendError,
)
from communique.schemas import Usage

T = TypeVar("T")


class Governor:
    """Shared by all calls of a run (`communique.batch.limits`): it hears of every request. This one has no limits."""

    async def admit(self, tokens: int) -> None:
        """Wait until a request of about that many tokens may be sent; raise where the budget or the run has ended."""

    def settle(self, tokens: int, usage: Usage, error: CommuniqueError | None) -> None:
        """Give back what `admit` reserved and count what was used."""

    def may_retry(self) -> bool:
        """Take a retry from the shared budget of retries, or say that none is left."""
        return True


_UNLIMITED = Governor()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a backend is. All times in seconds.

    Attributes:
        attempts: Tries of a request that fails by passing faults; hung requests get at most two.
        base: The n-th wait is drawn from 0 to `base * 2**(n - 1)` (full jitter).
        cap: The longest such wait.
        attempt_deadline: Bound on one request, from the first byte sent to the last byte read.
        call_deadline: Bound on all tries of one call, without the waits that the server asks for and those for the
            limits of the run.
        max_wait: Longest wait that a server may ask for; beyond it the run stops.
        throttle_deadline: Bound on all waits of one call for servers that throttle; with `call_deadline`, one on its
            time.
        sleep: Awaited with seconds.
        clock: Monotonic seconds.
        random: A number from 0 to 1.
    """

    attempts: int = 3
    base: float = 1.0
    cap: float = 30.0
    attempt_deadline: float = 120.0
    call_deadline: float = 300.0
    max_wait: float = 900.0
    throttle_deadline: float = 1800.0
    sleep: Callable[[float], Awaitable[None]] = field(default=anyio.sleep, compare=False, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, compare=False, repr=False)
    random: Callable[[], float] = field(default=random.random, compare=False, repr=False)

    def jitter(self, failures: int) -> float:
        """Return the wait after that many failures."""
        doublings = min(max(failures - 1, 0), 60)  # a thousand of them are no float
        return self.random() * min(self.cap, self.base * 2.0**doublings)


def give_policy(policy: RetryPolicy, backends: Iterable[object]) -> None:
    """Give a policy to those backends that have one of their own."""
    for backend in backends:
        if isinstance(getattr(backend, "policy", None), RetryPolicy):
            backend.policy = policy  # type: ignore[attr-defined]


class _Tries:
    """What one call went through; tenacity asks it whether to try again, and then how long to wait."""

    def __init__(self, policy: RetryPolicy, governor: Governor) -> None:
        self.wait = 0.0
        self._policy = policy
        self._governor = governor
        self._started = policy.clock()
        self._failures = self._hung = self._throttles = 0
        self._asked_to_wait = self._held_back = 0.0

    async def admitted(self, reserve: int) -> None:
        """Wait for the limits of the run; that time is no sign of a bad server and doesn't count."""
        before = self._policy.clock()
        await self._governor.admit(reserve)
        self._held_back += self._policy.clock() - before

    def again(self, error: BaseException) -> bool:
        """Count a failure and set the wait after it; tell whether a try may mend it."""
        policy = self._policy
        if not isinstance(error, TransientBackendError):
            return False
        asked, throttled = error.retry_after, isinstance(error, ThrottledError)
        if asked is not None and asked > policy.max_wait:
            told, allowed = (f"{round(seconds, 2):.9g} s" for seconds in (asked, policy.max_wait))
            raise PermanentBackendError(
                f"the server asks to wait {told}; at most {allowed} are allowed",
                hint="run the same command again later, or allow a longer wait",
            ) from error
        self._throttles += throttled
        self._failures += not throttled
        self._hung += isinstance(error, DeadlineError)
        self.wait = policy.jitter(self._throttles if throttled else self._failures)
        if asked is not None:
            # A server that says "now", or "in a moment", is believed once; one that says it again would be asked as
            # fast as it can refuse.
            self.wait = max(asked, self.wait) if self._throttles + self._failures > 1 else asked
        self._asked_to_wait += self.wait * throttled
        elapsed = policy.clock() - self._started - self._asked_to_wait - self._held_back
        if throttled:
            return self._asked_to_wait <= policy.throttle_deadline and elapsed <= policy.call_deadline
        if self._failures >= policy.attempts or self._hung >= 2:
            return False
        return elapsed + self.wait <= policy.call_deadline and self._governor.may_retry()


async def governed(
    send: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    governor: Governor = _UNLIMITED,
    *,
    reserve: int = 0,
    spent: Callable[[], Usage] = Usage,
    translated: Callable[[Exception], CommuniqueError],
) -> T:
    """Make a request under the limits of a run until it gives a result, fails for good, or patience is used up.

    Args:
        send: Makes the request.
        policy: How often, after how long, until when.
        governor: The limits of the run.
        reserve: An upper guess of the tokens that it takes.
        spent: Tells the tokens that all requests so far took.
        translated: Makes an error of ours of what `send` raises.

    Raises:
        CommuniqueError: The last error.
        PermanentBackendError: The server asks for a longer wait than `policy.max_wait`.
    """
    tries = _Tries(policy, governor)

    async def attempt() -> T:
        await tries.admitted(reserve)
        before, failure = spent(), None
        try:
            with anyio.fail_after(policy.attempt_deadline):
                return await send()
        except Exception as error:
            failure = translated(error)
            if failure is error:
                raise
            raise failure from error
        finally:
            governor.settle(reserve, spent() - before, failure)

    retry = retry_if_exception(tries.again)
    return await AsyncRetrying(sleep=policy.sleep, retry=retry, wait=lambda _: tries.wait, reraise=True)(attempt)
