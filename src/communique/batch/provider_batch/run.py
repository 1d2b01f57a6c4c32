"""The provider's batch, at half the price: requests go up in files, answers come down within a day.

Run the same command again to resume: each step is in the journal, or is found again at the provider by its
name, so that a kill at any moment pays for nothing twice. The rows are those of a live run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import anyio

from communique.backends import AsyncBackend
from communique.backends.anthropic_batches import AnthropicBatches
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch import BatchEndpoint, OpenAIBatches
from communique.backends.remote import RemoteBackend
from communique.batch.progress import Tally
from communique.batch.provider_batch.input_pass import InputPass
from communique.batch.provider_batch.ledger import Ledger
from communique.batch.provider_batch.traffic import ProviderOptions, Traffic
from communique.batch.run import BatchSettings, Run
from communique.batch.worker_pool import SIGNALS, Ending
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.errors import CommuniqueError, ConfigurationError, OutputError


async def run_rounds(
    run: Run,
    open_input: Callable[[], Iterator[Document | Skipped]],
    backend: AsyncBackend,
    endpoint: BatchEndpoint,
    provider: ProviderOptions,
) -> tuple[Ending, str]:
    """Read all inputs through the provider's batches.

    Args:
        run: The run, over an open journal.
        open_input: Opens the documents, once a round.
        backend: Is asked about the first document; see `endpoint_of`.
        endpoint: The backend's batches.
        provider: See `ProviderOptions`.

    Returns:
        How it ended, and a line about what is pending at the provider, or "".
    """
    ledger = Ledger(run.journal)
    traffic = Traffic(endpoint, ledger, run.journal.path, run.limits.budget, provider, run.settings.bounds.outage)
    passes = InputPass(open_input, backend, run, ledger)
    try:
        ending = await _until_signal(lambda: _rounds(run, passes, traffic, provider), run.settings)
    finally:
        with anyio.CancelScope(shield=True):
            passes.end()
            await traffic.aclose()
    return ending, ledger.pending()


def endpoint_of(backend: Any, judge: Any) -> BatchEndpoint:
    """Return the batches of the server that a backend asks.

    Raises:
        ConfigurationError: It has none, or the judge is elsewhere.
    """
    if judge is not None and _server(judge) != _server(backend):
        raise ConfigurationError(
            f"the judge {judge.model!r} is not on the server of {backend.model!r}",
            hint="--provider-batch uses one server; choose a judge on it",
        )
    if isinstance(backend, OpenAIBackend):
        return OpenAIBatches(backend)
    if isinstance(backend, RemoteBackend) and getattr(backend, "name", "") == "anthropic":
        return AnthropicBatches(cast("Any", backend))
    raise ConfigurationError(
        f"the model {backend.model!r} can't be used with a provider's batch",
        hint="--provider-batch needs openai/MODEL or anthropic/MODEL",
    )


def _server(backend: Any) -> tuple[str, Any]:
    return backend.name, getattr(backend, "endpoint", None)


async def _until_signal(work: Callable[[], Awaitable[CommuniqueError | None]], settings: BatchSettings) -> Ending:
    """Do the work, unless a signal comes: nothing is in flight that the journal doesn't know."""
    cause: CommuniqueError | None = None
    caught = 0

    async def listen(scope: anyio.CancelScope) -> None:
        nonlocal caught
        with anyio.open_signal_receiver(*SIGNALS) as signals:
            async for number in signals:
                caught = int(number)
                scope.cancel()
                return

    async with anyio.create_task_group() as tasks:
        with anyio.CancelScope() as scope:
            if settings.signals:
                tasks.start_soon(listen, scope)
            try:
                cause = await work()
            except CommuniqueError as error:  # kept out of the task group, which would wrap it
                cause = error
        tasks.cancel_scope.cancel()
    return Ending(cause, caught)


async def _rounds(run: Run, passes: InputPass, traffic: Traffic, provider: ProviderOptions) -> CommuniqueError | None:
    """Collect, read, send, wait; return what ends it early."""
    try:
        tally, fresh = run.tally, True
        while True:
            fresh = await traffic.look() or fresh
            if fresh and traffic.failing is None:
                passes.closed = traffic.stopped is not None
                await passes.run(tally, traffic.send)
                await traffic.flush()
                tally, fresh = Tally(), False
            stopped = traffic.stopped or passes.broken
            if stopped is not None or not traffic.waiting:
                return stopped or traffic.short
            if not provider.wait:
                return None
            await provider.sleep(max(provider.every, traffic.asked_to_wait))
    except OSError as error:
        raise OutputError(
            f"{error.filename or run.journal.path.parent} can't be written: {error.strerror}",
            hint="free some space, then run the same command again",
        ) from error
