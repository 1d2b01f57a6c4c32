"""Ray Data: many documents on many machines, with the keys and the rows of `communique batch`.

Each worker makes one extractor and commits each result to a folder before it gives the row, so that a worker that is
killed doubles nothing: Ray reads its block again elsewhere, and finds there what was done.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import start_blocking_portal

from communique.backends import AsyncBackend, default_model
from communique.batch.budget import Bounds
from communique.batch.export import in_form, moved, publish, written_whole
from communique.batch.fingerprint import config_of, document_key, fingerprint
from communique.batch.limits import GovernedBackend, Limits
from communique.batch.outcome import Outcome, extract_one
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped
from communique.documents.readers.tables import row_document
from communique.engine.extractor import AsyncExtractor
from communique.engine.plan import Plan
from communique.engine.talk import Voices
from communique.errors import STOPPING, CommuniqueError, MissingExtraError, OutputError
from communique.schemas import Usage
from communique.schemas.stored import json_line

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

__all__ = ["extract_dataset", "write_jsonl"]

COLUMNS = ("key", "id", "source", "state", "reason", "detail", "line")
_LOG = logging.getLogger("communique.batch")


def extract_dataset(
    dataset: Dataset,
    results: str | Path,
    *,
    model: str | Callable[[], AsyncBackend] | None = None,
    base_url: str | None = None,
    judge: str | Callable[[], AsyncBackend] | None = None,
    plan: Plan | None = None,
    text_column: str = "text",
    read: ReadOptions | None = None,
    actors: int | tuple[int, int] = 1,
    bounds: Bounds | None = None,
    retry_failed: bool = False,
    full: bool = False,
    num_cpus: float = 0.5,
    **ray_remote_args: Any,
) -> Dataset:
    """Read a dataset of articles; lazy, as Ray Data is.

    The rows that come out are as many as went in, with the columns `key` (of document × configuration, as the journal
    has it), `id`, `source`, `state` (ok, partial, failed, skipped), `reason`, `detail`, and `line`: the JSON line that
    `communique batch` writes for this document, or "". Their order is Ray's affair.

    Args:
        dataset: Rows with a text; `id`, `title`, `published` or `date`, `url` are used where they are there.
        results: Folder for the results, one that all workers see. The same folder again reads only what is not in it.
        model: `local`, `openai/MODEL`, or a function that makes a backend, called once in each worker;
            `default_model()`, of the machine that calls, if None.
        base_url: Server to use instead of the model's own.
        judge: Another model that judges the records, or a function that makes its backend.
        plan: How documents are read.
        text_column: Column of the text.
        read: Names of the other columns, language and date of everything.
        actors: Workers, or the fewest and the most.
        bounds: Limits of one worker; a rate for all is to be divided by the workers.
        retry_failed: Read again what is stored as failed.
        full: Give complete records in `line` instead of lean ones.
        num_cpus: Cores that Ray sets aside for a worker: few for an endpoint, all that it uses for the local model. The
            workers together must leave a core free, or Ray never gets to read the dataset.
        ray_remote_args: More of Ray's options for a worker, such as `num_gpus` or `runtime_env`.

    Raises:
        MissingExtraError: Ray is not installed.
        ray.exceptions.RayTaskError: When the rows are pulled and no retry mends it: key, model, quota, budget.
    """
    try:
        import ray
        from ray.data import ActorPoolStrategy
    except ImportError as error:
        raise MissingExtraError.of("Ray Data", "ray") from error

    bounds = bounds or Bounds()
    fewest, most = (actors, actors) if isinstance(actors, int) else actors
    cores, there = fewest * num_cpus, ray.cluster_resources().get("CPU", 0.0) if ray.is_initialized() else inf
    if cores > max(there - 1, 0):
        _LOG.warning(
            "the workers take %g of the %g cores that Ray has now: if none is left for Ray, nothing runs", cores, there
        )
    return dataset.map_batches(
        DocumentReader,
        fn_constructor_kwargs={
            "results": Path(results).absolute(),
            "model": model or default_model(base_url),
            "base_url": base_url,
            "judge": judge,
            "plan": plan or Plan(),
            "read_options": replace(read or ReadOptions(), text_field=text_column),
            "bounds": bounds,
            "retry_failed": retry_failed,
            "full": full,
        },
        compute=ActorPoolStrategy(min_size=fewest, max_size=most),
        batch_size=4 * bounds.concurrency,
        batch_format="pyarrow",
        num_cpus=num_cpus,
        **ray_remote_args,
    )


def write_jsonl(rows: Dataset | Iterable[dict[str, Any]], output: str | Path) -> tuple[int, int]:
    """Write rows of `extract_dataset` as `communique batch` does; returns how many are done and how many failed.

    Done ones go into `output`, failed and skipped ones into its manifest; both are replaced at the end or not at all. A
    document that stood in the input before has the note `duplicate_of`.

    A dataset is pulled here, a block at a time.

    Raises:
        OutputError: A file can't be written.
    """
    given: Any = rows  # Ray's types don't say that a dataset can be gone through
    return publish(Path(output), _lines(given.iter_rows() if hasattr(given, "iter_rows") else given))


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[bool, str]]:
    first: dict[str, str] = {}
    for row in rows:
        if row["line"]:
            yield True, moved(row["line"], first[row["key"]]) if row["key"] in first else row["line"]
            first.setdefault(row["key"], row["id"])
        else:
            yield False, json_line({name: row[name] for name in ("id", "source", "state", "reason", "detail")})


@dataclass
class DocumentReader:
    """Reads blocks of rows: as many come out, in their order. What runs in each worker; see `extract_dataset`."""

    results: Path  # a folder that all workers see
    model: str | Callable[[], AsyncBackend]
    base_url: str | None = None
    judge: str | Callable[[], AsyncBackend] | None = None
    plan: Plan = field(default_factory=Plan)
    read_options: ReadOptions = field(default_factory=ReadOptions)
    bounds: Bounds = field(default_factory=Bounds)  # limits of one worker
    retry_failed: bool = False
    full: bool = False

    def __post_init__(self) -> None:
        self._forgotten: set[bytes] = set()
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal("asyncio"))
        self._portal.call(self._connect)

    async def _connect(self) -> None:
        model = self.model if isinstance(self.model, str) else self.model()
        judge = self.judge() if callable(self.judge) else self.judge
        backend, *others = Voices[AsyncBackend].of(self.plan, model, judge, self.base_url).all
        self._kept = KeptResults(self.results, config_of(backend, self.plan, *others))
        limits = Limits(self.bounds)
        asked, *judges = [GovernedBackend(each, limits) for each in (backend, *others)]
        self._extractor = AsyncExtractor(asked, plan=self.plan, clock=lambda: 0.0, judge=judges[0] if judges else None)

    def __call__(self, block: pa.Table) -> pa.Table:
        """Read a block of Ray Data."""
        import pyarrow as pa

        schema = pa.schema([(name, pa.string()) for name in COLUMNS])
        return pa.Table.from_pylist(self.read(block.to_pylist()), schema=schema)

    def read(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Read rows. What no retry mends is raised: a refused key, an unknown model, a budget. What is done is stored."""
        return self._portal.call(self._read_all, list(rows))

    def close(self) -> None:
        """Give back connections and processes."""
        self._portal.call(self._extractor.aclose)
        self._stack.close()

    async def _read_all(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        read: list[dict[str, Any]] = [{}] * len(rows)
        stopped: list[CommuniqueError] = []
        same: dict[bytes, anyio.Lock] = {}
        room = anyio.CapacityLimiter(self.bounds.concurrency)

        async def one(place: int, row: dict[str, Any]) -> None:
            document = row_document(row, self.read_options.source or "row", self.read_options)
            if isinstance(document, Skipped):
                read[place] = _row("", "", document.source, "skipped", document.reason, document.detail, "")
                return
            key = document_key(document)
            async with same.setdefault(key, anyio.Lock()), room:
                if stopped:
                    return
                try:
                    read[place] = self._told(document, await self._outcome(key, document))
                except STOPPING as error:
                    stopped.append(error)

        async with anyio.create_task_group() as tasks:
            for place, row in enumerate(rows):
                tasks.start_soon(one, place, row)
        if stopped:
            raise stopped[0]
        return read

    async def _outcome(self, key: bytes, document: Document) -> Outcome:
        found = self._kept.get(key)
        if found is not None and not (self.retry_failed and found.again and key not in self._forgotten):
            return found
        if found is not None:
            self._forgotten.add(key)
            self._kept.forget(key)
        return self._kept.put(await extract_one(key, document, self._extractor.extract, self.bounds.price))

    def _told(self, document: Document, outcome: Outcome) -> dict[str, str]:
        """Return the row of one place: what is stored, with this place's id and source."""
        line, source = outcome.payload, document.source or ""
        if line and (document.id, source) != (outcome.id, outcome.source):
            line = moved(line, id=document.id, source=document.source)
        if line:
            line = in_form(line, self.plan.records, full=self.full)
        return _row(outcome.key.hex(), document.id, source, outcome.state, outcome.reason, outcome.detail, line)


def _row(*values: str) -> dict[str, str]:
    return dict(zip(COLUMNS, values, strict=True))


class KeptResults:
    """Results of one configuration in a folder that all workers see; those of other configurations lie beside it.

    One file a document, named by its key, written whole or not at all, and never again: what makes a killed worker
    harmless. Two workers that read the same document at the same time both give the row that was stored first.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self.folder = folder / fingerprint(config)[:16]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self.folder / "configuration.json", first=True) as stream:
                json.dump(config, stream, sort_keys=True, indent=1, ensure_ascii=False)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def get(self, key: bytes) -> Outcome | None:
        """Return what is stored for a document, or None."""
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
        """Store a result; returns the one that is stored, which is another worker's if that was first."""
        path = self._path(outcome.key)
        kept = {**dataclasses.asdict(outcome), "usage": outcome.usage.model_dump()}
        del kept["key"]
        try:
            path.parent.mkdir(exist_ok=True)
            with written_whole(path, first=True) as stream:
                json.dump(kept, stream)
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
