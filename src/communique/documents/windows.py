"""Windows over a long document: stretches of sentences that fit a model's context, with overlap.

Numbers stay global.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from communique.documents.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sentences that is read in one call."""

    sentences: tuple[Sentence, ...]

    @property
    def first(self) -> int:
        """Number of the first sentence."""
        return self.sentences[0].number

    @property
    def last(self) -> int:
        """Number of the last sentence."""
        return self.sentences[-1].number

    def halves(self) -> tuple[Window, Window] | None:
        """Split in two with one sentence of overlap, or None for a window of fewer than two sentences."""
        if len(self.sentences) < 2:
            return None
        middle = len(self.sentences) // 2
        overlap = 1 if len(self.sentences) > 3 else 0
        return Window(self.sentences[: middle + overlap]), Window(self.sentences[middle:])


def windows(sentences: Sequence[Sentence], *, max_chars: int, overlap: int = 2) -> tuple[Window, ...]:
    """Cut sentences into windows of at most `max_chars` code points.

    Args:
        sentences: All sentences of a document.
        max_chars: Bound on the sum of the sentences' lengths; a single longer sentence is a window of its own.
        overlap: Sentences that the next window repeats.
    """
    found: list[Window] = []
    start = 0
    while start < len(sentences):
        end, size = start, 0
        while end < len(sentences) and (end == start or size + len(sentences[end].text) <= max_chars):
            size += len(sentences[end].text) + 8
            end += 1
        found.append(Window(tuple(sentences[start:end])))
        if end >= len(sentences):
            break
        start = max(end - overlap, start + 1)
    return tuple(found)
