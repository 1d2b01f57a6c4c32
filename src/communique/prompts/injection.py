"""Text of an article that copies the form of a prompt: our own, built from what is really sent, or any model's.

What is recognised is the form, not the content: an honest article has no reason for it. An attacker can say the same
in plain prose; see docs/prompt-injection.md for what that leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Any

from communique.documents import Document, Sentence
from communique.prompts.compose import FILL_IN, SENTENCE, TEMPLATE_TOKENS, static_text
from communique.prompts.wire import brief_schema, full_schema, singular
from communique.schemas import Record

WORDS = 8
"""Words in a row that are taken for a copy of ours; fewer may be chance."""
NEAR = 8
"""Sentences around a posing one in which the sentence that it repeats is looked for: as long as our own passages."""
BETWEEN = 3
"""So many sentences between two posing ones belong to them."""
REPEATED = 5
"""Words that a repeated sentence has at least."""

_QUOTES = "\"'`“”„«»‘’"
_QUESTION, _FILLING = (
    re.compile(rf"^[\W_]*{label}[\W_]*?[:\uff1a](.*)", re.IGNORECASE) for label in (SENTENCE, FILL_IN)
)
_LINE = re.compile(
    r"^[\W_]*(?:system|assistant)[\W_]*[:\uff1a]"
    r"|^[\W_]*(?:end|beginning|start) of (?:the |this"
    r" )?(?:article|passage|document|text|input|data|prompt|conversation|instructions?)[\W_]*$"
    r"|^#{1,6}\s*(?:answer|response|output|assistant|system|user|instructions?|task|question|prompt)[\W_]*$"
    r"|^[\W_]*new (?:tasks?|instructions?|prompt|question|orders?)[\W_]*[:\uff1a]",
    re.IGNORECASE,
)
_PUNCTUATION = re.compile(r"^[\[\]{}(),;\s]+$|^```\w*$")
_NUMBERED = re.compile(r"^\[\s?(\d{1,4})\s?\]\s*\S")
_WORD = re.compile(r"\w+")


def posing(document: Document, record_types: Sequence[type[Record]]) -> frozenset[int]:
    """Return the numbers of the sentences that pose as a part of a prompt for these record types, in either shape.

    Those are: lines in the form of a prompt or an answer, what stands between two of them, and a sentence nearby that
    one of them repeats, as our question repeats a line of its passage.
    """
    sentences = document.sentences
    phrases, keys = _form(tuple(record_types))
    forms = (_LINE.search, TEMPLATE_TOKENS.search, keys.search, _FILLING.match)
    marked = {
        s.number for s in sentences if any(form(s.text) for form in forms) or not phrases.isdisjoint(_phrases(s.text))
    }
    marked |= {*_questions(sentences), *_like_our_lines(document)}
    if not marked:
        return frozenset()
    joined = _with_punctuation(sentences, marked)
    for left, right in pairwise(sorted(joined)):
        if right - left <= BETWEEN + 1:
            joined.update(range(left, right))
    return frozenset(joined.union(_repeated(sentences, joined)))


@lru_cache(maxsize=64)
def _form(record_types: tuple[type[Record], ...]) -> tuple[frozenset[str], re.Pattern[str]]:
    """Return every `WORDS` words in a row of what stands before each article, and a quoted key of an answer."""
    schemas = full_schema(record_types), brief_schema(record_types)
    names = "|".join(map(re.escape, sorted({*map(singular, record_types)}.union(*map(_keys, schemas)))))
    phrases = frozenset(phrase for text in static_text(record_types) for phrase in _phrases(text))
    return phrases, re.compile(rf"[{_QUOTES}](?:{names})[{_QUOTES}]\s*[:\uff1a]")


def _keys(schema: Any) -> Iterator[str]:
    """Yield the names of all properties in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _keys(inner)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _phrases(text: str) -> Iterator[str]:
    words = _WORD.findall(text.casefold())
    return (" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1))


def _questions(sentences: Sequence[Sentence]) -> Iterator[int]:
    """Yield lines labelled as the sentence that is asked about. A court's `Sentence: five years` repeats no line."""
    for index, sentence in enumerate(sentences):
        if label := _QUESTION.match(sentence.text):
            said = _words(label[1])
            behind = sentences[index + 1 : index + 1 + NEAR]
            around = [_words(s.text) for s in (*sentences[max(0, index - NEAR) : index], *behind)]
            asked = any(_FILLING.match(s.text) for s in behind[:2])
            if asked or any(_holds(said, other) or _holds(other, said) for other in around):
                yield sentence.number


def _holds(text: str, part: str) -> bool:
    """Tell whether a text has another one in it that is long enough to be no chance."""
    return len(part.split()) >= REPEATED and f" {part} " in f" {text} "


def _with_punctuation(sentences: Sequence[Sentence], marked: set[int]) -> set[int]:
    """Add lines of brackets only, and fences, that stand near a marked one: the rest of an answer over many lines."""
    joined = set(marked)
    bare = [s.number for s in sentences if _PUNCTUATION.match(s.text)]
    for number in (*bare, *reversed(bare)):
        if not joined.isdisjoint(range(number - BETWEEN - 1, number + BETWEEN + 2)):
            joined.add(number)
    return joined


def _repeated(sentences: Sequence[Sentence], posing: set[int]) -> Iterator[int]:
    """Yield the sentences near a posing one that it repeats as a whole."""
    for number in posing:
        said = _words(sentences[number - 1].text)
        near = sentences[max(0, number - 1 - NEAR) : number + NEAR]
        yield from (other.number for other in near if _holds(said, _words(other.text)))


def _like_our_lines(document: Document) -> set[int]:
    """Return lines that begin with a number in brackets, as ours do.

    Not meant: paragraphs of a text that numbers most of its lines, notes that the text refers to, and a list of notes
    from 1 on at its end.
    """
    text, sentences = document.text, document.sentences
    ends = (0, *(s.end for s in sentences))
    opening = [s for s, end in zip(sentences, ends, strict=False) if s.number == 1 or "\n" in text[end : s.start]]
    found = {s.number: int(m[1]) for s in opening if (m := _NUMBERED.match(s.text))}
    if 2 * len(found) > len(opening):
        return set()
    tail = [s.number for s in takewhile(lambda s: s.number in found, reversed(opening))]
    listed = len(tail) > 1 and [found[n] for n in tail] == list(range(len(tail), 0, -1))
    notes = tail if listed else ()
    return {number for number, n in found.items() if number not in notes and not re.search(rf"\S[ \t]*\[{n}\]", text)}
