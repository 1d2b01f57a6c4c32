"""Which sentences use the usual words for a record type, found by code, so that a small model need not search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communique.documents import Sentence
from communique.languages import lexicon, phrases_in
from communique.schemas import Record
from communique.schemas.record_type import cue_pattern


def kinds_of(sentence: Sentence, record_types: Iterable[type[Record]], language: str) -> tuple[type[Record], ...]:
    """Return the record types that a sentence may state: those whose words it has, or that have no words in its language.

    Headings and links may state none.
    """
    if sentence.kind != "body":
        return ()
    return tuple(kind for kind in record_types if _may_state(sentence.text, kind, language))


def has_words(kind: type[Record], language: str) -> bool:
    """Tell whether a record type has words in a language: without any it is asked about everywhere."""
    known = lexicon(language)
    return kind.cues.get(language) is not None or (known is not None and kind.concept in known.names)


def _may_state(text: str, kind: type[Record], language: str) -> bool:
    words = kind.cues.get(language)
    if words is not None:
        return cue_pattern(words).search(text) is not None
    if not has_words(kind, language):
        return True
    found = phrases_in(text, language)
    retold = found.get(f"{kind.concept}_retold", ())
    # "The talks covered grain" goes on about talks told before; "talks between", a longer phrase, says something new.
    return any(
        not any(start <= first and last <= end for start, end in retold) for first, last in found.get(kind.concept, ())
    )


def focuses(
    sentences: Sequence[Sentence], record_types: Sequence[type[Record]], language: str
) -> list[tuple[Sentence, tuple[type[Record], ...]]]:
    """Return the sentences worth asking about, each with the record types to ask for."""
    found = [(s, kinds_of(s, record_types, language)) for s in sentences]
    return [(s, kinds) for s, kinds in found if kinds]
