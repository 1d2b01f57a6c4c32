"""Which sentences to ask about for which record types, found by code, so that a small model need not search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from communique.documents import Sentence
from communique.languages import lexicon, phrases_in
from communique.prompts.finding import is_new, signs, weights
from communique.schemas import Record
from communique.schemas.record_type import cue_pattern


def focuses(
    sentences: Sequence[Sentence], record_types: Sequence[type[Record]], language: str
) -> list[tuple[Sentence, tuple[type[Record], ...]]]:
    """Return the sentences worth asking about, each with the record types to ask for. Headings and links are not.

    A record type with weights (`communique.prompts.finding`) is asked about where it is likely, one with words of its
    own where a sentence has them, and any other everywhere.

    Args:
        sentences: All sentences of the document, in order.
        record_types: What is looked for.
        language: ISO 639-1 code.
    """
    found: list[tuple[Sentence, tuple[type[Record], ...]]] = []
    for sentence, shown in zip(sentences, signs(sentences, language), strict=True):
        if sentence.kind != "body":
            continue
        kinds = [kind for kind in record_types if _may_state(sentence.text, kind, language, shown)]
        concepts = {kind.concept for kind in kinds}
        asked = tuple(kind for kind in kinds if concepts.isdisjoint(_instead(kind)))
        if asked:
            found.append((sentence, asked))
    return found


def has_words(kind: type[Record], language: str) -> bool:
    """Tell whether a record type has words in a language: without any it is asked about everywhere."""
    known = lexicon(language)
    return kind.cues.get(language) is not None or (known is not None and kind.concept in known.names)


def _may_state(text: str, kind: type[Record], language: str, shown: Mapping[str, float]) -> bool:
    words = kind.cues.get(language)
    if words is not None:
        return cue_pattern(words).search(text) is not None
    if not has_words(kind, language):
        return True
    found = phrases_in(text, language)
    learned = weights().get(kind.concept)
    if learned is None or f"{kind.concept}_retold" in found:
        return is_new(found, kind.concept)
    return learned.probability(shown) >= learned.least


def _instead(kind: type[Record]) -> tuple[str, ...]:
    learned = weights().get(kind.concept)
    return learned.unless if learned is not None else ()
