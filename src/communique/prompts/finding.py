"""Which sentences to ask about for which record types, found by code, and which others are shown beside them.

So a small model need not search. In every language that has phrase lists, a linear model over these lists tells how
likely a sentence states a record. Its weights are in `finding.toml`, one table for each list of a record type;
`benchmarks/finding.py` learns them. The model sees which lists have a hit in the sentence and in its neighbours, and how
much of the article is about such things. It sees no words, so that what it learns in one language holds for the others.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from communique.documents import Sentence
from communique.languages import language as known
from communique.languages import lexicon, phrases_in
from communique.schemas import STANDARD_RECORDS, Allegation, Meeting, Record
from communique.schemas.record_type import cue_pattern

IN_SENTENCE = (
    "meeting", "meeting_retold", "accusation", "sanctions", "denial", "not_denial", "negation", "doubt", "strong_doubt",
    "planned", "past", "cancelled", "call", "sport", "opinion", "imposed", "proposed", "refused", "eased", "breach",
    "pronoun", "both", "description", "collective", "reporting", "anticipation", "blanket", "again",
)  # fmt: skip
"""Lists whose hits in the sentence count."""
BESIDE = ("meeting", "accusation", "sanctions", "denial", "doubt", "reporting", "sport", "planned")
"""Lists whose hits in the sentence before and in the one behind count."""
AROUND = ("meeting", "accusation", "sanctions", "sport", "denial", "reporting", "imposed", "breach")
"""Lists of which it counts how many other sentences of the article have a hit."""
_TOGETHER = (
    ("accusation", "reporting"), ("accusation", "denial"), ("meeting", "planned"), ("meeting", "past"),
    ("sanctions", "imposed"),
)  # fmt: skip
SPORT = 0.15
"""Share of the sentences of an article on sport that have words of it: .22 and .25 in two such, .11 at most in others."""
FEW = 3
"""An article with fewer sentences worth asking about may be about something else: none of them is sure."""
LEAD = 5
"""Sentences of an article's beginning that are asked about in a language without lists of words.

Of 396 required records of 132 articles in languages with lists, 36 % are stated in the first five sentences, which are a
fifth of all. What else there is to see without words (capitals, quotation marks, countries, length) finds no more.
"""
CONTEXT_BEFORE, CONTEXT_AFTER = 2, 2
PASSAGE = 9
"""Sentences of a passage at most. Up to there the passages of neighbours begin alike, and a local model evaluates only what
is added."""

STRETCH = 40
"""Sentences that a model trained for our question sees: an article, or a stretch of a long one. The next one repeats
`CONTEXT_BEFORE`."""
STRETCH_CHARS = 12_000
"""Code points of it: some 5,000 tokens where a token is short, which leave room in the local model's 8,192."""
AHEAD = 8
"""Sentences of an article's beginning that are always shown: who is only described there is named a few sentences later."""
_QUOTES = frozenset('"“”„«»「」')
_LATE, _LONG, _MANY_CAPITALS = 20, 400, 8
_WEIGHTS = files("communique.prompts") / "finding.toml"

Likelihood = Literal["", "likely", "sure"]
"""Whether to ask about a sentence, and whether it states a record for all that code can tell."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What is known of one kind of record."""

    least: float  # probability from which on a sentence is asked about
    sure: float  # probability from which on "nothing" is no answer: a small model says it of plain statements, too
    unless: tuple[str, ...]  # phrase lists of record types; where one of these is asked for, this one is not
    bias: float  # logit of a sentence without any sign
    weights: Mapping[str, float]  # what each sign adds to the logit

    def probability(self, signs: Mapping[str, float]) -> float:
        """Return how likely a sentence with these signs states such a record."""
        logit = self.bias + sum(self.weights.get(name, 0.0) * value for name, value in signs.items())
        return 1 / (1 + math.exp(-logit))

    def likelihood(self, signs: Mapping[str, float]) -> Likelihood:
        """Return how far a sentence with these signs is worth a question."""
        probability = self.probability(signs)
        if probability < self.least:
            return ""
        return "sure" if probability >= self.sure else "likely"


@cache
def finding_digest() -> str:
    """Return the first 16 hex digits of the SHA-256 of the weights: other weights ask elsewhere."""
    return hashlib.sha256(_WEIGHTS.read_bytes()).hexdigest()[:16]


@cache
def weights() -> Mapping[str, Weights]:
    """Return the weights by the phrase list of the record type: `meeting`, `accusation`, `sanctions`."""
    table = tomllib.loads(_WEIGHTS.read_text("utf-8"))
    return {name: Weights(**told | {"unless": tuple(told["unless"])}) for name, told in table.items()}


def signs(sentences: Sequence[Sentence], language: str) -> Iterator[dict[str, float]]:
    """Yield the signs of each sentence of a document by name, without those that are 0; headings and links show nothing."""
    hits = [_lists(s, language) for s in sentences]
    count = max(1, sum(s.kind == "body" for s in sentences))
    totals = {name: sum(name in found for found in hits) for name in AROUND}
    for index, sentence in enumerate(sentences):
        mine = hits[index]
        found = {f"has {name}": 1.0 for name in (*IN_SENTENCE, "accusing verb", "new meeting") if name in mine}
        found |= {f"has {a}, {b}": 1.0 for a, b in _TOGETHER if a in mine and b in mine}
        for where, other in (("before", index - 1), ("behind", index + 1)):
            near = hits[other] if 0 <= other < len(hits) else frozenset[str]()
            found |= {f"{where} {name}": 1.0 for name in BESIDE if name in near}
        found |= {f"share {n}": math.sqrt((total - (n in mine)) / count) for n, total in totals.items()}
        found |= _shape(sentence.text, index)
        if not mine:
            found["no hit"] = 1.0
        yield {name: value for name, value in found.items() if value}


def _lists(sentence: Sentence, language: str) -> frozenset[str]:
    """Return the names of the lists with a hit, and what follows from several of them."""
    if sentence.kind != "body":
        return frozenset()
    found = phrases_in(sentence.text, language)
    names = set(found)
    if any(name.startswith(("verb ", "passive ")) for name in found):
        names.add("accusing verb")
    if _is_new(found, "meeting"):
        names.add("new meeting")
    return frozenset(names)


def _is_new(found: Mapping[str, Sequence[tuple[int, int]]], concept: str) -> bool:
    """Tell whether a hit takes up nothing told before: "The talks covered grain" does, "talks between" says something new."""
    retold = found.get(f"{concept}_retold", ())
    return any(
        not any(start <= first and last <= end for start, end in retold) for first, last in found.get(concept, ())
    )


def _is_sport(sentences: Sequence[Sentence], language: str) -> bool:
    """Tell whether an article is about sport: more sentences have words of it than words of our records, and many have."""
    hits = [_lists(s, language) for s in sentences if s.kind == "body"]
    sport, *ours = (sum(name in found for found in hits) for name in ("sport", "meeting", "accusation", "sanctions"))
    return sport >= SPORT * len(hits) and sport > max(ours) and bool(sport)


def _shape(text: str, index: int) -> dict[str, float]:
    capitals = sum(word[:1].isupper() for word in text.split()[1:])
    return {
        "first": float(index == 0),
        "late": min(index, _LATE) / _LATE,
        "length": min(len(text), _LONG) / _LONG,
        "quotation": float(not _QUOTES.isdisjoint(text)),
        "digit": float(any(c.isdigit() for c in text)),
        "capitals": min(capitals, _MANY_CAPITALS) / _MANY_CAPITALS,
    }


class Focus(NamedTuple):
    """A sentence worth asking about, the record types to ask for, and those that it states for all that code can tell."""

    sentence: Sentence
    kinds: tuple[type[Record], ...]
    sure: tuple[type[Record], ...]


def focuses(sentences: Sequence[Sentence], record_types: Sequence[type[Record]], language: str) -> list[Focus]:
    """Return the sentences of a document that are worth asking about. Headings and links are not.

    A record type with weights is asked about where it is likely; in a language without lists of words, in the first
    `LEAD` sentences. One with words of its own is asked about where a sentence has them, and any other everywhere.
    """
    found: list[Focus] = []
    if _is_sport(sentences, language):
        record_types = [kind for kind in record_types if kind not in STANDARD_RECORDS]
    body = [(s, shown) for s, shown in zip(sentences, signs(sentences, language), strict=True) if s.kind == "body"]
    later = [kind for kind in record_types if kind not in STANDARD_RECORDS or has_words(kind, language)]
    for place, (sentence, shown) in enumerate(body):
        asked = record_types if place < LEAD else later
        likely = {kind: how for kind in asked if (how := _likelihood(sentence.text, kind, language, shown))}
        concepts = {kind.concept for kind in likely if kind in STANDARD_RECORDS}
        kinds = tuple(kind for kind in likely if concepts.isdisjoint(_instead(kind, language)))
        if kinds:
            found.append(Focus(sentence, kinds, tuple(kind for kind in kinds if likely[kind] == "sure")))
    return found if len(found) >= FEW else [focus._replace(sure=()) for focus in found]


def has_words(kind: type[Record], language: str) -> bool:
    """Tell whether a record type has words in a language, which say where to ask about it."""
    lists = lexicon(language)
    return kind.cues.get(language) is not None or (lists is not None and kind.concept in lists.names)


def _likelihood(text: str, kind: type[Record], language: str, shown: Mapping[str, float]) -> Likelihood:
    words = kind.cues.get(language)
    if words is not None:
        return "likely" if cue_pattern(words).search(text) else ""
    if not has_words(kind, language):
        return "likely"
    found = phrases_in(text, language)
    learned = weights().get(kind.concept)
    if learned is None or f"{kind.concept}_retold" in found:
        return "likely" if _is_new(found, kind.concept) else ""
    likelihood = learned.likelihood(shown)
    own = known(language)
    if likelihood and kind is Allegation and own is not None and own.accuses(found):
        # Of 30 such sentences that were asked about in 64 articles 29 state an allegation. The embedded model answered
        # null to five of them, each time wrongly.
        return "sure"
    # A type of one's own may mean some meetings only.
    return "likely" if likelihood == "sure" and kind not in STANDARD_RECORDS else likelihood


def _instead(kind: type[Record], language: str) -> tuple[str, ...]:
    """Return the lists of record types in whose place this one isn't asked for; without words nothing tells them apart."""
    learned = weights().get(kind.concept)
    return learned.unless if learned and kind in STANDARD_RECORDS and has_words(kind, language) else ()


def passages(sentences: Sequence[Sentence], asked: Sequence[Sentence]) -> list[tuple[Sentence, ...]]:
    """Return for each sentence that is asked about its passage: two neighbours before it, or more, and two behind it.

    The next one goes on with the passage of the one before as long as it stays short. Link lines are left out.
    """
    body, place = _body(sentences)
    found: list[tuple[Sentence, ...]] = []
    start = -PASSAGE
    for sentence in asked:
        at = place[sentence.number]
        end = at + 1 + CONTEXT_AFTER
        if end - start > PASSAGE:
            start = max(0, at - CONTEXT_BEFORE)
        found.append(tuple(body[start:end]))
    return found


def stretches(sentences: Sequence[Sentence], asked: Sequence[Focus], language: str) -> list[tuple[Sentence, ...]]:
    """Return for each sentence that is asked about the article down to it, or the stretch of a long article.

    The first `AHEAD` sentences are always shown, and where an accusation or a concern is asked about, a denial in one of the
    next two sentences. So nearly every stretch goes on with the one before, and a local model evaluates each sentence once.
    Link lines are left out.
    """
    body, place = _body(sentences)
    found: list[tuple[Sentence, ...]] = []
    start = 0
    for focus in asked:
        at = place[focus.sentence.number]
        end = at + 1
        if any(kind is not Meeting for kind in focus.kinds):
            behind = enumerate(body[end : end + CONTEXT_AFTER], end + 1)
            end = next((after for after, s in behind if "denial" in _lists(s, language)), end)
        ahead = min(AHEAD, len(body))
        if end < ahead and _chars(body[start:ahead]) <= STRETCH_CHARS:
            end = ahead
        if end - start > STRETCH or _chars(body[start:end]) > STRETCH_CHARS:
            start = max(0, at - CONTEXT_BEFORE)
        found.append(tuple(body[start:end]))
    return found


def _body(sentences: Sequence[Sentence]) -> tuple[list[Sentence], dict[int, int]]:
    """Return the sentences that can be shown, and the place of each among them by its number."""
    body = [s for s in sentences if s.kind != "link"]
    return body, {s.number: at for at, s in enumerate(body)}


def _chars(sentences: Sequence[Sentence]) -> int:
    return sum(len(s.text) for s in sentences)
