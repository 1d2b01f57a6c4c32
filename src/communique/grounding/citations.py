"""Citations: the numbers exist, a heading or a link is never the only evidence, and code copies the words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communique.documents import Document, Sentence
from communique.schemas import Check, Evidence


def cite(numbers: Iterable[int], document: Document, field: str) -> tuple[tuple[Sentence, ...], list[Check]]:
    """Look up cited sentences.

    Args:
        numbers: As the draft gives them.
        document: The document.
        field: Path of the evidence field, for the checks.

    Returns:
        The sentences that may be cited, ascending, each once; and a check for each number that may not, or for a citation
        that holds nothing.
    """
    checks: list[Check] = []
    found: list[Sentence] = []
    for number in dict.fromkeys(numbers):
        if not 1 <= number <= len(document.sentences):
            checks.append(_failed(field, "no_such_sentence", f"there is no sentence {number}", number))
            continue
        sentence = document.sentence(number)
        if sentence.kind == "link":
            checks.append(
                _failed(field, "cites_link", f"sentence {number} is a link to another story", number)
            )
        else:
            found.append(sentence)
    if found and all(s.kind == "heading" for s in found):
        checks.append(
            _failed(field, "heading_only", "a heading is never the only evidence", *(s.number for s in found))
        )
        found = []
    if not found and not checks:
        checks.append(_failed(field, "no_evidence", "no sentence is cited"))
    return tuple(sorted(found, key=lambda s: s.number)), checks


def evidence_of(sentences: Sequence[Sentence], document: Document) -> tuple[Evidence, ...]:
    """Copy the words of cited sentences: `document.text[start:end] == exact`."""
    return tuple(
        Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end, page=document.page_of(s.start))
        for s in sentences
    )


def _failed(field: str, reason: str, detail: str, *sentences: int) -> Check:
    return Check(field=field, outcome="failed", reason=reason, detail=detail, sentences=sentences)
