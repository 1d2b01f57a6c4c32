"""A whole batch, from inputs to published file. `communique batch` is a command line for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import anyio
from anyio.from_thread import start_blocking_portal

from communique.backends import AsyncBackend
from communique.backends.retrying import RetryPolicy, give_policy
from communique.batch.fingerprint import config_of
from communique.batch.journal import Journal
from communique.batch.journal_file import journal_path
from communique.batch.limits import GovernedBackend
from communique.batch.run import BatchSettings, Ending, Report, Run, check_output, reading_beside
from communique.batch.worker_pool import OpenInput, WorkerPool
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped, open_documents
from communique.engine.extractor import AsyncExtractor
from communique.engine.plan import Plan
from communique.engine.talk import Voices
from communique.errors import ConfigurationError

if TYPE_CHECKING:
    from communique.batch.provider_batch import ProviderOptions


_PLUG_INS = "docs/guides/plug-ins.md says what a backend has"
Opened = Iterable[Document | Skipped]
Inputs = str | Path | Collection[str | Path] | Opened | Callable[[], Opened]


def run_batch(
    inputs: Inputs,
    output: Path | str,
    model: AsyncBackend | str | None = None,
    plan: Plan | None = None,
    settings: BatchSettings | None = None,
    *,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
    provider: ProviderOptions | None = None,
) -> Report:
    """Read all inputs into `output`, and return when that is done. Works in notebooks, too. See `arun_batch`."""
    whole = partial(
        arun_batch, inputs, output, model, plan, settings, base_url=base_url, judge=judge, provider=provider
    )
    running = None
    with suppress(RuntimeError):
        running = asyncio.get_running_loop()
    if running is None:  # outside of any `except`, which would be the context of all that is raised within
        return anyio.run(whole)
    with start_blocking_portal() as elsewhere:  # a notebook has a loop of its own
        return elsewhere.call(whole)


async def arun_batch(
    inputs: Inputs,
    output: Path | str,
    model: AsyncBackend | str | None = None,
    plan: Plan | None = None,
    settings: BatchSettings | None = None,
    *,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
    provider: ProviderOptions | None = None,
) -> Report:
    """Read all inputs into `output`, a JSONL file. Make the same call again to resume.

    Args:
        inputs: One name, or several, of files, folders and patterns; documents; or a function that opens documents.
        output: The file to write; its journal is stored next to it.
        model: `local`, `openai/MODEL`, or a backend, which is not closed; `default_model()` if None.
        plan: How documents are read.
        settings: Everything else.
        base_url: Server to use.
        judge: Another model that judges the records, as in `settings`, or by name.
        provider: Use the provider's Batch API. It reads the inputs once a round; concurrency and rates have no meaning
            there, and hooks are told only of what is stored.

    Returns:
        The report. With `provider` its `pending` says what is pending there.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key; the output can't be written, is an input, or
            exists without a journal; answers are pending at the provider and `provider` is None. With it: the model has
            no Batch API, the judge is elsewhere, an input can't be read twice.
        UnreadableDocumentError: An input leads nowhere.
        JournalLockedError: Another run holds the journal.
        JournalMismatchError: The journal has another version or configuration.
        JournalError: The journal can't be read or written.
        OutputError: The output can't be written.
    """
    plan, settings, output = plan or Plan(), settings or BatchSettings(), Path(output)
    judge = settings.judge if judge is None else judge
    named = _names(inputs)
    check_output(output, named or (), overwrite=settings.overwrite)
    async with _connected(plan, model, judge, base_url, settings.policy) as (backend, other, told):
        settings = replace(settings, judge=other, read=reading_beside(output, settings.read))
        read: Callable[[Run, OpenInput, AsyncBackend], Awaitable[tuple[Ending, str]]] = _read_all
        if provider is not None:
            from communique.batch.provider_batch.run import endpoint_of, run_rounds

            if "-" in (named or ()) or isinstance(inputs, Iterator):
                raise ConfigurationError(
                    "standard input and opened documents can't be read twice", hint="with --provider-batch, pass a file"
                )
            read = partial(run_rounds, endpoint_of(backend, other), provider)
        config = config_of(backend, told, other)
        with closing(Journal(journal_path(output), config, new_run=settings.new_run)) as journal:
            if provider is None and (waiting := journal.waiting()):
                raise ConfigurationError(
                    f"{waiting:,} requests are pending at the provider and would be paid for again",
                    hint="use --provider-batch to collect their answers, or choose another output",
                )
            run = Run(named, output, told, settings, journal)
            finished = run.finished_before()
            if finished is not None:
                return finished
            return run.report(*await read(run, partial(_opened, inputs, named, settings.read), backend))


def _names(inputs: object) -> list[str] | None:
    """Return names of files, folders and patterns; None if documents are given, or what opens them."""
    if isinstance(inputs, str | Path):
        return [str(inputs)]
    if isinstance(inputs, Document) or not (callable(inputs) or isinstance(inputs, Iterable)):
        raise ConfigurationError(
            f"{type(inputs).__name__} is no list of inputs",
            hint="pass names of files and folders, or a list of documents",
        )
    if isinstance(inputs, Collection) and all(isinstance(one, str | Path) for one in inputs):
        return [str(name) for name in inputs]
    return None


@contextmanager
def _opened(inputs: Inputs, named: list[str] | None, options: ReadOptions) -> Iterator[Iterator[Document | Skipped]]:
    """Give the documents, and close their files at the end of the block."""
    given = inputs() if callable(inputs) else cast("Opened", inputs)
    documents = iter(given if named is None else open_documents(named, options))
    try:
        yield documents
    finally:
        getattr(documents, "close", lambda: None)()


@asynccontextmanager
async def _connected(
    plan: Plan,
    model: AsyncBackend | str | None,
    judge: AsyncBackend | str | None,
    base_url: str | None,
    policy: RetryPolicy | None,
) -> AsyncIterator[tuple[AsyncBackend, AsyncBackend | None, Plan]]:
    """Give the backend, another one that judges, and the plan that says whether the first one judges itself.

    Models that are named are connected, and closed at the end. `policy` is for those backends that have some patience.
    """
    voices = Voices[AsyncBackend].of(plan, model, judge, base_url)
    for backend in voices.all:
        if not hasattr(backend, "acomplete"):
            name = getattr(backend, "name", type(backend).__name__)
            raise ConfigurationError(f"the backend {name!r} has no acomplete, which a batch needs", hint=_PLUG_INS)
    if policy is not None:
        give_policy(policy, voices.all)
    own = voices.judge is voices.backend
    try:
        yield voices.backend, None if own else voices.judge, replace(plan, judge="on") if own else plan
    finally:
        with anyio.CancelScope(shield=True):
            for backend in voices.all:
                if backend is not model and backend is not judge:
                    await backend.aclose()


async def _read_all(run: Run, open_input: OpenInput, backend: AsyncBackend) -> tuple[Ending, str]:
    settings, limits = run.settings, run.limits
    # No wall times in the rows: an interrupted run gives the same bytes. The journal has them.
    extractor = AsyncExtractor(
        GovernedBackend(backend, limits),
        plan=run.plan,
        hooks=settings.hooks,
        clock=lambda: 0.0,
        judge=None if settings.judge is None else GovernedBackend(settings.judge, limits),
    )
    # The questions about one document begin alike: a model that answers one request after another starts over where
    # those about another document come in between. So no more documents at once than the backend answers.
    lanes = min(settings.bounds.concurrency, getattr(backend, "lanes", settings.bounds.concurrency))
    with open_input() as documents:
        pool = WorkerPool(run, documents, extractor.extract, lanes, partial(_checked, backend, settings.judge))
        return await pool.run(), ""


async def _checked(*backends: AsyncBackend | None) -> bool:
    """Look at every server before the first document. See `WorkerPool`."""
    looks = [look for backend in backends if (look := getattr(backend, "acheck", None)) is not None]
    return all([await look() for look in looks])
