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

    A record type with weights (`communique.prompts.finding`) is asked about where it is likely, one with words of its
    own where a sentence has them, and any other everywhere.

    Args:
        sentences: All sentences of the document, in order.
        record_types: What is looked for.
        language: ISO 639-1 code.
    """
    found: list[Focus] = []
    if is_sport(sentences, language):
        record_types = [kind for kind in record_types if kind not in STANDARD_RECORDS]
    for sentence, shown in zip(sentences, signs(sentences, language), strict=True):
        if sentence.kind != "body":
            continue
        likely = {kind: _likelihood(sentence.text, kind, language, shown) for kind in record_types}
        concepts = {kind.concept for kind, how in likely.items() if how and kind in STANDARD_RECORDS}
        kinds = tuple(kind for kind, how in likely.items() if how and concepts.isdisjoint(_instead(kind)))
        if kinds:
            found.append(Focus(sentence, kinds, tuple(kind for kind in kinds if likely[kind] == "sure")))
    return found if len(found) >= FEW else [focus._replace(sure=()) for focus in found]


def has_words(kind: type[Record], language: str) -> bool:
    """Tell whether a record type has words in a language: without any it is asked about everywhere."""
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
        return "likely" if is_new(found, kind.concept) else ""
    likelihood = learned.likelihood(shown)
    own = known(language)
    if likelihood and kind is Allegation and own is not None and own.accuses(found):
        # Of 30 such sentences that were asked about in 64 articles 29 state an allegation. The embedded model answered
        # null to five of them, each time wrongly.
        return "sure"
    # A type of one's own may mean some meetings only.
    return "likely" if likelihood == "sure" and kind not in STANDARD_RECORDS else likelihood


def _instead(kind: type[Record]) -> tuple[str, ...]:
    learned = weights().get(kind.concept)
    return learned.unless if learned is not None and kind in STANDARD_RECORDS else ()
