"""Outcome: how one document ended; and how many of them have, counted and shown on a terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import anyio

from communique import errors
from communique.batch.budget import Price
from communique.batch.journal_file import CUT
from communique.batch.limits import Limits
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
    """Return the most frequent reasons in words, with names and counts: `answer cut off [length] 2, empty 1`."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{_words(reason)} {count:,}" for reason, count in ordered[:most]]
    rest = len(ordered) - len(named)
    return ", ".join(named) + f", {rest} more" * bool(rest)


def _words(reason: str) -> str:
    return f"{WORDS[reason]} [{reason}]" if reason in WORDS else reason.replace("_", " ")


async def extract_one(key: bytes, document: Document, extract: Extract, price: Price | None) -> Outcome:
    """Read a document. Here, and only here, every exception is caught, but for those that stop the run."""
    started = time.monotonic()
    outcome = partial(Outcome, key, id=document.id, source=document.source or "")

    def paid(usage: Usage, attempts: int) -> dict[str, Any]:
        cost = price.of(usage) if price else 0.0
        return {"usage": usage, "cost": cost, "attempts": attempts, "seconds": time.monotonic() - started}

    try:
        summary = await extract(document)
        line = summary_line(summary)
    except STOPPING:
        raise
    except CommuniqueError as error:
        answer = redacted(error.raw) if isinstance(error, ResponseError) and error.raw else ""
        spent = paid(Usage.of(error.tokens), error.attempts)
        return outcome("failed", error.reason, str(error)[:500], answer=answer, **spent)
    except Exception as error:  # noqa: BLE001 - one document's bug must not end the others
        _LOG.exception("a bug in communique, in document %s", document.id)
        return outcome("failed", "bug", f"{type(error).__name__} (see the log)")
    made = summary.provenance
    reason = why_not_read(made.warnings) or (CUT if "answer_cut_off" in made.warnings else "")
    records = sum(map(len, summary.records.values()))
    spent = paid(made.usage, made.attempts)
    return outcome("partial" if reason else "ok", reason, payload=line, records=records, **spent)


def summary_line(summary: VerifiedSummary) -> str:
    """Return a summary as one line of JSON, complete, as the journal keeps it."""
    try:
        return on_one_line(summary.model_dump_json())  # in Rust: a sixth of the time
    except ValueError:  # a lone surrogate, which a model may write as an escape
        return json_line(summary.model_dump(mode="json"))


@dataclass(slots=True)
class Tally:
    """Counts of one run. They move only when the journal has it."""

    clock: Callable[[], float] = time.monotonic
    seen: int = 0  # places in the input so far
    all_seen: bool = False  # whether the input has ended
    already: int = 0  # places whose document was done by an earlier run
    done: int = 0  # documents, partial ones included
    failed: int = 0
    skipped: int = 0  # inputs that could not be read
    duplicates: int = 0  # places whose document stood in the input before
    records: int = 0  # found in this run
    lost: int = 0  # answers that were paid for and could not be stored
    reasons: Counter[str] = field(default_factory=Counter)  # of failures and skips; in the end those of all runs
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def stored(self, outcome: Outcome) -> None:
        """Count a result that is safe."""
        if outcome.state == "failed":
            self.failed += 1
            self.reasons[outcome.reason] += 1
        else:
            self.done += 1
            self.records += outcome.records

    @property
    def left(self) -> int:
        """Places seen whose document is not done."""
        return max(self.seen - self.already - self.done - self.failed - self.skipped - self.duplicates, 0)


def status_line(tally: Tally, limits: Limits) -> str:
    """Return what a run has done: counts, records, tokens, cost, rate, time left and so far, failures, what it waits for."""
    used, elapsed = limits.budget.used, tally.clock() - tally.started
    rate = (tally.done + tally.failed) / max(elapsed, 0.001)  # documents a second
    parts = [
        f"done {tally.already + tally.done:,}",
        f"failed {tally.failed + tally.skipped:,}{f' ({counted_reasons(tally.reasons, 3)})' * bool(tally.reasons)}",
        f"left {tally.left:,}{'' if tally.all_seen else '+'}",
        f"records {tally.records:,}",
        f"tokens {used.input_tokens:,} in {used.output_tokens:,} out",
    ]
    if limits.budget.price is not None:
        parts.append(f"${limits.budget.cost:,.2f}")
    parts.append(f"{rate:.1f}/s" if rate >= 0.1 else f"{rate * 60:.1f}/min")
    parts.append(f"{duration(elapsed)} so far")
    if tally.all_seen and rate > 0 and tally.left:
        parts.append(f"{duration(tally.left / rate)} left")
    if limits.waits_for:
        parts.append(f"waiting for {limits.waits_for}")
    if limits.concurrency.limit < limits.concurrency.most:
        parts.append(f"throttled to {int(limits.concurrency.limit)} at once")
    return "  ".join(parts)


async def show(tally: Tally, limits: Limits) -> None:
    """Show a bar and the status on standard error until cancelled; nothing if it is not a terminal."""
    if not sys.stderr.isatty():
        return
    from rich.console import Console
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    def shown() -> Table:
        total = tally.seen if tally.all_seen else None
        bar = ProgressBar(total=total, completed=tally.seen - tally.left, width=36, pulse=total is None)
        lines = Table.grid()
        lines.add_row(bar)
        lines.add_row(Text(status_line(tally, limits)))
        return lines

    with Live(get_renderable=shown, console=Console(stderr=True), refresh_per_second=5, transient=True):
        await anyio.sleep_forever()


def duration(seconds: float) -> str:
    """Return a duration as minutes and seconds, `2:05`, with hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
