"""Text that poses as a prompt vouches for nothing: a check of ours in the form of one's own checks (`own_checks.py`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache

from communique.documents import Document
from communique.grounding.matching import bare, find
from communique.schemas import Actor, Check, Mentioned, Record, field_markers

REASON = "posed_as_prompt"
"""Evidence that lies only in such text; also the warning of a document that holds some."""
NAMED = "named_in_posed_text"
"""A name that stands only in such text, or all names of the record stand in it, too: as an answer for the model to copy."""


def posed_check(posing: Collection[int]) -> Callable[[Record, Document], Iterator[Check]]:
    """Return a check that flags records which rest on text that poses as a part of a prompt.

    Args:
        posing: Numbers of the sentences that do, as `communique.prompts.frame` finds them.
    """

    def posed_as_prompt(record: Record, document: Document) -> Iterator[Check]:
        if not posing:
            return
        numbers = tuple(e.sentence for e in record.evidence)
        if numbers and all(n in posing for n in numbers):
            yield Check(
                field="record",
                outcome="flagged",
                reason=REASON,
                detail="the cited text has the form of a question to a model, or of its answer",
                sentences=numbers,
            )
            return
        posed = "\n".join(s.text for s in document.sentences if s.number in posing)
        rest = "\n".join(s.text for s in document.sentences if s.number not in posing)
        names = [bare(name) for name in _names(record)]
        inside = [name for name in names if find(name, posed, document.language)]
        only = next((n for n in inside if not find(n, rest, document.language)), None)
        if only is not None or (names and len(inside) == len(names)):
            told = f"{only!r} stands only" if only is not None else "all names of this record stand"
            yield Check(
                field="record",
                outcome="flagged",
                reason=NAMED,
                detail=f"{told} in text that has the form of a question to a model, or of its answer",
                sentences=tuple(sorted(posing))[:8],
            )

    return posed_as_prompt


def _names(record: Record) -> Iterator[str]:
    """Yield the names that a record gives: actors, and copied names of an own record type."""
    for field in type(record).model_fields:
        value = getattr(record, field)
        for item in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(item, Actor):
                yield item.name
            elif isinstance(item, str) and item and field in _mentions(type(record)):
                yield item


@cache
def _mentions(kind: type[Record]) -> frozenset[str]:
    return frozenset(
        field
        for field in kind.model_fields
        if any(isinstance(m, Mentioned) for m in field_markers(kind, field))
    )
