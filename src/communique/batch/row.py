"""Row: a summary as the journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass

from communique.batch.export import summary_line
from communique.schemas import Usage, VerifiedSummary


@dataclass(frozen=True, slots=True)
class Row:
    """A summary as it is stored.

    Attributes:
        line: The JSON line.
        usage: Tokens.
        attempts: Requests.
        cut: Answers were cut off.
    """

    line: str
    usage: Usage
    attempts: int
    cut: bool

    @classmethod
    def of(cls, summary: VerifiedSummary) -> Row:
        """Write a summary down."""
        told = summary.provenance
        return cls(summary_line(summary), told.usage, told.attempts, "answer_cut_off" in told.warnings)
