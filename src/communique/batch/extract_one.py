"""extract_one: one document to one outcome. Here, and only here, every exception is caught."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from communique.batch.budget import Price
from communique.batch.export import summary_line
from communique.batch.outcome import Outcome
from communique.documents import Document
from communique.errors import STOPPING, CommuniqueError, ResponseError
from communique.observability.redaction import redacted
from communique.schemas import Usage, VerifiedSummary

_LOG = logging.getLogger("communique.batch")
Extract = Callable[[Document], Awaitable[VerifiedSummary]]


async def extract_one(key: bytes, document: Document, extract: Extract, price: Price | None) -> Outcome:
    """Read a document.

    Raises:
        PermanentBackendError, BudgetExceededError, ConfigurationError: The run has to stop.
    """
    started = time.monotonic()
    outcome = partial(Outcome, key, id=document.id, source=document.source or "")
    try:
        summary = await extract(document)
        line = summary_line(summary)
    except STOPPING:
        raise
    except CommuniqueError as error:
        usage = Usage.of(error.tokens)
        return outcome(
            "failed",
            error.reason,
            str(error)[:500],
            seconds=time.monotonic() - started,
            usage=usage,
            cost=price.of(usage) if price else 0.0,
            attempts=error.attempts,
            answer=redacted(error.raw) if isinstance(error, ResponseError) and error.raw else "",
        )
    except Exception as error:  # noqa: BLE001 - one document's bug must not end the others
        _LOG.exception("a bug in communique, in document %s", document.id)
        return outcome("failed", "bug", f"{type(error).__name__} (see the log)")
    made = summary.provenance
    cut = "answer_cut_off" in made.warnings
    return outcome(
        "partial" if cut else "ok",
        "length" if cut else "",
        payload=line,
        records=sum(map(len, summary.records.values())),
        usage=made.usage,
        cost=price.of(made.usage) if price else 0.0,
        seconds=time.monotonic() - started,
        attempts=made.attempts,
    )
