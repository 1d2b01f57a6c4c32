"""A run over a journal: what is the same whether answers come at once or in the provider's batches."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from communique.backends import AsyncBackend
from communique.backends.retrying import RetryPolicy
from communique.batch.budget import Bounds, refuse_less
from communique.batch.export import check_writable, export, manifest_path
from communique.batch.fingerprint import signature
from communique.batch.journal import Journal
from communique.batch.journal_file import journal_path
from communique.batch.limits import Limits
from communique.batch.outcome import Outcome, Tally, failures
from communique.documents.readers import ReadOptions, expand
from communique.engine.events import Hooks, Stored
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, ConfigurationError, PermanentBackendError

REFUSED_AT_START = 5
OUTAGE = ("server_error", "timeout")
"""Reasons of failures that count for the breaker (see `Limits.settle`)."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What a batch does besides reading documents.

    Attributes:
        bounds: Limits on requests, tokens and money; as many documents as requests are in progress at the same time.
        read: How inputs are read.
        limit: Places of the input to read at most.
        grace: Seconds that documents in flight have after the first signal.
        signals: Listen to SIGINT, SIGTERM and SIGHUP (main thread only).
        retry_failed: Read failed documents again: "" for none, "all", or one reason.
        overwrite: Replace an output that has no journal.
        new_run: Accept a changed configuration.
        progress: Show progress on stderr.
        on_row: Called with each result once it is stored.
        hooks: Called with the events of every document; with `Stored` once a result is stored.
        judge: Another model that judges the records (`Plan.judge`); it is not closed.
        policy: How long requests are tried; the backend's own patience if None.
        full: Publish complete records, as the journal keeps them, instead of lean ones.

    Raises:
        ConfigurationError: A number is below 0, or no document fails for the reason.
    """

    bounds: Bounds = field(default_factory=Bounds)
    read: ReadOptions = field(default_factory=ReadOptions)
    limit: int | None = None
    grace: float = 30.0
    signals: bool = False
    retry_failed: str = ""
    overwrite: bool = False
    new_run: bool = False
    progress: bool = False
    on_row: Callable[[Outcome], None] | None = None
    hooks: Hooks | None = None
    judge: AsyncBackend | None = None
    policy: RetryPolicy | None = None
    full: bool = False

    def __post_init__(self) -> None:
        refuse_less(self, "limit", "grace", zero=True)
        known = failures()
        if self.retry_failed not in {"", "all", *known}:
            raise ConfigurationError(
                f"no document fails for the reason {self.retry_failed!r}", hint=f"one of {', '.join(sorted(known))}"
            )


@dataclass(frozen=True, slots=True)
class Ending:
    """What stopped a run early.

    Attributes:
        cause: The error, if any.
        signal: The signal, or 0.
    """

    cause: CommuniqueError | None = None
    signal: int = 0


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
        outside: Results of documents that are not in the input any more: kept in the journal, not in the output.
    """

    ending: Ending
    counts: dict[str, int]
    tally: Tally
    cost: float | None = None
    already_complete: bool = False
    pending: str = ""
    same_ids: tuple[str, ...] = ()
    outside: int = 0

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
    """One run over a journal. `inputs` is None if the caller opens the documents."""

    def __init__(
        self, inputs: Sequence[str] | None, output: Path, plan: Plan, settings: BatchSettings, journal: Journal
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.plan = plan
        self.tally = Tally()
        self.refused: list[bytes] | None = []  # the first documents, as long as their requests were all refused
        self._failing: list[bytes] = []  # documents that failed for the server's sake since the last answer
        self._mark = "" if inputs is None else signature(inputs, settings.read)
        self._output = output
        if settings.retry_failed:
            reason = None if settings.retry_failed == "all" else settings.retry_failed
            journal.forget(reason=reason, places=settings.limit)
        self.limits = Limits(settings.bounds, journal.spent(), journal.spent("provider_spent"))

    def finished_before(self) -> Report | None:
        """Return the report of a run with nothing left to do; else None, and the journal is marked as not complete."""
        journal = self.journal
        if self._mark and journal.meta("complete") == self._mark:
            counts = journal.counts()
            if not (counts.get("left") or (self.settings.retry_failed and counts.get("skipped"))):
                self.tally.already, self.tally.all_seen = sum(counts.values()), True
                return replace(self._published(Ending(), counts), already_complete=True)
        journal.set_meta(complete="", exported="", seen="")
        return None

    def stored(self, outcomes: Sequence[Outcome], tally: Tally) -> None:
        """Count results that are safe, and tell hooks and caller of them."""
        settings = self.settings
        for o in outcomes:
            tally.stored(o)
            if settings.hooks is not None:
                settings.hooks.tell(Stored(o.id, 0, o.state, o.reason, o.usage, o.cost, o.attempts, o.seconds))
            if settings.on_row is not None:
                settings.on_row(o)

    def watch(self, outcome: Outcome) -> CommuniqueError | None:
        """Keep what may fail for the server's sake; return an error once the first requests are all refused."""
        if outcome.reason in OUTAGE:
            self._failing.append(outcome.key)
        elif outcome.state != "failed":
            self._failing.clear()
        if outcome.reason != "bad_request" or self.refused is None:
            self.refused = None
            return None
        self.refused.append(outcome.key)
        if len(self.refused) < REFUSED_AT_START:
            return None
        return PermanentBackendError(
            f"the server refuses every request: {outcome.detail}", hint="check --model and --base-url"
        )

    def input_ended(self, count: int) -> None:
        """Drop what the journal has behind the end of the input, which had so many places."""
        if self.settings.limit is None or self.journal.moved:
            self.journal.end_input(count)

    def report(self, ending: Ending, pending: str = "") -> Report:
        """Publish what is there. Where that fails after the run was stopped, the report says why it was stopped."""
        journal, unlimited = self.journal, self.settings.limit is None
        in_vain = [*(self.refused or ()), *(self._failing if self.limits.breaker.open else ())]
        try:
            if in_vain and ending != Ending():
                journal.forget(keys=in_vain)
            counts = journal.counts()
            if self.tally.all_seen:
                whole = unlimited and ending == Ending() and not counts.get("left")
                journal.set_meta(complete=self._mark if whole else "", seen="all" if unlimited else "limit")
            return replace(self._published(ending, counts), pending=pending)
        except CommuniqueError:
            if ending.cause is None:
                raise
            return Report(ending, {}, self.tally, self.limits.budget.cost, pending=pending)

    def _published(self, ending: Ending, counts: dict[str, int]) -> Report:
        """Export, unless the files are as the last export left them."""
        journal = self.journal
        self.tally.reasons = Counter(journal.reasons())
        if journal.meta("exported") != self._stamp():
            export(journal, self._output, self.plan.records, full=self.settings.full)
            with suppress(CommuniqueError):
                journal.set_meta(exported=self._stamp())
        return Report(
            ending, counts, self.tally, self.limits.budget.cost, same_ids=journal.same_ids(), outside=journal.outside()
        )

    def _stamp(self) -> str:
        stamps = ["full" if self.settings.full else "lean"]
        for path in (self._output, manifest_path(self._output)):
            try:
                stat = path.stat()
                stamps.append(f"{stat.st_size}:{stat.st_mtime_ns}")
            except OSError:
                stamps.append("")
        return " ".join(stamps)


def reading_beside(output: Path, options: ReadOptions) -> ReadOptions:
    """Return options that leave out what a batch itself writes, where that stands among the inputs."""
    return options.leaving_out(output, manifest_path(output)).leaving_out(journal_path(output), more="*")


def check_output(output: Path, inputs: Sequence[str], *, overwrite: bool) -> None:
    """Refuse, before anything is paid for, an output that is not ours, can't be written, or is an input."""
    check_writable(output)
    ours = journal_path(output).exists()
    if output.exists() and not ours and not overwrite:
        raise ConfigurationError(f"{output} exists and has no journal", hint="choose another output, or --overwrite")
    files = inputs if ours else [name for each in inputs for name, _ in expand(each)]
    for path in (path for path in (output, manifest_path(output)) if path.exists()):
        read = {os.path.realpath(name) for name in files}
        if os.path.realpath(path) in read and not (ours and len(read) > 1):
            raise ConfigurationError(f"{path} would be written over the article", hint="choose another output")
