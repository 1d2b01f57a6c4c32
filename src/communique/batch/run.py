"""Session: a whole batch from inputs to published file. `communique batch` is this with a command line around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import anyio

from communique.backends import AsyncBackend
from communique.batch.answer_queue import AnswerQueue
from communique.batch.export import export
from communique.batch.filesystem import check_writable
from communique.batch.fingerprint import configuration, judge_print
from communique.batch.id_collisions import find_id_collisions, known_id_collisions
from communique.batch.inputs import signature
from communique.batch.journal import Journal, journal_path
from communique.batch.limits import Bounds, Limits, governed
from communique.batch.outcome import Outcome
from communique.batch.progress import show
from communique.batch.provider_tables import refuse_what_lies_there, spent_there
from communique.batch.tally import Tally
from communique.batch.worker_pool import Ending, RunOptions, WorkerPool
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped, open_documents
from communique.engine.aio import AsyncExtractor
from communique.engine.driver import Voices
from communique.engine.events import Stored
from communique.engine.hooks import Hooks
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, ConfigurationError


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What a batch does besides reading documents.

    Attributes:
        bounds: Limits on requests, tokens and money.
        run: Concurrency, limit, grace, signals.
        read: How inputs are read.
        retry_failed: Read failed documents again: "" for none, "all", or one reason.
        overwrite: Replace an output that has no journal.
        new_run: Accept a changed configuration.
        progress: Show progress on stderr.
        on_row: Called with each result once it is safe.
        hooks: Told the events of every document; `stored` once a result is safe.
        judge: Another model that judges the records (`Plan.judge`); it is not closed.
        full: Publish complete records, as the journal keeps them, instead of lean ones.
    """

    bounds: Bounds = field(default_factory=Bounds)
    run: RunOptions = field(default_factory=RunOptions)
    read: ReadOptions = field(default_factory=ReadOptions)
    retry_failed: str = ""
    overwrite: bool = False
    new_run: bool = False
    progress: bool = False
    on_row: Callable[[Outcome], None] | None = None
    hooks: Hooks | None = None
    judge: AsyncBackend | None = None
    full: bool = False

    def stored(self, outcome: Outcome) -> None:
        """Tell hooks and caller that a result is safe."""
        if self.hooks is not None:
            self.hooks.tell(
                Stored(
                    outcome.id,
                    0,
                    outcome.state,
                    outcome.reason,
                    outcome.usage,
                    outcome.cost,
                    outcome.attempts,
                    outcome.seconds,
                )
            )
        if self.on_row is not None:
            self.on_row(outcome)


@dataclass(frozen=True, slots=True)
class Report:
    """How a batch ended.

    Attributes:
        ending: What stopped it, if anything.
        counts: Places of the input by state: ok, partial, failed, skipped, left.
        tally: What this run did.
        cost: US dollars of all runs, or None without a price.
        already_complete: Nothing was to be done, and nothing was read.
        pending: What lies with the provider (`communique.batch.provider_batch`), or "".
        same_ids: Ids that stand for more than one text, the first ten; rows are told apart by `document.sha256`.
    """

    ending: Ending
    counts: dict[str, int]
    tally: Tally
    cost: float | None = None
    already_complete: bool = False
    pending: str = ""
    same_ids: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Rows of the output."""
        return self.counts.get("ok", 0) + self.counts.get("partial", 0)

    @property
    def failed(self) -> int:
        """Rows of the manifest."""
        return self.counts.get("failed", 0) + self.counts.get("skipped", 0)

    @property
    def left(self) -> int:
        """Places seen that have no result."""
        return self.counts.get("left", 0)


async def run_batch(
    inputs: Sequence[str] | Iterator[Document | Skipped],
    output: Path,
    backend: AsyncBackend,
    plan: Plan,
    settings: BatchSettings | None = None,
) -> Report:
    """Read all inputs into `output`, a JSONL file. The same call again goes on where the last one ended.

    Args:
        inputs: Files, folders and patterns; or documents.
        output: The file to write; its journal lies beside it.
        backend: Answers; it is not closed.
        plan: How documents are read.
        settings: Everything else.

    Raises:
        ConfigurationError: The output can't be written or is not ours; or answers lie with the provider
            (`communique.batch.provider_batch`).
        JournalLockedError: Another run holds the journal.
        JournalMismatchError: The journal is of another version or configuration.
        JournalError: The journal can't be read or written.
        OutputError: The output can't be written.
    """
    settings = settings or BatchSettings()
    check_output(output, overwrite=settings.overwrite)
    config = config_of(backend, plan, settings.judge)
    journal = Journal(journal_path(output), config, new_run=settings.new_run)
    try:
        with journal.transaction() as db:
            refuse_what_lies_there(db, journal.config_fp)
        return await _run(inputs, output, backend, plan, settings=settings, journal=journal)
    finally:
        journal.close()


async def _run(
    inputs: Sequence[str] | Iterator[Document | Skipped],
    output: Path,
    backend: AsyncBackend,
    plan: Plan,
    *,
    settings: BatchSettings,
    journal: Journal,
) -> Report:
    named = [str(name) for name in inputs] if isinstance(inputs, Sequence) else None
    mark = signature(named, settings.read) if named is not None else ""
    if settings.retry_failed:
        journal.forget(reason=None if settings.retry_failed == "all" else settings.retry_failed)
    with journal.transaction() as db:
        limits = Limits(settings.bounds, journal.spent(), spent_there(db, journal.config_fp))
    tally = Tally()
    if mark and journal.meta("complete") == mark and not journal.counts().get("left"):
        _publish(journal, output, plan, full=settings.full)
        known = known_id_collisions(journal)
        return Report(Ending(), journal.counts(), tally, _cost(limits), already_complete=True, same_ids=known)
    documents = (
        open_documents(named, settings.read) if named is not None else cast("Iterator[Document | Skipped]", inputs)
    )
    # No wall times in the rows: an interrupted run gives the same bytes. The journal has them.
    judge = AnswerQueue(governed(settings.judge, limits)) if settings.judge is not None else None
    extractor = AsyncExtractor(
        AnswerQueue(governed(backend, limits)),
        plan=plan,
        hooks=settings.hooks,
        clock=lambda: 0.0,
        judge=judge,
    )
    run = WorkerPool(
        documents,
        extractor.extract,
        journal=journal,
        limits=limits,
        tally=tally,
        options=replace(settings.run, concurrency=_at_once(backend, settings.run)),
        on_row=settings.stored,
        check=partial(_checked, backend, settings.judge),
    )
    journal.set_meta(complete="", exported="")
    ending = Ending()
    async with anyio.create_task_group() as tasks:
        if settings.progress:
            tasks.start_soon(show, tally, limits)
        try:
            ending = await run.run()
        except CommuniqueError as error:  # kept out of the task group, which would wrap it
            ending = Ending(error)
        tasks.cancel_scope.cancel()
    close = getattr(documents, "close", None)
    if close is not None:
        close()
    if ending.cause is None and not ending.signal and settings.run.limit is None:
        journal.set_meta(complete=mark)
    same: tuple[str, ...] = ()
    try:
        _publish(journal, output, plan, full=settings.full)
        counts, same = journal.counts(), find_id_collisions(journal)
    except CommuniqueError as error:
        if ending.cause is None:
            raise
        counts = {}
        error.add_note(str(ending.cause))
    return Report(ending, counts, tally, _cost(limits), same_ids=same)


async def _checked(*backends: AsyncBackend | None) -> bool:
    """Look at every server before the first document. See `WorkerPool`."""
    looks = [look for backend in backends if (look := getattr(backend, "acheck", None)) is not None]
    return all([await look() for look in looks])


def _at_once(backend: AsyncBackend, run: RunOptions) -> int:
    """Return how many documents are read at once: no more than the backend answers.

    The questions about one document begin alike. A model that answers one request after another starts over where those
    about another document come in between.
    """
    return min(run.concurrency, getattr(backend, "lanes", run.concurrency))


def check_output(output: Path, *, overwrite: bool = False) -> None:
    """Make sure, before anything is paid for, that the output is ours and can be written.

    Raises:
        ConfigurationError: It is not, or can't.
    """
    check_writable(output)
    if output.exists() and not journal_path(output).exists() and not overwrite:
        raise ConfigurationError(f"{output} exists and has no journal", hint="choose another output, or --overwrite")


def config_of(backend: AsyncBackend, plan: Plan, judge: AsyncBackend | None = None) -> dict[str, Any]:
    """Return the configuration that a backend, a plan and a judge make."""
    voices = Voices.of(plan, backend, judge)
    config = configuration(plan, narrows=backend.narrows, **_told(backend))
    if voices.judge is not None:
        config["judge"] = {**_told(voices.judge), "prompt": judge_print(plan)}
    seed = getattr(backend, "seed", None)
    if seed is not None:
        config["seed"] = seed
    return config


def _told(backend: AsyncBackend) -> dict[str, str]:
    host = str(getattr(getattr(backend, "endpoint", None), "host", ""))
    return {"backend": backend.name, "model": backend.model, "host": host}


def _publish(journal: Journal, output: Path, plan: Plan, *, full: bool) -> None:
    """Export, unless the file is as the last export left it."""
    form = "full" if full else "lean"
    if journal.meta("exported") and journal.meta("exported") == _stamp(output, form):
        return
    export(journal, output, plan.records, full=full)
    with suppress(CommuniqueError):
        journal.set_meta(exported=_stamp(output, form))


def _stamp(path: Path, form: str) -> str:
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{stat.st_size}:{stat.st_mtime_ns}:{form}"


def _cost(limits: Limits) -> float | None:
    return limits.budget.cost if limits.budget.price is not None else None
