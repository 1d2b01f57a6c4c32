"""DocumentReader: what runs in each worker: one extractor, made once, over blocks of rows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import start_blocking_portal

from communique.backends import AsyncBackend
from communique.batch.export import in_form, moved
from communique.batch.filesystem import written_whole
from communique.batch.fingerprint import config_of, document_key, fingerprint
from communique.batch.limits import Bounds, GovernedBackend, Limits
from communique.batch.outcome import Outcome, extract_one
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped
from communique.documents.readers.tables import row_document
from communique.engine.extractor import AsyncExtractor
from communique.engine.plan import Plan
from communique.engine.talk import Voices
from communique.errors import STOPPING, CommuniqueError, OutputError
from communique.schemas import Usage

if TYPE_CHECKING:
    import pyarrow as pa

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
        judges = [GovernedBackend(judge, limits) for judge in others]
        self._extractor = AsyncExtractor(
            GovernedBackend(backend, limits), plan=settings.plan, clock=lambda: 0.0, judge=next(iter(judges), None)
        )

    def __call__(self, block: pa.Table) -> pa.Table:
        """Read a block of Ray Data."""
        import pyarrow as pa

        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        return pa.Table.from_pylist(self.read(block.to_pylist()), schema=schema)

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
        if found is not None and found.again and again:
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


class KeptResults:
    """Results of one configuration in a folder that all workers see; those of other configurations lie beside it.

    One file a document, named by its key, written whole or not at all, and never again: what makes a killed worker
    harmless. Two workers that read the same document at the same time both give the row that was stored first.

    Raises:
        OutputError: The folder can't be written.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self.folder = folder / fingerprint(config)[:16]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(config, sort_keys=True, indent=1, ensure_ascii=False)
            with written_whole(self.folder / "configuration.json", first=True) as stream:
                stream.write(text)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def get(self, key: bytes) -> Outcome | None:
        """Return what is stored for a document, or None.

        Raises:
            OutputError: The file can't be read.
        """
        try:
            stored = json.loads(self._path(key).read_bytes())
            return Outcome(**{**stored, "key": key, "usage": Usage(**stored["usage"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise OutputError(
                f"{self._path(key)} can't be read: {type(error).__name__}",
                hint="delete it, and the document is read again",
            ) from error

    def put(self, outcome: Outcome) -> Outcome:
        """Store a result; returns the one that is stored, which is another worker's if that was first.

        Raises:
            OutputError: It can't be written.
        """
        path = self._path(outcome.key)
        kept = {f.name: getattr(outcome, f.name) for f in dataclasses.fields(outcome) if f.name != "key"}
        kept["usage"] = outcome.usage.model_dump()
        try:
            path.parent.mkdir(exist_ok=True)
            with written_whole(path, first=True) as stream:
                stream.write(json.dumps(kept, ensure_ascii=True))
        except OSError as error:
            raise _unwritable(path, error) from error
        return self.get(outcome.key) or outcome

    def forget(self, key: bytes) -> None:
        """Drop a result."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / name[:2] / f"{name}.json"


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} can't be written: {error.strerror}", hint="all workers need to write to this folder")
