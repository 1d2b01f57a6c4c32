"""Async code for callers that have no event loop: a loop in a thread, or none where nothing waits."""

from __future__ import annotations

import inspect
import os
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from threading import Lock, Thread, get_ident
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")
Last = Callable[[], Awaitable[None]]
_PARENTS: list[object] = []
"""What a forked process has of its parent's loops; letting go of it would take the parent's connections from its
selector."""


class SyncBridge:
    """Runs coroutines on one event loop in a thread of its own, started with the first call. Threads may share it.

    A caller who forgets to close it loses nothing: the loop ends with the object, or with the program. A process that
    is forked off starts a loop of its own.

    Args:
        last: Called on the loop before it ends. Of a method, the object is not kept alive.
    """

    def __init__(self, last: Last) -> None:
        self._loop = _Loop(weakref.WeakMethod(last) if inspect.ismethod(last) else lambda: last)
        self._lock = Lock()
        weakref.finalize(self, self._loop.end)  # at exit too, while the loop's thread still runs

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Call `function` on the loop and wait for what it returns; a caller that is interrupted cancels it."""
        with self._lock:
            portal = self._loop.started()
        future = portal.start_task_soon(function, *args)
        try:
            return future.result()
        except (KeyboardInterrupt, CancelledError):
            future.cancel()
            raise

    def close(self) -> None:
        """Call `last` on the loop and end it, if it was ever started. Another call of `run` starts another."""
        with self._lock:
            self._loop.end()


class _Loop:
    """The thread's loop, apart from the bridge: what ends it must not keep the bridge alive."""

    def __init__(self, last: Callable[[], Last | None]) -> None:
        self._last = last
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._process = self._thread = 0

    def started(self) -> BlockingPortal:
        if self._process != os.getpid():
            self.end()
        if self._portal is None:
            self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
            self._process, self._thread = os.getpid(), self._portal.call(get_ident)
        return self._portal

    def end(self) -> None:
        if self._thread == get_ident():  # the bridge's last reference was the loop's own; it can't wait for itself
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
        last = self._last()
        if last is not None:
            with suppress(RuntimeError):
                portal.call(last)
        self._stack.close()


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits for anything, without an event loop."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    work.close()
    raise RuntimeError("something waits in a sync call")
