"""How commands end: their exit codes, which error ends in which, and what `communique batch` says.

0   everything done                     5   budget reached
1   a bug of ours                       6   journal or output can't be read or written
2   usage, configuration or input       7   another run holds the journal
3   finished, some documents failed     8   answers are pending at the provider (batch --no-wait)
4   stopped early: no retry mends it  130   interrupted (SIGINT)
                                      143   terminated (SIGTERM)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from communique import errors
from communique.cli.terminal import notice, same_ids_line, write_json

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


def tell(said: BaseException | str, code: int, *, as_json: bool, name: str = "") -> int:
    """Write an error to standard error, as one line or as one JSON object; return the exit code.

    Args:
        said: The error.
        code: Its exit code.
        as_json: Whether `--json` was given.
        name: Of the document, where others were read.
    """
    if not as_json:
        about = "" if not name or name in str(said) else f"{name}: "
        notice(f"communique: {about}{' '.join(str(said).split())}")
        return code
    error = {"message": " ".join(str(said).split()), "exit_code": code} | ({"document": name} if name else {})
    if isinstance(said, errors.CommuniqueError):
        error |= {"type": type(said).__name__, "reason": said.reason, "message": said.message, "hint": said.hint}
    print(json.dumps({"error": error}), file=sys.stderr)  # noqa: T201
    return code


def report_ending(report: Report, output: Path, *, as_json: bool = False) -> int:
    """Say how a batch ended, in one line or as JSON on standard output; return the exit code."""
    from communique.batch.export import manifest_path
    from communique.batch.outcome import counted_reasons

    code = _code(report)
    ending, tally, partial = report.ending, report.tally, report.counts.get("partial", 0)
    if ending.cause is not None:
        tell(ending.cause, code, as_json=as_json)
    if as_json:
        found: dict[str, Any] = {"output": str(output), "exit_code": code}
        found |= {"done": report.done, "failed": report.failed, "left": report.left, "all_seen": tally.all_seen}
        found |= {"already": tally.already, "records": tally.records, "lost": tally.lost, "cost": report.cost}
        found |= {"reasons": dict(tally.reasons), "pending": report.pending, "same_ids": list(report.same_ids)}
        found["outside"] = report.outside
        write_json(json.dumps(found, ensure_ascii=False))
        return code
    if tally.lost:
        notice(f"communique: {tally.lost} answers were paid for and could not be stored")
    if report.pending:
        notice(f"communique: {report.pending}")
    if report.outside:
        notice(
            f"communique: {report.outside:,} earlier results are not in the output, since their documents are not among"
            " the inputs"
        )
    if report.same_ids:
        notice(f"communique: {same_ids_line(report.same_ids)}")
    parts = [
        f"done {report.done:,}{f' ({partial:,} partial)' if partial else ''}",
        f"failed {report.failed:,}",
        f"left {report.left:,}{'' if tally.all_seen else '+'}",
    ]
    if tally.already:
        parts.append(f"already done {tally.already:,}")
    if report.cost is not None:
        parts.append(f"${report.cost:,.4f}")
    line = ", ".join(parts) + (f" ({counted_reasons(tally.reasons)})" if tally.reasons else "")
    again = ending.cause is not None or ending.signal or report.left
    where = f"{output}; failures: {manifest_path(output)}" if report.failed else output
    notice(f"{line} — {'resume with the same command' if again else where}")
    return code


def _code(report: Report) -> int:
    ending = report.ending
    if ending.signal:
        return INTERRUPTED if ending.signal == 2 else TERMINATED
    if ending.cause is not None:
        return exit_code_of(ending.cause)
    if report.pending:
        return PENDING
    return SOME_FAILED if report.failed or report.left or report.tally.reasons else OK
