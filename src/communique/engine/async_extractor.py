"""The async front: `aextract()` and `AsyncExtractor`. Same exchange, same results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel

from communique.backends import AsyncBackend, Completion
from communique.engine.driver import Given, Reader
from communique.engine.plan import Plan
from communique.engine.plugin_errors import closing
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary


class AsyncExtractor(Reader[AsyncBackend]):
    """Reads documents concurrently, as many as are awaited. See `communique.engine.Extractor` for the arguments."""

    async def extract(self, document: Given) -> VerifiedSummary:
        """Read one document. Raises as `Extractor.extract` does."""
        return await self._read(document, _complete)

    async def aclose(self) -> None:
        """Release the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                await backend.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _complete(backend: AsyncBackend, prompt: Prompt) -> Completion:
    return await backend.acomplete(prompt)


async def aextract(
    document: Given,
    *,
    model: AsyncBackend | str | None = None,
    records: Sequence[type[BaseModel]] | None = None,
    plan: Plan | None = None,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. See `communique.extract`."""
    async with AsyncExtractor(model, records=records, plan=plan, base_url=base_url, judge=judge) as extractor:
        return await extractor.extract(document)
