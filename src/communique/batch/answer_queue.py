"""Turns: answers are checked one at a time, and between two of them requests go out and results are stored.

Answers to requests that were sent together come back together. Without turns the event loop would check all of them in
one go, while not one new request is on the wire.
"""

from __future__ import annotations

import anyio
import anyio.lowlevel

from communique.backends.backend import AsyncBackend, Completion
from communique.prompts import Prompt


class AnswerQueue:
    """A backend whose answers are handed on one in each round of the event loop."""

    def __init__(self, backend: AsyncBackend) -> None:
        self._backend = backend
        self._turn = anyio.Lock(fast_acquire=True)
        self.name = backend.name
        self.model = backend.model
        self.narrows = backend.narrows
        self.context_tokens = backend.context_tokens
        self.judges = getattr(backend, "judges", False)

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and hand on the answer when it is its turn."""
        answer = await self._backend.acomplete(prompt)
        with anyio.CancelScope(shield=True):  # it is paid for
            async with self._turn:
                await anyio.lowlevel.checkpoint()
        return answer

    async def aclose(self) -> None:
        """Close the backend."""
        await self._backend.aclose()
