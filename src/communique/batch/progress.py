"""Progress: what a run has done so far, and a line about it on a terminal."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from communique.batch.limits import Limits
from communique.batch.outcome import Outcome, counted_reasons


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
    started: float = 0.0

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

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self.started

    @property
    def rate(self) -> float:
        """Documents a second in this run."""
        return (self.done + self.failed) / max(self.elapsed, 0.001)


def status_line(tally: Tally, limits: Limits) -> str:
    """Return what a run has done: counts, records, tokens, cost, rate, time left and so far, failures, what it waits for."""
    used = limits.budget.used
    parts = [
        f"done {tally.already + tally.done:,}",
        f"failed {tally.failed + tally.skipped:,}{f' ({counted_reasons(tally.reasons, 3)})' * bool(tally.reasons)}",
        f"left {tally.left:,}{'' if tally.all_seen else '+'}",
        f"records {tally.records:,}",
        f"tokens {used.input_tokens:,} in {used.output_tokens:,} out",
    ]
    if limits.budget.price is not None:
        parts.append(f"${limits.budget.cost:,.2f}")
    parts.append(f"{tally.rate:.1f}/s" if tally.rate >= 0.1 else f"{tally.rate * 60:.1f}/min")
    parts.append(f"{duration(tally.elapsed)} so far")
    if tally.all_seen and tally.rate > 0 and tally.left:
        parts.append(f"{duration(tally.left / tally.rate)} left")
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
