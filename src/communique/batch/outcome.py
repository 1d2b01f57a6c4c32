"""Outcome: how one document ended; and Occurrence: where it stood in the input."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from communique import errors
from communique.batch.budget import Price
from communique.batch.journal_file import CUT
from communique.documents import Document
from communique.documents.readers.reader import SKIPS
from communique.engine.talk import why_not_read
from communique.errors import STOPPING, CommuniqueError, ResponseError
from communique.observability import redacted
from communique.schemas import Usage, VerifiedSummary
from communique.schemas.stored import json_line, on_one_line

_LOG = logging.getLogger("communique.batch")
Extract = Callable[[Document], Awaitable[VerifiedSummary]]

WORDS: Mapping[str, str] = {
    "bad_request": "request refused",
    "bad_row": "unusable row",
    "binary": "not text",
    "bomb": "unpacks to too much",
    "bug": "bug in communique",
    "engine": "local model stopped",
    "extract_failed": "reader failed",
    "extract_memory": "reader needed too much memory",
    "extract_timeout": "reader took too long",
    "http_status": "error page",
    "length": "answer cut off",
    "no_quota": "no credit left",
    "no_text": "no text in the file",
    "refusal": "model declined to answer",
    "response": "unusable answer",
    "schema": "answer in the wrong form",
    "throttled": "server asks for fewer requests",
    "timeout": "no answer in time",
    "unsupported": "unknown file format",
}
"""Why a document failed or was skipped, where the name of the reason doesn't say it well."""


def failures() -> frozenset[str]:
    """Return the reasons why a document fails or is skipped, those of loaded plug-ins included."""
    kinds = [errors.DocumentError, errors.BackendError, errors.ResponseError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return frozenset({"bug", *SKIPS, *(kind.reason for kind in kinds if not issubclass(kind, STOPPING))})


State = Literal["ok", "partial", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in the input."""

    ordinal: int  # from 0
    id: str
    source: str  # file name or URL
    key: bytes = b""  # of the document; empty for an input that could not be read
    reason: str = ""  # why it could not be read, or ""
    detail: str = ""  # the same for people


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a document after it was read."""

    key: bytes
    state: State  # `partial`: answers were cut off, or windows failed
    reason: str = ""  # machine-readable, or "" if ok
    detail: str = ""  # one line for people; never the article's text
    payload: str = ""  # the JSON line, or ""
    id: str = ""
    source: str = ""
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    cost: float = 0.0  # US dollars
    seconds: float = 0.0  # wall time
    attempts: int = 0  # requests
    records: int = 0  # found in it
    answer: str = ""  # the last answer that could not be used, cut and without keys, or ""

    @property
    def again(self) -> bool:
        """Whether `--retry-failed` reads the document again: it has failed, or a window of it has."""
        return self.state == "failed" or (self.state == "partial" and self.reason != CUT)


def counted_reasons(reasons: Mapping[str, int], most: int | None = None) -> str:
    """Return reasons in words, each with its name and count, by frequency: `answer cut off [length] 2, empty 1`.

    Args:
        reasons: How many documents failed, by reason.
        most: How many reasons to name; all if None.
    """
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{_words(reason)} {count:,}" for reason, count in ordered[:most]]
    rest = len(ordered) - len(named)
    return ", ".join(named) + f", {rest} more" * bool(rest)


def _words(reason: str) -> str:
    return f"{WORDS[reason]} [{reason}]" if reason in WORDS else reason.replace("_", " ")


async def extract_one(key: bytes, document: Document, extract: Extract, price: Price | None) -> Outcome:
    """Read a document. Here, and only here, every exception is caught.

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
    reason = why_not_read(made.warnings) or (CUT if "answer_cut_off" in made.warnings else "")
    return outcome(
        "partial" if reason else "ok",
        reason,
        payload=line,
        records=sum(map(len, summary.records.values())),
        usage=made.usage,
        cost=price.of(made.usage) if price else 0.0,
        seconds=time.monotonic() - started,
        attempts=made.attempts,
    )


def summary_line(summary: VerifiedSummary) -> str:
    """Return a summary as one line of JSON, complete, as the journal keeps it."""
    try:
        return on_one_line(summary.model_dump_json())  # in Rust: a sixth of the time
    except ValueError:  # a lone surrogate, which a model may write as an escape
        return json_line(summary.model_dump(mode="json"))
