"""Limits of a second opinion: the run's budget, and a pace and a breaker of its own, so that its faults stop no one else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from communique.batch.limits import Bounds, Limits
from communique.engine.second_opinion import SecondOpinion
from communique.errors import PermanentBackendError, RunStoppedError

OUTAGE = 60.0
"""Seconds that the server of a second opinion may be down before the run goes on without."""


class OpinionLimits(Limits):
    """Limits whose end is the end of the second opinion, not of the run."""

    async def admit(self, tokens: int) -> None:
        """Wait until a request may start.

        Raises:
            BudgetExceededError: The budget of the run does not cover it.
            PermanentBackendError: The second model was given up.
        """
        try:
            await super().admit(tokens)
        except RunStoppedError as error:
            raise PermanentBackendError("the second model was given up") from error


def beside(check: SecondOpinion | None, limits: Limits, bounds: Bounds) -> SecondOpinion | None:
    """Put a second opinion beside a run: under limits of its own, but within the same budget.

    Args:
        check: The second opinion, if there is one; a referee without a governor, such as a local one, stays as it is.
        limits: The run's.
        bounds: What the run may do; rates and concurrency hold for the second model, too.
    """
    referee: Any = check.referee if check is not None else None
    if hasattr(referee, "governor"):
        own = OpinionLimits(replace(bounds, outage=min(bounds.outage, OUTAGE)))
        own.budget = limits.budget
        referee.governor = own
    return check
