"""How commands end: their exit codes, which error ends in which, and what `communique batch` says.

0   everything done                     5   budget reached
1   a bug of ours                       6   journal or output can't be read or written
2   usage, configuration or input       7   another run holds the journal
3   finished, some documents failed     8   answers are pending at the provider (batch --no-wait)
4   stopped early: no retry mends it  130   interrupted (SIGINT)
                                      143   terminated (SIGTERM)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from communique import errors
from communique.cli.terminal import notice, same_ids_line

if TYPE_CHECKING:
    from communique.batch import Report

OK = 0
BUG = 1
USAGE = 2
SOME_FAILED = 3
STOPPED = 4
BUDGET = 5
STORAGE = 6
LOCKED = 7
PENDING = 8
INTERRUPTED = 130
TERMINATED = 143

_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.ConfigurationError, USAGE),
    (errors.DocumentError, USAGE),
    (errors.PermanentBackendError, STOPPED),
    (errors.BackendError, SOME_FAILED),
    (errors.ResponseError, SOME_FAILED),
    (errors.BudgetExceededError, BUDGET),
    (errors.JournalLockedError, LOCKED),
    (errors.JournalMismatchError, USAGE),
    (errors.JournalError, STORAGE),
    (errors.OutputError, STORAGE),
    (errors.CommuniqueError, USAGE),
    (KeyboardInterrupt, INTERRUPTED),
)
"""First match wins: the narrower class stands before its base."""


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an error; 1 for one that is not ours."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)


def report_ending(report: Report, output: Path) -> int:
    """Say in one line how a batch ended; return the exit code."""
    ending, tally = report.ending, report.tally
    if ending.cause is not None:
        notice(f"communique: {ending.cause}")
    if tally.lost:
        notice(f"communique: {tally.lost} answers were paid for and could not be stored")
    if report.pending:
        notice(f"communique: {report.pending}")
    if report.same_ids:
        notice(f"communique: {same_ids_line(report.same_ids)}")
    parts = [
        f"done {report.done:,}",
        f"failed {report.failed:,}",
        f"left {report.left:,}{'' if tally.all_seen or report.already_complete else '+'}",
    ]
    if tally.already or report.already_complete:
        parts.append(f"already done {report.done + report.failed if report.already_complete else tally.already:,}")
    if report.cost is not None:
        parts.append(f"${report.cost:,.4f}")
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(tally.reasons.items()))
    line = ", ".join(parts) + (f" ({reasons})" if reasons else "")
    again = ending.cause is not None or ending.signal or report.left
    notice(f"{line} — {'resume with the same command' if again else output}")
    if ending.signal:
        return INTERRUPTED if ending.signal == 2 else TERMINATED
    if ending.cause is not None:
        return exit_code_of(ending.cause)
    if report.pending:
        return PENDING
    return SOME_FAILED if report.failed or report.left else OK
