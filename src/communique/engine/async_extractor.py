"""The async driver: `aextract()` and `AsyncExtractor`. Same exchange, same results."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from communique.backends import AsyncBackend, Completion
from communique.documents import Document
from communique.engine.driver import Voices, begin, drive, timed
from communique.engine.extractor import document_of, planned
from communique.engine.hooks import Hooks, Reading
from communique.engine.plan import Plan
from communique.engine.plugin_errors import answering, closing, completion
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary


class AsyncExtractor:
    """Reads documents, as many at once as are awaited. See `communique.engine.Extractor` for the arguments."""

    def __init__(
        self,
        backend: AsyncBackend | str | None = None,
        *,
        records: Sequence[type[BaseModel]] | None = None,
        plan: Plan | None = None,
        base_url: str | None = None,
        hooks: Hooks | None = None,
        clock: Callable[[], float] = time.perf_counter,
        judge: AsyncBackend | str | None = None,
    ) -> None:
        self.plan = planned(plan, records)
        self._voices: Voices[AsyncBackend] = Voices.of(self.plan, backend, judge, base_url)
        self.backend, self.judge = self._voices.backend, self._voices.judge
        self._hooks = hooks or Hooks()
        self._clock = clock

    async def extract(self, document: Document | str) -> VerifiedSummary:
        """Read one document. Raises as `Extractor.extract` does."""
        document = document_of(document)
        with self._hooks.reading(document, self._voices.asked) as told:
            return await self._read(document, told)

    async def _read(self, document: Document, told: Reading) -> VerifiedSummary:
        async def ask(prompt: Prompt) -> Completion:
            backend = self._voices.asked(prompt)
            with answering(backend):
                given = await backend.acomplete(prompt)
            return completion(backend, given)

        start = self._clock()
        talk = begin(document, self.plan, self._voices)
        summary = timed(await drive(talk, ask, document.id, told), self._clock() - start)
        told.verified(summary)
        return summary

    async def aclose(self) -> None:
        """Give back the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                await backend.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def aextract(
    document: Document | str,
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
