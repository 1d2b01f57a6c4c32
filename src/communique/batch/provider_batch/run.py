"""The provider's batch, at half the price: requests go up in files, answers come down within a day.

The same command again goes on where it stopped: each step is in the journal, or is found again at the provider by its
name, so that a kill at any moment pays for nothing twice. The rows are those of a live run.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from communique.backends import AsyncBackend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch import BatchEndpoint
from communique.batch.export import export
from communique.batch.id_collisions import find_id_collisions, known_id_collisions
from communique.batch.inputs import signature
from communique.batch.journal import Journal, journal_path
from communique.batch.limits import Limits
from communique.batch.provider_batch.input_pass import Pass
from communique.batch.provider_batch.ledger import Ledger
from communique.batch.provider_batch.request_files import MAX_BYTES, MAX_REQUESTS
from communique.batch.provider_batch.traffic import Traffic
from communique.batch.run import BatchSettings, Report, check_output, config_of
from communique.batch.tally import Tally
from communique.batch.worker_pool import Ending
from communique.documents import Document
from communique.documents.readers import Skipped, open_documents
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, ConfigurationError, OutputError


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """How the provider's batches are made and waited for.

    Attributes:
        wait: Wait until all answers are there; else send, collect what there is, and return.
        every: Seconds between two looks; a server's Retry-After may make it longer.
        max_requests: Most requests of one file.
        max_bytes: Most bytes of one file.
        say: Called with a line for people when something has changed.
        sleep: Awaited with seconds.
    """

    wait: bool = True
    every: float = 60.0
    max_requests: int = MAX_REQUESTS
    max_bytes: int = MAX_BYTES
    say: Callable[[str], None] | None = None
    sleep: Callable[[float], Awaitable[None]] = field(default=anyio.sleep, compare=False, repr=False)


async def run_provider_batch(
    inputs: Sequence[str] | Callable[[], Iterator[Document | Skipped]],
    output: Path,
    backend: AsyncBackend,
    plan: Plan,
    *,
    settings: BatchSettings | None = None,
    provider: ProviderOptions | None = None,
) -> Report:
    """Read all inputs into `output` through the provider's Batch API.

    The same call again goes on where the last one ended.

    Args:
        inputs: Files, folders and patterns; or what opens the documents. They are read once a round.
        output: The JSONL file to write; its journal lies beside it, and is that of `run_batch`.
        backend: An `OpenAIBackend`; it is not closed.
        plan: How documents are read.
        settings: As for `run_batch`. Concurrency, `rpm` and `tpm` have no meaning here; hooks are told only of what is
            stored.
        provider: See `ProviderOptions`.

    Returns:
        The report; `pending` says what lies with the provider, or is "".

    Raises:
        ConfigurationError: The backend has no Batch API, the judge is elsewhere, an input can't be read twice, the
            output isn't ours.
        JournalError: As for `run_batch`.
        OutputError: The output can't be written.
    """
    settings, provider = settings or BatchSettings(), provider or ProviderOptions()
    if not isinstance(backend, OpenAIBackend):
        raise ConfigurationError(
            f"the model {backend.model!r} has no provider's batch", hint="--provider-batch needs openai/MODEL"
        )
    judge = settings.judge
    if judge is not None and not _beside(judge, backend):
        raise ConfigurationError(
            f"the judge {judge.model!r} is not on the server of {backend.model!r}",
            hint="--provider-batch asks one server; name another of its models",
        )
    if not callable(inputs) and "-" in inputs:
        raise ConfigurationError("standard input can't be read twice", hint="with --provider-batch, name a file")
    check_output(output, overwrite=settings.overwrite)
    journal = Journal(journal_path(output), config_of(backend, plan, judge), new_run=settings.new_run)
    try:
        session = _Session(inputs, output, backend, plan, settings=settings, provider=provider, journal=journal)
        return await session.run()
    finally:
        journal.close()


def _beside(judge: AsyncBackend, backend: OpenAIBackend) -> bool:
    return isinstance(judge, OpenAIBackend) and judge.endpoint == backend.endpoint


class _Session:
    def __init__(
        self,
        inputs: Sequence[str] | Callable[[], Iterator[Document | Skipped]],
        output: Path,
        backend: OpenAIBackend,
        plan: Plan,
        *,
        settings: BatchSettings,
        provider: ProviderOptions,
        journal: Journal,
    ) -> None:
        self._output = output
        self._plan = plan
        self._settings = settings
        self._provider = provider
        self._journal = journal
        self._signal = 0
        named = None if callable(inputs) else [str(name) for name in inputs]
        self._mark = "" if named is None else signature(named, settings.read)
        if settings.retry_failed:
            journal.forget(reason=None if settings.retry_failed == "all" else settings.retry_failed)
        self._tally = Tally()
        self._ledger = Ledger(journal)
        self._limits = Limits(settings.bounds, journal.spent(), self._ledger.spent())
        self._traffic = Traffic(
            BatchEndpoint(backend),
            self._ledger,
            journal.path,
            self._limits.budget,
            max_requests=provider.max_requests,
            max_bytes=provider.max_bytes,
            say=provider.say or (lambda _line: None),
        )
        self._pass = Pass(
            inputs if callable(inputs) else lambda: open_documents(named or [], settings.read),
            backend,
            plan,
            journal=journal,
            ledger=self._ledger,
            limits=self._limits,
            limit=settings.run.limit,
            on_row=settings.stored,
            judge=settings.judge,
        )

    async def run(self) -> Report:
        journal = self._journal
        if self._mark and journal.meta("complete") == self._mark and not journal.counts().get("left"):
            export(journal, self._output, self._plan.records, full=self._settings.full)
            same = known_id_collisions(journal)
            counts = journal.counts()
            return Report(Ending(), counts, self._tally, self._cost, already_complete=True, same_ids=same)
        journal.set_meta(complete="", exported="")
        cause: CommuniqueError | None = None
        async with anyio.create_task_group() as tasks:
            work = anyio.CancelScope()
            if self._settings.run.signals:
                tasks.start_soon(self._listen, work)
            with work:
                cause = await self._caught()
            tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await self._pass.aclose()
            await self._traffic.aclose()
        pending = self._pending()
        counts = journal.counts()
        if cause is None and not self._signal and not counts.get("left") and self._settings.run.limit is None:
            journal.set_meta(complete=self._mark)
        export(journal, self._output, self._plan.records, full=self._settings.full)
        same, ending = find_id_collisions(journal), Ending(cause, self._signal)
        return Report(ending, counts, self._tally, self._cost, pending=pending, same_ids=same)

    async def _caught(self) -> CommuniqueError | None:
        """Do the work; what ends it early is returned, since a task group would wrap it."""
        try:
            return await self._rounds()
        except CommuniqueError as error:
            return error
        except OSError as error:
            return OutputError(
                f"{error.filename or self._output.parent} can't be written: {error.strerror}",
                hint="make room, then run the same command again",
            )

    async def _rounds(self) -> CommuniqueError | None:
        await self._traffic.mend()
        tally, first = self._tally, True
        while True:
            fresh = await self._traffic.collect()
            if first or fresh:
                self._pass.closed = self._traffic.stopped is not None
                await self._pass.run(tally, self._traffic.send)
                await self._traffic.flush()
                tally, first = Tally(), False
            stopped = self._traffic.stopped or self._pass.broken
            if stopped is not None or not self._traffic.waiting:
                return stopped or self._traffic.short
            if not self._provider.wait:
                return None
            await self._provider.sleep(max(self._provider.every, self._traffic.asked_to_wait))

    async def _listen(self, work: anyio.CancelScope) -> None:
        wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        with anyio.open_signal_receiver(*wanted) as signals:
            async for number in signals:
                self._signal = int(number)
                work.cancel()  # nothing is in flight that the journal doesn't know
                return

    def _pending(self) -> str:
        waiting = self._ledger.open_batches()
        if not waiting:
            return ""
        names = ", ".join(b.batch_id or b.name for b in waiting[:3]) + (", …" if len(waiting) > 3 else "")
        return f"{sum(b.requests for b in waiting):,} requests lie with the provider ({names})"

    @property
    def _cost(self) -> float | None:
        return self._limits.budget.cost if self._limits.budget.price is not None else None
