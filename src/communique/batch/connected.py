"""Who a batch asks: models that were named are connected, and closed at its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio

from communique.backends import AsyncBackend
from communique.backends.retrying import RetryPolicy
from communique.engine.driver import Voices
from communique.engine.plan import Plan


@asynccontextmanager
async def connected(
    plan: Plan,
    model: AsyncBackend | str | None,
    judge: AsyncBackend | str | None,
    base_url: str | None = None,
    policy: RetryPolicy | None = None,
) -> AsyncIterator[tuple[AsyncBackend, AsyncBackend | None, Plan]]:
    """Give the backend, another one that judges, and the plan that says whether the first one judges itself.

    Args:
        plan: How documents are read.
        model: A name or a backend; `default_model()` if None.
        judge: The same; see `Plan.judge` if None.
        base_url: Server of both.
        policy: Patience of those backends that have some.

    Raises:
        ConfigurationError: A name leads nowhere, or a judge is given and the plan wants none.
    """
    voices = Voices[AsyncBackend].of(plan, model, judge, base_url)
    for backend in voices.all:
        if policy is not None and isinstance(getattr(backend, "policy", None), RetryPolicy):
            backend.policy = policy  # type: ignore[attr-defined]
    own = voices.judge is voices.backend
    try:
        yield voices.backend, None if own else voices.judge, replace(plan, judge="on") if own else plan
    finally:
        with anyio.CancelScope(shield=True):
            for backend in voices.all:
                if backend is not model and backend is not judge:
                    await backend.aclose()
