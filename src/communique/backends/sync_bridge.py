"""Sync bridge: async calls for callers that have no event loop."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")
Last = Callable[[], Awaitable[None]]


class SyncBridge:
    """Runs coroutines on one event loop in a thread of its own, started with the first call. Threads may share it.

    A caller who forgets to close it loses nothing: the loop ends with the object, or with the program.

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

    def started(self) -> BlockingPortal:
        if self._portal is None:
            self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
        return self._portal

    def end(self) -> None:
        portal, self._portal = self._portal, None
        if portal is None:
            return
        last = self._last()
        if last is not None:
            with suppress(RuntimeError):
                portal.call(last)
        self._stack.close()
