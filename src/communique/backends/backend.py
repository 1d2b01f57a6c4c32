"""The seam to the world: a backend is asked a `Prompt` and gives a `Completion`; async code called from sync code."""

from __future__ import annotations

import os
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from threading import Lock, Thread, get_ident
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from anyio.from_thread import BlockingPortal, start_blocking_portal

from communique.prompts.prompt import Prompt, most_tokens_in
from communique.schemas import Usage

T = TypeVar("T")
_PARENTS: list[object] = []
"""What a forked process has of its parent's loops; letting go of it would take the parent's connections from its
selector."""


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer.

    Attributes:
        data: The answer, parsed from JSON.
        text: The answer as received.
        model: Model as the server reports it.
        usage: Tokens, including all attempts of this call.
        seconds: Wall time of this call.
        attempts: Number of requests made.
        reasks: How often the model was asked again because its answer lacked requested keys.
    """

    data: dict[str, Any]
    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 1
    reasks: int = 0


def counted(usage: Usage, prompt: Prompt, text: str) -> Usage:
    """Return the tokens of an answer; where none are reported, a cautious guess from the code points that were sent."""
    given, answered = usage.input_tokens, usage.output_tokens
    return usage + Usage(
        input_tokens=0 if given else most_tokens_in(prompt.chars),
        output_tokens=0 if answered else most_tokens_in(len(text)),
    )


@runtime_checkable
class Backend(Protocol):
    """Answers prompts, one after another.

    Attributes:
        name: Name in the output's provenance, such as `openai` or `local`.
        model: Model as requested.
        narrows: Whether a schema bound to this document's sentence numbers is cheap (a grammar compiled locally) rather
            than costly (a schema cached by a provider).
        context_tokens: Tokens of prompt and answer that fit the model's context, or None if unknown.

    Two further attributes are read where they are: `judges`, of one whose model is able to judge records against a whole
    article (it then judges what it has read, unless the plan says otherwise); `trained`, of one that was trained for the
    question on one sentence, and needs no worked examples.
    """

    name: str
    model: str
    narrows: bool
    context_tokens: int | None

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer.

        Raises:
            communique.errors.BackendError: No answer.
            communique.errors.ResponseError: An answer that can't be used.
        """
        ...

    def close(self) -> None:
        """Give back connections and processes."""
        ...


@runtime_checkable
class AsyncBackend(Protocol):
    """Answers prompts without blocking. See `Backend`.

    One that answers only so many requests at once may say so by a further attribute, `lanes`: a batch then reads no
    more documents at once. The embedded model has one, and evaluates only what a prompt adds to the one before.
    """

    name: str
    model: str
    narrows: bool
    context_tokens: int | None

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer."""
        ...

    async def aclose(self) -> None:
        """Give back connections and processes."""
        ...


class BothBackend:
    """A backend whose sync calls are its async ones, on one event loop in a thread of its own. Threads may share it.

    The loop starts with the first call and ends with `close`, with the backend, or with the program. A process that is
    forked off starts a loop of its own.

    Args:
        last: Called on the loop before it ends; it must not keep the backend alive.
    """

    def __init__(self, last: Callable[[], Awaitable[None]] | None = None) -> None:
        self._loop = _Loop(last)
        weakref.finalize(self, self._loop.end)  # at exit too, while the loop's thread still runs

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Give back what the running event loop used."""
        raise NotImplementedError

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer. Raises as `acomplete`."""
        return self._loop.run(self.acomplete, prompt)

    def close(self) -> None:
        """Give back what was used from sync code. The backend can be used again."""
        with self._loop.lock:
            self._loop.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Loop:
    """The loop, apart from the backend: what ends it must not keep the backend alive."""

    def __init__(self, last: Callable[[], Awaitable[None]] | None) -> None:
        self.lock = Lock()
        self._last = last
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._process = self._thread = 0

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Call a function on the loop and wait for what it returns; a caller that is interrupted cancels it."""
        with self.lock:
            if self._process != os.getpid():
                self.end()
            if self._portal is None:
                self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
                self._process, self._thread = os.getpid(), self._portal.call(get_ident)
            portal = self._portal
        future = portal.start_task_soon(function, *args)
        try:
            return future.result()
        except (KeyboardInterrupt, CancelledError):
            future.cancel()
            raise

    def end(self) -> None:
        if self._thread == get_ident():  # the backend's last reference was the loop's own; it can't wait for itself
            self._thread = 0
            Thread(target=self.end, daemon=True).start()
            return
        portal, self._portal = self._portal, None
        if portal is None:
            return
        if self._process != os.getpid():  # forked: the loop's thread is not here, and nobody would answer
            with suppress(StopIteration):
                portal.stop().send(None)
            _PARENTS.append((portal, self._stack))
            self._stack = ExitStack()
            return
        if self._last is not None:
            with suppress(RuntimeError):
                portal.call(self._last)
        self._stack.close()


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits for anything, without an event loop."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    work.close()
    raise RuntimeError("something waits in a sync call")
