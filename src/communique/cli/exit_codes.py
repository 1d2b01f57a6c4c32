"""Exit codes of every command, and which error ends in which.

0   everything done                     5   budget reached
1   a bug of ours                       6   journal or output can't be read or written
2   usage, configuration or input       7   another run holds the journal
3   finished, some documents failed     8   answers lie with the provider (batch --no-wait)
4   stopped early: no retry mends it  130   interrupted (SIGINT)
                                      143   terminated (SIGTERM)
"""

from __future__ import annotations

from communique import errors

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
