"""The async driver: `aextract()` and `AsyncExtractor`. Same exchange, same results."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from communique.backends import AsyncBackend, connect_async
from communique.backends.opinions import Referee
from communique.documents import Document
from communique.engine.extractor import begin, document_of, planned, timed
from communique.engine.hooks import Hooks, Reading
from communique.engine.plan import Plan
from communique.engine.second_opinion import SecondOpinion, consulted
from communique.engine.strangers import answering, closing, completion
from communique.errors import CommuniqueError, MalformedResponseError, TruncatedResponseError
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
        check_with: SecondOpinion | Referee | str | None = None,
    ) -> None:
        self.plan = planned(plan, records)
        self.backend: AsyncBackend = (
            connect_async(backend, base_url=base_url)
            if backend is None or isinstance(backend, str)
            else backend
        )
        self.second_opinion = consulted(check_with, self.backend)
        self._hooks = hooks or Hooks()
        self._clock = clock

    async def extract(self, document: Document | str) -> VerifiedSummary:
        """Read one document. Raises as `Extractor.extract` does."""
        document = document_of(document)
        with self._hooks.reading(document, self.backend) as told:
            return await self._read(document, told)

    async def _read(self, document: Document, told: Reading) -> VerifiedSummary:
        start = self._clock()
        talk = begin(document, self.plan, self.backend)
        try:
            prompt = next(talk)
            while True:
                told.asked(prompt)
                try:
                    with answering(self.backend):
                        given = await self.backend.acomplete(prompt)
                    answer = completion(self.backend, given)
                except (TruncatedResponseError, MalformedResponseError) as error:
                    told.unusable(error)
                    prompt = talk.throw(error)
                    continue
                told.answered(prompt, answer)
                prompt = talk.send(answer)
        except StopIteration as stop:
            summary: VerifiedSummary = stop.value
        except CommuniqueError as error:
            error.document_id = error.document_id or document.id
            raise
        if self.second_opinion is not None:
            summary = await self.second_opinion.aon(summary, document, self.plan, told)
        summary = timed(summary, self._clock() - start)
        told.verified(summary)
        return summary

    async def aclose(self) -> None:
        """Give back the backend's connections and processes."""
        try:
            if self.second_opinion is not None:
                await self.second_opinion.aclose()
        finally:
            with closing(self.backend):
                await self.backend.aclose()

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
    check_with: SecondOpinion | Referee | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. See `communique.extract`."""
    async with AsyncExtractor(
        model, records=records, plan=plan, base_url=base_url, check_with=check_with
    ) as extractor:
        return await extractor.extract(document)
