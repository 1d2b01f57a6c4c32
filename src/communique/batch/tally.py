"""Tally: what a run has done so far. It moves only when the journal has it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from communique.batch.outcome import Outcome


@dataclass(slots=True)
class Tally:
    """Counts of one run.

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
