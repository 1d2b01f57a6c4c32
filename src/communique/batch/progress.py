"""Progress on stderr: a live line on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

import anyio

from communique.batch.limits import Limits
from communique.batch.tally import Tally

LIVE_EVERY = 0.2
PLAIN_EVERY = 10.0


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
