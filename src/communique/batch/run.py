"""A whole batch, from inputs to published file. `communique batch` is a command line for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import cast

import anyio

from communique.backends import AsyncBackend
from communique.backends.retrying import RetryPolicy
from communique.batch.connected import connected
from communique.batch.export import export
from communique.batch.filesystem import check_writable
from communique.batch.fingerprint import config_of
from communique.batch.input_stream import closing_input, signature
from communique.batch.journal import Journal
from communique.batch.journal_file import journal_path
from communique.batch.journal_status import find_id_collisions, known_id_collisions, waiting_requests
from communique.batch.limits import AnswerQueue, Bounds, Limits, governed
from communique.batch.outcome import Outcome
from communique.batch.progress import Tally, show
from communique.batch.worker_pool import Ending, RunOptions, WorkerPool
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped, open_documents
from communique.engine.events import Stored
from communique.engine.extractor import AsyncExtractor
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
        on_row: Called with each result once it is stored.
        hooks: Called with the events of every document; with `Stored` once a result is stored.
        judge: Another model that judges the records (`Plan.judge`); it is not closed.
        policy: How long requests are tried; the backend's own patience if None.
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
    policy: RetryPolicy | None = None
    full: bool = False

    def stored(self, outcome: Outcome) -> None:
        """Tell hooks and caller that a result is safe."""
        o = outcome
        if self.hooks is not None:
            self.hooks.tell(Stored(o.id, 0, o.state, o.reason, o.usage, o.cost, o.attempts, o.seconds))
        if self.on_row is not None:
            self.on_row(outcome)


@dataclass(frozen=True, slots=True)
class Report:
    """How a batch ended.

    Attributes:
        ending: What stopped it, if anything.
        counts: Number of inputs by state: ok, partial, failed, skipped, left.
        tally: What this run did.
        cost: US dollars of all runs, or None without a price.
        already_complete: Everything was already done, so nothing was read.
        pending: What is pending at the provider (`communique.batch.provider_batch`), or "".
        same_ids: The first ten ids that several texts share; `document.sha256` tells the rows apart.
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


class Run:
    """One run over a journal: what is the same whether answers come at once or in the provider's batches.

    `inputs` is None if the caller opens the documents.
    """

    def __init__(
        self, inputs: Sequence[str] | None, output: Path, plan: Plan, settings: BatchSettings, journal: Journal
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.tally = Tally()
        self._mark = "" if inputs is None else signature(inputs, settings.read)
        self._output = output
        self.plan = plan
        if settings.retry_failed:
            journal.forget(reason=None if settings.retry_failed == "all" else settings.retry_failed)
        self.limits = Limits(settings.bounds, journal.spent(), journal.spent(batched=True))

    def finished_before(self) -> Report | None:
        """Return the report of a run with nothing left to do; else None, and the journal is marked as not complete."""
        journal = self.journal
        if self._mark and journal.meta("complete") == self._mark and not (counts := journal.counts()).get("left"):
            self._publish()
            same = known_id_collisions(journal)
            return Report(Ending(), counts, self.tally, self._cost, already_complete=True, same_ids=same)
        journal.set_meta(complete="", exported="")
        return None

    def report(self, ending: Ending, pending: str = "") -> Report:
        """Publish what is there.

        Raises:
            CommuniqueError: It can't be published; where the run was stopped before, that is in the report instead.
        """
        journal, counts, same = self.journal, dict[str, int](), tuple[str, ...]()
        whole = ending.cause is None and not ending.signal and self.settings.run.limit is None
        try:
            counts = journal.counts()
            if whole and not counts.get("left"):
                journal.set_meta(complete=self._mark)
            self._publish()
            same = find_id_collisions(journal)
        except CommuniqueError as error:
            if ending.cause is None:
                raise
            counts = {}
            error.add_note(str(ending.cause))
        return Report(ending, counts, self.tally, self._cost, pending=pending, same_ids=same)

    @property
    def _cost(self) -> float | None:
        return self.limits.budget.cost if self.limits.budget.price is not None else None

    def _publish(self) -> None:
        """Export, unless the file is as the last export left it."""
        exported = self.journal.meta("exported")
        if exported and exported == self._stamp():
            return
        export(self.journal, self._output, self.plan.records, full=self.settings.full)
        with suppress(CommuniqueError):
            self.journal.set_meta(exported=self._stamp())

    def _stamp(self) -> str:
        try:
            stat = self._output.stat()
        except OSError:
            return ""
        return f"{stat.st_size}:{stat.st_mtime_ns}:{'full' if self.settings.full else 'lean'}"


async def arun_batch(
    inputs: Sequence[str] | Iterator[Document | Skipped],
    output: Path,
    model: AsyncBackend | str | None = None,
    plan: Plan | None = None,
    settings: BatchSettings | None = None,
    *,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
) -> Report:
    """Read all inputs into `output`, a JSONL file. Make the same call again to resume.

    Args:
        inputs: Files, folders and patterns; or documents.
        output: The file to write; its journal is stored next to it.
        model: `local`, `openai/MODEL`, or a backend, which is not closed; `default_model()` if None.
        plan: How documents are read.
        settings: Everything else.
        base_url: Server to use.
        judge: Another model that judges the records, as in `settings`, or by name.

    Raises:
        ConfigurationError: The output can't be written or exists without a journal; or answers are pending at the provider
            (`communique.batch.provider_batch`).
        JournalLockedError: Another run holds the journal.
        JournalMismatchError: The journal has another version or configuration.
        JournalError: The journal can't be read or written.
        OutputError: The output can't be written.
    """
    plan, settings = plan or Plan(), settings or BatchSettings()
    judge = settings.judge if judge is None else judge
    async with connected(plan, model, judge, base_url, settings.policy) as (backend, other, told):
        settings = replace(settings, judge=other)
        with opened_journal(output, backend, told, settings) as journal:
            waiting = waiting_requests(journal)
            if waiting:
                raise ConfigurationError(
                    f"{waiting:,} requests are pending at the provider and would be paid for again",
                    hint="use --provider-batch to collect their answers, or choose another output",
                )
            named = [str(name) for name in inputs] if isinstance(inputs, Sequence) else None
            run = Run(named, output, told, settings, journal)
            finished = run.finished_before()
            if finished is not None:
                return finished
            documents = open_documents(named, settings.read) if named is not None else inputs
            with closing_input(cast("Iterator[Document | Skipped]", documents)) as opened:
                ending = await _read_all(opened, run, backend)
            return run.report(ending)


async def _read_all(documents: Iterator[Document | Skipped], run: Run, backend: AsyncBackend) -> Ending:
    settings, limits, tally = run.settings, run.limits, run.tally
    # No wall times in the rows: an interrupted run gives the same bytes. The journal has them.
    extractor = AsyncExtractor(
        AnswerQueue(governed(backend, limits)),
        plan=run.plan,
        hooks=settings.hooks,
        clock=lambda: 0.0,
        judge=None if settings.judge is None else AnswerQueue(governed(settings.judge, limits)),
    )
    # The questions about one document begin alike: a model that answers one request after another starts over where
    # those about another document come in between. So no more documents at once than the backend answers.
    at_once = min(settings.run.concurrency, getattr(backend, "lanes", settings.run.concurrency))
    pool = WorkerPool(
        documents,
        extractor.extract,
        journal=run.journal,
        limits=limits,
        tally=tally,
        options=replace(settings.run, concurrency=at_once),
        on_row=settings.stored,
        check=partial(_checked, backend, settings.judge),
    )
    ending = Ending()
    async with anyio.create_task_group() as tasks:
        if settings.progress:
            tasks.start_soon(show, tally, limits)
        try:
            ending = await pool.run()
        except CommuniqueError as error:  # kept out of the task group, which would wrap it
            ending = Ending(error)
        tasks.cancel_scope.cancel()
    return ending


async def _checked(*backends: AsyncBackend | None) -> bool:
    """Look at every server before the first document. See `WorkerPool`."""
    looks = [look for backend in backends if (look := getattr(backend, "acheck", None)) is not None]
    return all([await look() for look in looks])


def check_output(output: Path, *, overwrite: bool = False) -> None:
    """Make sure, before anything is paid for, that the output is ours and can be written.

    Raises:
        ConfigurationError: It is not, or can't.
    """
    check_writable(output)
    if output.exists() and not journal_path(output).exists() and not overwrite:
        raise ConfigurationError(f"{output} exists and has no journal", hint="choose another output, or --overwrite")


def opened_journal(output: Path, backend: AsyncBackend, plan: Plan, settings: BatchSettings) -> closing[Journal]:
    """Check the output and open its journal, to be closed at the end of the block. Raises as `run_batch`."""
    check_output(output, overwrite=settings.overwrite)
    config = config_of(backend, plan, settings.judge)
    return closing(Journal(journal_path(output), config, new_run=settings.new_run))
