"""Which sentences use the usual words for a record type, found by code, so that a small model need not search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communique.documents import Sentence
from communique.schemas import Record
from communique.schemas.cue_words import cue_pattern


def kinds_of(
    sentence: Sentence, record_types: Iterable[type[Record]], language: str
) -> tuple[type[Record], ...]:
    """Return the record types that a sentence may state: those whose words it has, or that have no words in its language.

    Headings and links may state none.
    """
    if sentence.kind != "body":
        return ()
    found = []
    for kind in record_types:
        words = kind.cues.get(language)
        retold = kind.retellings.get(language)
        text = cue_pattern(retold).sub(" ", sentence.text) if retold else sentence.text
        if words is None or cue_pattern(words).search(text):
            found.append(kind)
    return tuple(found)


def focuses(
    sentences: Sequence[Sentence], record_types: Sequence[type[Record]], language: str
) -> list[tuple[Sentence, tuple[type[Record], ...]]]:
    """Return the sentences worth asking about, each with the record types to ask for."""
    found = [(s, kinds_of(s, record_types, language)) for s in sentences]
    return [(s, kinds) for s, kinds in found if kinds]
