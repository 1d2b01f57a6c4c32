"""Sync bridge: async calls for callers that have no event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import ExitStack, suppress
from threading import Lock
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")


class SyncBridge:
    """Runs coroutines on one event loop in a thread of its own, started with the first call. Threads may share it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._portal: BlockingPortal | None = None
        self._lock = Lock()

    def run(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        """Call `function` on the loop and wait for what it returns; a caller that is interrupted cancels it."""
        with self._lock:
            if self._portal is None:
                self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
            portal = self._portal
        future = portal.start_task_soon(function, *args)
        try:
            return future.result()
        except (KeyboardInterrupt, CancelledError):
            future.cancel()
            raise

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Call `last` on the loop and end it, if it was ever started. Another call of `run` starts another."""
        with self._lock:
            portal, self._portal = self._portal, None
            if portal is not None:
                with suppress(RuntimeError):
                    portal.call(last)
                self._stack.close()
