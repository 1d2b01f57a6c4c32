"""What `communique batch` says at its end, and its exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from communique.cli.notices import notice, same_ids_line

if TYPE_CHECKING:
    from communique.batch import Report


def told(report: Report, output: Path) -> int:
    """Say in one line how a batch ended; return the exit code."""
    from communique.cli import exit_codes

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
        return exit_codes.INTERRUPTED if ending.signal == 2 else exit_codes.TERMINATED
    if ending.cause is not None:
        return exit_codes.exit_code_of(ending.cause)
    if report.pending:
        return exit_codes.PENDING
    return exit_codes.SOME_FAILED if report.failed or report.left else exit_codes.OK
