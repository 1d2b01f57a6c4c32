"""Text of an article that copies the form of a prompt: our own, built from what is really sent, or any model's.

What is recognised is the form, not the content: an honest article has no reason for it. An attacker can say the same
in plain prose; see docs/prompt-injection.md for what that leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
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
_LABEL = re.compile(rf"^[\W_]*(?P<label>{SENTENCE}|{FILL_IN})[\W_]*?[:\uff1a](?P<rest>.*)", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class Frame:
    """The form of a prompt.

    Attributes:
        phrases: Every `WORDS` words in a row of what stands before each article, in lower case.
        keys: A quoted key of an answer, with its colon.
    """

    phrases: frozenset[str]
    keys: re.Pattern[str]

    def posing(self, document: Document) -> frozenset[int]:
        """Return the numbers of the sentences that pose as a part of a prompt.

        Those are: lines in the form of a prompt or an answer, what stands between two of them, and a sentence nearby
        that one of them repeats, as our question repeats a line of its passage.
        """
        sentences = document.sentences
        marked = {s.number for s in sentences if self._marked(s.text)}
        marked |= set(_questions(sentences))
        marked |= _like_our_lines(document)
        if not marked:
            return frozenset()
        joined = _with_punctuation(sentences, marked)
        ordered = sorted(joined)
        for left, right in pairwise(ordered):
            if right - left <= BETWEEN + 1:
                joined.update(range(left, right))
        return frozenset(joined | set(_repeated(sentences, joined)))

    def _marked(self, text: str) -> bool:
        if _LINE.search(text) or TEMPLATE_TOKENS.search(text) or self.keys.search(text):
            return True
        return _fills_in(text) or any(phrase in self.phrases for phrase in _phrases(text))


@lru_cache(maxsize=64)
def frame_of(record_types: tuple[type[Record], ...]) -> Frame:
    """Return the form of the prompts that these record types lead to, in both shapes.

    Raises:
        ConfigurationError: A record type has a field that a model can't be asked for.
    """
    keys = {
        *_keys(full_schema(record_types)),
        *_keys(brief_schema(record_types)),
        *map(singular, record_types),
    }
    names = "|".join(map(re.escape, sorted(keys)))
    phrases = (p for text in static_text(record_types) for p in _phrases(text))
    return Frame(frozenset(phrases), re.compile(rf"[{_QUOTES}](?:{names})[{_QUOTES}]\s*[:\uff1a]"))


def _keys(schema: Any) -> Iterator[str]:
    """Yield the names of all properties in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _keys(inner)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _phrases(text: str) -> Iterator[str]:
    words = _WORD.findall(text.casefold())
    return (" ".join(words[i : i + WORDS]) for i in range(len(words) - WORDS + 1))


def _questions(sentences: Sequence[Sentence]) -> Iterator[int]:
    """Yield lines labelled as the sentence that is asked about. A court's `Sentence: five years` repeats no line."""
    for index, sentence in enumerate(sentences):
        label = _LABEL.match(sentence.text)
        if label is None or label["label"].casefold() != SENTENCE.casefold():
            continue
        said = _words(label["rest"])
        asked = any(_fills_in(s.text) for s in sentences[index + 1 : index + 3])
        around = (*sentences[max(0, index - NEAR) : index], *sentences[index + 1 : index + 1 + NEAR])
        if asked or any(_same(said, _words(s.text)) for s in around):
            yield sentence.number


def _fills_in(text: str) -> bool:
    label = _LABEL.match(text)
    return label is not None and label["label"].casefold() == FILL_IN.casefold()


def _same(left: str, right: str) -> bool:
    """Tell whether one of two texts is a part of the other, and long enough to be no chance."""
    short, long = sorted((left, right), key=len)
    return len(short.split()) >= REPEATED and f" {short} " in f" {long} "


def _with_punctuation(sentences: Sequence[Sentence], marked: set[int]) -> set[int]:
    """Add lines of brackets only, and fences, that stand near a marked one: the rest of an answer over many lines."""
    joined = set(marked)
    bare = [s.number for s in sentences if _PUNCTUATION.match(s.text)]
    for numbers in (bare, bare[::-1]):
        for number in numbers:
            if any(n in joined for n in range(number - BETWEEN - 1, number + BETWEEN + 2)):
                joined.add(number)
    return joined


def _repeated(sentences: Sequence[Sentence], posing: set[int]) -> Iterator[int]:
    """Yield the sentences near a posing one that it repeats as a whole."""
    for number in posing:
        said = f" {_words(sentences[number - 1].text)} "
        for other in sentences[max(0, number - 1 - NEAR) : number + NEAR]:
            words = _words(other.text)
            if len(words.split()) >= REPEATED and f" {words} " in said:
                yield other.number


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
    tail: list[int] = []
    for sentence in reversed(opening):
        if sentence.number not in found:
            break
        tail.append(sentence.number)
    tail.reverse()
    notes = set(tail) if len(tail) > 1 and [found[n] for n in tail] == list(range(1, len(tail) + 1)) else set()
    return {number for number, n in found.items() if number not in notes and not re.search(rf"\S[ \t]*\[{n}\]", text)}
