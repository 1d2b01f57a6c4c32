"""Reading: one document to one outcome. Here, and only here, every exception is caught."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from communique.batch.budget import Price
from communique.batch.outcome import Outcome
from communique.batch.row import Row
from communique.documents import Document
from communique.errors import (
    BudgetExceededError,
    CassetteMissError,
    CommuniqueError,
    ConfigurationError,
    PermanentBackendError,
    ResponseError,
    RunStoppedError,
)
from communique.observability.redaction import redacted
from communique.schemas import Usage, VerifiedSummary

_LOG = logging.getLogger("communique.batch")
Extract = Callable[[Document], Awaitable[VerifiedSummary | Row]]
STOPPING = (
    RunStoppedError,
    PermanentBackendError,
    BudgetExceededError,
    ConfigurationError,
    CassetteMissError,
)
"""Errors that end the run; the document stays to be done."""


async def read_one(key: bytes, document: Document, extract: Extract, price: Price | None) -> Outcome:
    """Read a document.

    Raises:
        PermanentBackendError, BudgetExceededError, ConfigurationError: The run has to stop.
    """
    started = time.monotonic()
    source = document.source or ""
    try:
        found = await extract(document)
        row = found if isinstance(found, Row) else Row.of(found)
    except STOPPING:
        raise
    except CommuniqueError as error:
        seconds = time.monotonic() - started
        return Outcome(
            key,
            "failed",
            error.reason,
            str(error)[:500],
            id=document.id,
            source=source,
            seconds=seconds,
            usage=(usage := Usage.of(error.tokens)),
            cost=price.of(usage) if price else 0.0,
            attempts=error.attempts,
            answer=redacted(error.raw) if isinstance(error, ResponseError) and error.raw else "",
        )
    except Exception as error:  # noqa: BLE001 - one document's bug must not end the others
        _LOG.exception("a bug met in document %s", document.id)
        return Outcome(
            key, "failed", "bug", f"{type(error).__name__} (see the log)", id=document.id, source=source
        )
    return Outcome(
        key,
        "partial" if row.cut else "ok",
        "length" if row.cut else "",
        payload=row.line,
        id=document.id,
        source=source,
        usage=row.usage,
        cost=price.of(row.usage) if price else 0.0,
        seconds=time.monotonic() - started,
        attempts=row.attempts,
    )
