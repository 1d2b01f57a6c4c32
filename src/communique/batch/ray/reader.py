"""DocumentReader: what runs in each worker: one extractor, made once, over blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from anyio.from_thread import start_blocking_portal

from communique.backends import AsyncBackend
from communique.batch.export import in_form, moved
from communique.batch.extract_one import extract_one
from communique.batch.fingerprint import config_of, document_key
from communique.batch.limits import Bounds, Limits, governed
from communique.batch.outcome import Outcome
from communique.batch.ray.results import KeptResults
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped
from communique.documents.readers.tables import row_document
from communique.engine.driver import Voices
from communique.engine.extractor import AsyncExtractor
from communique.engine.plan import Plan
from communique.errors import STOPPING, CommuniqueError

COLUMNS = ("key", "id", "source", "state", "reason", "detail", "line")


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """What a worker needs to know; it is sent to each. See `extract_dataset`."""

    results: Path  # a folder that all workers see
    model: str | Callable[[], AsyncBackend]
    base_url: str | None = None
    judge: str | Callable[[], AsyncBackend] | None = None
    plan: Plan = field(default_factory=Plan)
    read: ReadOptions = field(default_factory=ReadOptions)
    bounds: Bounds = field(default_factory=Bounds)  # limits of one worker
    retry_failed: bool = False
    full: bool = False


class DocumentReader:
    """Reads blocks of rows: as many come out, in their order. What runs in each worker."""

    def __init__(self, settings: ReaderSettings) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
        self._portal.call(self._connect)
        self._forgotten: set[bytes] = set()

    async def _connect(self) -> None:
        settings = self._settings
        voices: Voices[AsyncBackend] = Voices.of(
            settings.plan,
            settings.model if isinstance(settings.model, str) else settings.model(),
            settings.judge() if callable(settings.judge) else settings.judge,
            settings.base_url,
        )
        backend, *others = voices.all
        self._results = KeptResults(settings.results, config_of(backend, settings.plan, *others))
        self._price = settings.bounds.price
        limits = Limits(settings.bounds)
        judges = [governed(judge, limits) for judge in others]
        self._extractor = AsyncExtractor(
            governed(backend, limits), plan=settings.plan, clock=lambda: 0.0, judge=next(iter(judges), None)
        )

    def read(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Read rows.

        Raises:
            CommuniqueError: No retry mends it: a refused key, an unknown model, a budget. What is done is stored.
        """
        return self._portal.call(self._read_all, list(rows))

    def close(self) -> None:
        """Give back connections and processes."""
        self._portal.call(self._extractor.aclose)
        self._stack.close()

    async def _read_all(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = [{}] * len(rows)
        stopped: list[CommuniqueError] = []
        same: dict[bytes, anyio.Lock] = {}
        room = anyio.CapacityLimiter(self._settings.bounds.concurrency)

        async def one(place: int, row: dict[str, Any]) -> None:
            document = row_document(row, self._settings.read.source or "row", self._settings.read)
            if isinstance(document, Skipped):
                read[place] = _skipped(document)
                return
            key = document_key(document)
            async with same.setdefault(key, anyio.Lock()), room:
                if stopped:
                    return
                try:
                    read[place] = self._row(document, await self._outcome(key, document))
                except STOPPING as error:
                    stopped.append(error)

        async with anyio.create_task_group() as tasks:
            for place, row in enumerate(rows):
                tasks.start_soon(one, place, row)
        if stopped:
            raise stopped[0]
        return read

    async def _outcome(self, key: bytes, document: Document) -> Outcome:
        found = self._results.get(key)
        again = self._settings.retry_failed and key not in self._forgotten
        if found is not None and found.state == "failed" and again:
            self._forgotten.add(key)
            self._results.forget(key)
        elif found is not None:
            return found
        return self._results.put(await extract_one(key, document, self._extractor.extract, self._price))

    def _row(self, document: Document, outcome: Outcome) -> dict[str, Any]:
        """Return the row of one place: what is stored, with this place's id and source."""
        line, source = outcome.payload, document.source or ""
        if line and (document.id, source) != (outcome.id, outcome.source):
            line = moved(line, id=document.id, source=document.source)
        if line:
            line = in_form(line, self._settings.plan.records, full=self._settings.full)
        values = (outcome.key.hex(), document.id, source, outcome.state, outcome.reason, outcome.detail, line)
        return dict(zip(COLUMNS, values, strict=True))


def _skipped(found: Skipped) -> dict[str, Any]:
    return dict(zip(COLUMNS, ("", "", found.source, "skipped", found.reason, found.detail, ""), strict=True))
