"""Mending: which item of a second answer corrects which one of the first."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from communique.grounding import Verdict
from communique.grounding.matching import fold
from communique.schemas import Mentioned, Record, leaves

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Said:
    """One item of an answer.

    Attributes:
        key: The key that it stands under.
        item: What was said.
        draft: The record that it is; None where it is none.
        verdict: What the checks say of it.
        turn: Which of the answers to its question it is from, from 0.
    """

    key: str
    item: Any
    draft: Record | None
    verdict: Verdict
    turn: int = 0

    @cached_property
    def worth(self) -> tuple[int, int]:
        """How good it is: rejected, flagged or supported; and the fewer flags the better."""
        flags = sum(c.severity == "flag" for r in self.verdict.records for c in r.checks)
        return max((1 + (r.verdict != "flagged") for r in self.verdict.records), default=0), -flags

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of it."""
        return _words(json.dumps(self.item, ensure_ascii=False, default=str))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words of its names; every word of what is no record, or has no names."""
        found = [str(leaf.value) for leaf in leaves(self.draft, marked=Mentioned)] if self.draft else []
        return _words(" ".join(found)) if found else self.words

    @cached_property
    def sentences(self) -> frozenset[int]:
        """The numbers of the sentences that it cites."""
        return frozenset(e.sentence for e in self.draft.evidence) if self.draft else frozenset()

    def likeness(self, other: Said) -> int:
        """Return how many sentences, names and words it shares with another item; 0 if that can't be its twin.

        The twin of one that can be kept shares a sentence and a name.
        """
        if self.key != other.key:
            return 0
        sentences, names = len(self.sentences & other.sentences), len(self.names & other.names)
        twin = (sentences and names) if self.verdict.records else (sentences or names)
        return sentences + names + len(self.words & other.words) if twin else 0


def mended(said: Sequence[Said], new: Sequence[Said]) -> list[Said]:
    """Return what was said, with what the next answer corrects in place of what was wrong.

    A wrong item is replaced by the new one that is most like it, unless that one is worse. One without a mended twin
    stays, to be rejected with its reason. What else is new stands behind, with its turn: a record that was fine and is
    told anew is merged, as one of another answer is.
    """
    pairs: list[tuple[int, int, int]] = []
    for number, item in enumerate(new):
        twins = [(like, place, number) for place, old in enumerate(said) if (like := old.likeness(item))]
        wrong = [pair for pair in twins if said[pair[1]].verdict.complaints]
        if wrong and max(wrong)[0] == max(twins)[0]:  # else it tells anew what was fine
            pairs += wrong
    result, settled, gone = list(said), set[int](), set[int]()
    for _, place, number in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        item, old = new[number], said[place]
        if place in settled or number in gone:
            continue
        settled.add(place)
        if item.worth >= old.worth:
            result[place] = replace(item, turn=old.turn)
            gone.add(number)
        elif item.verdict.records:
            gone.add(number)
    return [*result, *(item for number, item in enumerate(new) if number not in gone)]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))
