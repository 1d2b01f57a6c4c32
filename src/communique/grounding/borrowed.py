"""A record most of whose values stand in other sentences is not what the cited ones state."""

from __future__ import annotations

from collections.abc import Sequence

from communique.documents import Sentence
from communique.schemas import Allegation, Check, Meeting, Record, SanctionsConcern

_OURS = (Meeting, Allegation, SanctionsConcern)
"""Their rules know more: who may be named elsewhere, and which words stand for them."""
_HELD = frozenset({"in_cited_sentence", "alias_in_cited_sentence", "number_in_evidence"})
_ELSEWHERE = frozenset(
    {"not_in_cited_sentence", "number_not_in_evidence", "date_not_in_evidence", "not_in_article"}
)


def borrowed_check(record: Record, checks: Sequence[Check], cited: Sequence[Sentence]) -> Check | None:
    """Check that the cited sentences hold at least as many of a record's values as they lack.

    Rejects: "The first trains are to run in 2027" as a contract whose buyer, winner and sum other sentences name.

    Args:
        record: The draft, of a type of one's own.
        checks: What was said of its values.
        cited: Its evidence.
    """
    held = sum(c.outcome == "passed" and c.reason in _HELD for c in checks)
    lacking = [c.field for c in checks if c.outcome == "failed" and c.reason in _ELSEWHERE]
    if isinstance(record, _OURS) or len(lacking) <= held:
        return None
    return Check(
        field="record",
        outcome="failed",
        reason="mostly_not_in_evidence",
        detail=f"the cited sentences hold {held} of its values, and not {', '.join(lacking)}",
        sentences=tuple(s.number for s in cited),
    )
