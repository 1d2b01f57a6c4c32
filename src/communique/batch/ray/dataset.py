"""Ray Data: many documents on many machines, with the keys and the rows of `communique batch`.

Each worker makes one extractor and commits each result to a folder before it gives the row, so that a worker that is
killed doubles nothing: Ray reads its block again elsewhere, and finds there what was done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communique.backends import AsyncBackend, default_model
from communique.batch.export import manifest_path, moved, replacing
from communique.batch.limits import Bounds
from communique.batch.ray.reader import DocumentReader, ReaderSettings
from communique.documents.readers import ReadOptions
from communique.engine.plan import Plan
from communique.errors import MissingExtraError
from communique.schemas.stored import json_line

if TYPE_CHECKING:
    from ray.data import Dataset

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
        from ray.data import ActorPoolStrategy
    except ImportError as error:
        raise MissingExtraError.of("Ray Data", "ray") from error

    bounds = bounds or Bounds()
    settings = ReaderSettings(
        results=Path(results).absolute(),
        model=model or default_model(base_url),
        base_url=base_url,
        judge=judge,
        plan=plan or Plan(),
        read=replace(read or ReadOptions(), text_field=text_column),
        bounds=bounds,
        retry_failed=retry_failed,
        full=full,
    )
    fewest, most = (actors, actors) if isinstance(actors, int) else actors
    _warn_of_starvation(fewest * num_cpus)
    return dataset.map_batches(
        DocumentReader,
        fn_constructor_args=(settings,),
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

    Args:
        rows: The dataset; it is pulled here, a block at a time.
        output: The JSONL file.

    Raises:
        OutputError: A file can't be written.
    """
    output = Path(output)
    manifest = manifest_path(output)
    first: dict[str, str] = {}
    done = failed = 0
    with replacing(output) as lines, replacing(manifest) as failures:
        given: Any = rows  # Ray's types don't say that a dataset can be gone through
        for row in given.iter_rows() if hasattr(given, "iter_rows") else given:
            if row["line"]:
                before = first.get(row["key"])
                lines.write((moved(row["line"], before) if before is not None else row["line"]) + "\n")
                first.setdefault(row["key"], row["id"])
                done += 1
            else:
                told = {name: row[name] for name in ("id", "source", "state", "reason", "detail")}
                failures.write(json_line(told) + "\n")
                failed += 1
    if not failed:
        manifest.unlink(missing_ok=True)
    return done, failed


def _warn_of_starvation(cores: float) -> None:
    import ray

    if not ray.is_initialized():
        return
    there = ray.cluster_resources().get("CPU", 0.0)
    if cores > max(there - 1, 0):
        _LOG.warning(
            "the workers take %g of the %g cores that Ray has now: if none is left for Ray, nothing runs",
            cores,
            there,
        )
