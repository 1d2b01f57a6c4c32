"""Progress: what a run has done so far, and a line about it on stderr, live on a terminal, now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

import anyio

from communique.batch.limits import Limits
from communique.batch.outcome import Outcome

LIVE_EVERY = 0.2
PLAIN_EVERY = 10.0


@dataclass(slots=True)
class Tally:
    """Counts of one run. They move only when the journal has it.

    Attributes:
        seen: Places in the input so far.
        all_seen: Whether the input has ended.
        already: Places whose document was done by an earlier run.
        done: Documents done by this run, partial ones included.
        failed: Documents that failed in this run.
        skipped: Inputs that could not be read.
        twins: Places whose document stood in the input before.
        reasons: Failures and skips by reason.
        lost: Answers that were paid for and could not be stored.
    """

    clock: Callable[[], float] = time.monotonic
    seen: int = 0
    all_seen: bool = False
    already: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    twins: int = 0
    lost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
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

    @property
    def left(self) -> int:
        """Places seen whose document is not done."""
        return max(self.seen - self.already - self.done - self.failed - self.skipped - self.twins, 0)

    @property
    def rate(self) -> float:
        """Documents a second in this run."""
        return (self.done + self.failed) / max(self.clock() - self.started, 0.001)


def status_line(tally: Tally, limits: Limits) -> str:
    """Return one line: done, failed, left, tokens, cost, rate, time left."""
    used = limits.budget.used
    parts = [
        f"done {tally.already + tally.done:,}",
        f"failed {tally.failed:,}",
        f"left {tally.left:,}{'' if tally.all_seen else '+'}",
        f"tokens {used.input_tokens:,} in {used.output_tokens:,} out",
    ]
    if limits.budget.price is not None:
        parts.append(f"${limits.budget.cost:,.2f}")
    parts.append(f"{tally.rate:.1f}/s" if tally.rate >= 0.1 else f"{tally.rate * 60:.1f}/min")
    if tally.all_seen and tally.rate > 0 and tally.left:
        parts.append(f"{_duration(tally.left / tally.rate)} left")
    if limits.breaker.open:
        parts.append("server failing, waiting")
    elif limits.concurrency.limit < limits.concurrency.most:
        parts.append(f"throttled to {int(limits.concurrency.limit)} at once")
    return "  ".join(parts)


async def show(tally: Tally, limits: Limits, stream: TextIO | None = None) -> None:
    """Show the progress until cancelled."""
    out: TextIO = stream or sys.stderr
    if out.isatty():
        await _live(tally, limits, out)
        return
    while True:
        await anyio.sleep(PLAIN_EVERY)
        print(status_line(tally, limits), file=stream, flush=True)


async def _live(tally: Tally, limits: Limits, stream: TextIO) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("dots")
    with Live(spinner, console=Console(file=stream), refresh_per_second=5, transient=True):
        while True:
            spinner.update(text=status_line(tally, limits))
            await anyio.sleep(LIVE_EVERY)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
