"""Which sentences to ask about for which record types, found by code, so that a small model need not search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from communique.documents import Sentence
from communique.languages import language as known
from communique.languages import lexicon, phrases_in
from communique.prompts.finding import Likelihood, is_new, is_sport, signs, weights
from communique.schemas import STANDARD_RECORDS, Allegation, Record
from communique.schemas.record_type import cue_pattern

FEW = 3
"""An article with fewer sentences worth asking about may be about something else: none of them is sure."""


LEAD = 5
"""Sentences of an article's beginning that are asked about in a language without lists of words.

Of 396 required records of 132 articles in languages with lists, 36 % are stated in the first five sentences, which are a
fifth of all. What else there is to see without words (capitals, quotation marks, countries, length) finds no more.
"""


class Focus(NamedTuple):
    """A sentence worth asking about.

    Attributes:
        sentence: The sentence.
        kinds: The record types to ask for.
        sure: Those of them that it states for all that code can tell.
    """

    sentence: Sentence
    kinds: tuple[type[Record], ...]
    sure: tuple[type[Record], ...]


def focuses(sentences: Sequence[Sentence], record_types: Sequence[type[Record]], language: str) -> list[Focus]:
    """Return the sentences worth asking about. Headings and links are not.

    A record type with weights (`communique.prompts.finding`) is asked about where it is likely; in a language without
    lists of words, in the first `LEAD` sentences. One with words of its own is asked about where a sentence has them, and
    any other everywhere.

    Args:
        sentences: All sentences of the document, in order.
        record_types: What is looked for.
        language: ISO 639-1 code.
    """
    found: list[Focus] = []
    if is_sport(sentences, language):
        record_types = [kind for kind in record_types if kind not in STANDARD_RECORDS]
    body = [(s, shown) for s, shown in zip(sentences, signs(sentences, language), strict=True) if s.kind == "body"]
    for place, (sentence, shown) in enumerate(body):
        asked = [kind for kind in record_types if place < LEAD or not _only_at_first(kind, language)]
        likely = {kind: _likelihood(sentence.text, kind, language, shown) for kind in asked}
        concepts = {kind.concept for kind, how in likely.items() if how and kind in STANDARD_RECORDS}
        kinds = tuple(k for k, how in likely.items() if how and concepts.isdisjoint(_instead(k, language)))
        if kinds:
            found.append(Focus(sentence, kinds, tuple(kind for kind in kinds if likely[kind] == "sure")))
    return found if len(found) >= FEW else [focus._replace(sure=()) for focus in found]


def has_words(kind: type[Record], language: str) -> bool:
    """Tell whether a record type has words in a language, which say where to ask about it."""
    lists = lexicon(language)
    return kind.cues.get(language) is not None or (lists is not None and kind.concept in lists.names)


def _only_at_first(kind: type[Record], language: str) -> bool:
    return kind in STANDARD_RECORDS and not has_words(kind, language)


def _likelihood(text: str, kind: type[Record], language: str, shown: Mapping[str, float]) -> Likelihood:
    words = kind.cues.get(language)
    if words is not None:
        return "likely" if cue_pattern(words).search(text) else ""
    if not has_words(kind, language):
        return "likely"
    found = phrases_in(text, language)
    learned = weights().get(kind.concept)
    if learned is None or f"{kind.concept}_retold" in found:
        return "likely" if is_new(found, kind.concept) else ""
    likelihood = learned.likelihood(shown)
    own = known(language)
    if likelihood and kind is Allegation and own is not None and own.accuses(found):
        # Of 30 such sentences that were asked about in 64 articles 29 state an allegation. The embedded model answered
        # null to five of them, each time wrongly.
        return "sure"
    # A type of one's own may mean some meetings only.
    return "likely" if likelihood == "sure" and kind not in STANDARD_RECORDS else likelihood


def _instead(kind: type[Record], language: str) -> tuple[str, ...]:
    """Return the lists of the record types in whose place this one isn't asked for; without words nothing tells them apart."""
    learned = weights().get(kind.concept)
    return learned.unless if learned and kind in STANDARD_RECORDS and has_words(kind, language) else ()
