"""Evidence that poses as a prompt: a check of ours in the form of one's own checks (`own_checks.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from communique.documents import Document
from communique.schemas import Check, Record

REASON = "posed_as_prompt"
"""Reason of the check, and warning of a document that holds such text."""


def posed_check(posing: Collection[int]) -> Callable[[Record, Document], Iterator[Check]]:
    """Return a check that flags records whose evidence lies only in text that poses as a part of a prompt.

    Args:
        posing: Numbers of the sentences that do, as `communique.prompts.frame` finds them.
    """

    def posed_as_prompt(record: Record, _document: Document) -> Iterator[Check]:
        numbers = tuple(e.sentence for e in record.evidence)
        if numbers and all(n in posing for n in numbers):
            yield Check(
                field="record",
                outcome="flagged",
                reason=REASON,
                detail="the cited text has the form of a question to a model, or of its answer",
                sentences=numbers,
            )

    return posed_as_prompt
