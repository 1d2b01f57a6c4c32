"""The sync front: `run_batch()`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import anyio
from anyio.from_thread import start_blocking_portal

from communique.backends import AsyncBackend
from communique.batch.connected import connected
from communique.batch.run import BatchSettings, Report, arun_batch, check_output
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.plan import Plan

if TYPE_CHECKING:
    from communique.batch.provider_batch import ProviderOptions


def run_batch(
    inputs: Sequence[str] | Iterator[Document | Skipped],
    output: Path | str,
    model: AsyncBackend | str | None = None,
    plan: Plan | None = None,
    settings: BatchSettings | None = None,
    *,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
    provider: ProviderOptions | None = None,
) -> Report:
    """Read all inputs into `output`, and return when that is done. Works in notebooks, too. See `arun_batch`.

    Args:
        inputs: Files, folders and patterns; or documents.
        output: JSONL file to write; its journal is stored next to it.
        model: `local`, `openai/MODEL`, or a backend, which is not closed; `default_model()` if None.
        plan: How documents are read.
        settings: Everything else.
        base_url: Server to use.
        judge: Another model that judges the records, as in `settings`, or by name.
        provider: Use the provider's Batch API (`communique.batch.provider_batch`).

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key; or as for `arun_batch`, like the other errors.
    """
    plan, settings, output = plan or Plan(), settings or BatchSettings(), Path(output)
    check_output(output, overwrite=settings.overwrite)

    async def whole() -> Report:
        if provider is None:
            return await arun_batch(inputs, output, model, plan, settings, base_url=base_url, judge=judge)
        from communique.batch.provider_batch import run_provider_batch

        judges = settings.judge if judge is None else judge
        async with connected(plan, model, judges, base_url, settings.policy) as (backend, other, told):
            given = replace(settings, judge=other)
            again = cast("Sequence[str] | Callable[[], Iterator[Document | Skipped]]", inputs)
            return await run_provider_batch(again, output, backend, told, settings=given, provider=provider)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return anyio.run(whole)
    with start_blocking_portal() as elsewhere:  # a notebook has a loop of its own
        return elsewhere.call(whole)
