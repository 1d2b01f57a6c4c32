"""An article cut at the borders of its evidence, so that a page can light a sentence without counting code points."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from communique.schemas import Evidence

Stretch = tuple[str, tuple[int, ...]]
"""A piece of text and the numbers of the sentences that it belongs to."""


def stretches(text: str, evidence: Iterable[Evidence]) -> list[Stretch]:
    """Cut a text into stretches; joined they are the text again.

    Args:
        text: The article.
        evidence: Sentences in it. One whose words don't stand at its offsets is looked for; if the text doesn't hold
            them, it is left unlit.
    """
    spans = sorted({span for e in evidence if (span := _span(text, e))})
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    found: list[Stretch] = []
    first = 0
    for start, end in itertools.pairwise(cuts):
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        numbers = tuple(
            dict.fromkeys(n for s, e, n in spans[first:] if s <= start and end <= e) if first < len(spans) else ()
        )
        found.append((text[start:end], numbers))
    return found


def only_evidence(evidence: Iterable[Evidence]) -> list[Stretch]:
    """Return the evidence alone, in text order, each sentence once, with an ellipsis where text is missing."""
    found: list[Stretch] = []
    end = 0
    for start, _, number, item in sorted({(e.start, e.end, e.sentence, e.exact) for e in evidence}):
        if start > end:
            found.append((" … ", ()))
        elif found:
            found.append((" ", ()))
        found.append((item, (number,)))
        end = start + len(item) + 1
    return found


def _span(text: str, item: Evidence) -> tuple[int, int, int] | None:
    if not item.exact:
        return None
    if 0 <= item.start < item.end and text[item.start : item.end] == item.exact:
        return item.start, item.end, item.sentence
    at = text.find(item.exact)
    return (at, at + len(item.exact), item.sentence) if at >= 0 else None
