"""Mending: an answer is checked, the model is asked again about what fails, and its corrections are put in place."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from communique.backends import Completion
from communique.engine.plan import Question
from communique.engine.talk import Talk
from communique.errors import CommuniqueError
from communique.grounding import Verdict, verify
from communique.grounding.matching import fold
from communique.prompts import SENTINELS, Prompt, parse_answer, repair
from communique.schemas import Mentioned, Record, leaves

MAX_COMPLAINTS = 30
"""Failed checks that one repair names: a model that made hundreds of mistakes won't mend them all."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Said:
    """One item of an answer."""

    key: str  # that it stands under
    item: Any
    draft: Record | None  # the record that it is; None where it is none
    verdict: Verdict  # what the checks say of it
    turn: int  # which of the answers to its question it is from, from 0

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


def mend(question: Question, answer: Completion, talk: Talk) -> Generator[Prompt, Completion, list[list[Verdict]]]:
    """Check an answer, and have the model correct what fails.

    Returns:
        What the checks say of each item in the end, for each turn that it is from; through `StopIteration.value`.
    """
    said = [_checked(talk, key, item, 0) for key, item in _items(question, answer)]
    for turn in range(1, 1 + talk.plan.repair_rounds - answer.reasks):
        complaints = _complaints(said, talk, thorough=question.window is not None)
        if not complaints:
            break
        again = yield from talk.ask(repair(question.prompt, answer.text, complaints))
        if isinstance(again, CommuniqueError):
            talk.warnings.append("repair_failed")
            break
        told = [(s.key, s.item) for s in said]
        new = [pair for pair in _items(question, again) if pair not in told]
        said = _mended(said, [_checked(talk, *pair, turn) for pair in new])
        answer = again
    return [[s.verdict for s in said if s.turn == turn] for turn in sorted({s.turn for s in said})]


def _items(question: Question, answer: Completion) -> list[tuple[str, Any]]:
    return [(key, item) for key, items in question.read(answer.data).items() for item in items]


def _checked(talk: Talk, key: str, item: Any, turn: int) -> Said:
    draft = parse_answer({key: [item]}, talk.plan.records, talk.document.text)
    record = next((r for group in draft.records.values() for r in group), None)
    return Said(key, item, record, verify(draft, talk.document, SENTINELS, talk.policy), turn)


def _complaints(said: Iterable[Said], talk: Talk, *, thorough: bool) -> list[str]:
    """Return what asking again may mend, each with the item's place in the answer.

    What nobody asked for is rejected, and not worth a question; an answer that is all astray is. A small model is asked
    again only about records that are rejected: for a single field it seldom does better, and each question costs
    seconds.
    """
    asked = {kind.plural for kind in talk.plan.records} & {s.key for s in said}
    places: dict[str, int] = {}
    found: list[str] = []
    for s in said:
        index = places[s.key] = places.get(s.key, -1) + 1
        if (not asked or s.key in asked) and (thorough or s.verdict.rejections):
            found += (_numbered(c, s.key, index) for c in s.verdict.complaints)
    more = len(found) - MAX_COMPLAINTS
    return [*found[:MAX_COMPLAINTS], f"and {more} more of this kind"] if more > 0 else found


def _numbered(complaint: str, key: str, index: int) -> str:
    """Return the complaint with the item's place in the answer; of what is no record the checks know only the key."""
    told = complaint.removeprefix(key).removeprefix("[0]")
    return f"{key}[{index}]{told}" if complaint.startswith(key) and told[0] in ".:" else complaint


def _mended(said: Sequence[Said], new: Sequence[Said]) -> list[Said]:
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
