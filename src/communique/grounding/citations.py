"""Citations: the numbers exist, a link to another story is no evidence, and code copies the words."""

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
        The sentences that may be cited, ascending, each once; and a check for each number that may not.
    """
    checks: list[Check] = []
    found: list[Sentence] = []
    sentences = document.sentences
    for number in dict.fromkeys(numbers):
        if not 1 <= number <= len(sentences):
            checks.append(_left_out(field, "no_such_sentence", f"there is no sentence {number}", number))
        elif sentences[number - 1].kind == "link":
            checks.append(_left_out(field, "cites_link", f"sentence {number} links to another story", number))
        else:
            found.append(sentences[number - 1])
    if found and all(s.kind == "heading" for s in found):
        numbers = tuple(s.number for s in found)
        detail = "only headings are cited"
        checks.append(
            Check(field=field, outcome="unsupported", reason="heading_only", detail=detail, sentences=numbers)
        )
    return tuple(sorted(found, key=lambda s: s.number)), checks


def evidence_of(sentences: Sequence[Sentence], document: Document) -> tuple[Evidence, ...]:
    """Copy the words of cited sentences: `document.text[start:end] == exact`."""
    return tuple(
        Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end, page=document.page_of(s.start))
        for s in sentences
    )


def _left_out(field: str, reason: str, detail: str, number: int) -> Check:
    return Check(
        field=field,
        outcome="unsupported",
        reason=reason,
        detail=detail,
        sentences=(number,),
        change="left_out",
    )
