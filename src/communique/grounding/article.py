"""The article as the checks see it: built once a document, filled as it is needed, shared by all its drafts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from communique.documents import Document, Sentence
from communique.grounding.haystack import Haystack, Span, needle_of
from communique.grounding.hits import Hits, counting
from communique.grounding.matching import fold
from communique.languages import Language, lexicon, words_of
from communique.languages import language as known

CONTEXT = 2
"""Sentences before and after the evidence that count as its context: news names the speaker once and goes on with
"he"."""

STEM = 6
MOST = 100
"""Places of one name that are looked at."""
BESIDE = 25
"""Code points between a name and a description that belongs to it: "President of Chile, Gabriel Boric"."""

QUESTIONS = 3
"""Paragraphs that end as questions, from which on an article is an interview."""
QUESTION_MARKS = ("?", "？", "؟")

_QUOTES = frozenset('"“”„«»「」『』')

By = Literal["words", "form", "country"]


class Sides(NamedTuple):
    """Stretches of a sentence, half-open spans in code points of the document.

    Attributes:
        accuser: Where the accuser stands.
        accused: Where the accused stands.
        act: What they are accused of; empty where nothing marks it.
    """

    accuser: tuple[int, int]
    accused: tuple[int, int]
    act: tuple[int, int]


class Mention(NamedTuple):
    """A place of a name in the article.

    Attributes:
        start: Offset of the first code point.
        end: Offset behind the last.
        sentence: Number of the sentence.
        by: What was found.
    """

    start: int
    end: int
    sentence: int
    by: By


@lru_cache(maxsize=32)
def article_of(document: Document) -> Article:
    """Return the index of a document; the same one for all drafts about it."""
    return Article(document)


class Article:
    """A document with what was found in it so far.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.code = document.language
        self.known: Language | None = known(document.language)
        """What is known of its language; None where there is no folder."""
        self._lexicon = lexicon(document.language)
        self._hits: dict[str, Hits] = {}
        self._hits_of: dict[tuple[str, int], Hits] = {}
        self._spans: dict[str, tuple[Span, ...]] = {}
        self.mentions: dict[str, tuple[Mention, ...]] = {}
        """Mentions of the names that were looked for, by name; `countries` has those by a country's words, by code."""
        self.countries: dict[str, list[Mention]] = {}
        self.aliases: dict[str, tuple[str, ...]] = {}
        self.described_as: dict[str, frozenset[str]] = {}
        self.orders: dict[int, bool] = {}
        self.sides: dict[int, list[Sides]] = {}

    @cached_property
    def haystack(self) -> Haystack:
        """The text, to look for words in."""
        return Haystack(self.document.text, self.code)

    @cached_property
    def starts(self) -> list[int]:
        """Where the sentences begin, as offsets in code points."""
        return [s.start for s in self.document.sentences]

    @cached_property
    def paragraphs(self) -> tuple[int, ...]:
        """For each sentence, by number - 1, the number of its paragraph: a line end begins a new one."""
        found: list[int] = []
        text, at, paragraph = self.document.text, 0, 0
        for sentence in self.document.sentences:
            paragraph += "\n" in text[at : sentence.start]
            found.append(paragraph)
            at = sentence.end
        return tuple(found)

    @cached_property
    def common_words(self) -> frozenset[str]:
        """The words that it has in small letters."""
        return frozenset(w for w in self.document.text.split() if w.islower())

    @cached_property
    def is_interview(self) -> bool:
        """Whether it is told in questions and answers: several paragraphs end as questions do."""
        paragraphs = [p for p in self.document.text.split("\n") if p.strip()]
        asked = sum(p.rstrip().endswith(QUESTION_MARKS) for p in paragraphs)
        return asked >= QUESTIONS and asked * 6 >= len(paragraphs)

    def sentence_at(self, offset: int) -> int:
        """Return the number of the sentence that holds a code point, or the last one that begins before it."""
        return bisect_right(self.starts, offset) or 1

    def spans(self, words: str) -> tuple[Span, ...]:
        """Return where words are in the article: half-open spans in code points, at most a hundred."""
        found = self._spans.get(words)
        if found is None:
            found = self._spans[words] = tuple(self.haystack.find_all(needle_of(words), most=MOST))
        return found

    def has_list(self, name: str) -> bool:
        """Tell whether the article's language has a phrase list, so that its silence means something."""
        return self._lexicon is not None and name in self._lexicon.names

    def hits(self, number: int) -> Hits:
        """Return the phrases of all lists in a sentence, as spans in its text; lists without a hit are left out."""
        text = self.document.sentences[number - 1].text
        found = self._hits.get(text)
        return self.scan(text) if found is None else found

    def hits_of(self, name: str, number: int) -> Sequence[Span]:
        """Return the phrases of one list of which `hits` leaves nothing out; the others are not looked for."""
        text = self.document.sentences[number - 1].text
        found = self._hits.get(text, self._hits_of.get((name, number)))
        if found is None:
            found = self._lexicon.scan_text(text, name) if self._lexicon else {}
            self._hits_of[name, number] = found
        return found.get(name, ())

    def scan(self, text: str) -> Hits:
        """Return the same for any text of the article's language."""
        found = self._hits.get(text)
        if found is None:
            found = self._lexicon.scan_text(text) if self._lexicon else {}
            found = self._hits[text] = counting(found, text, self.known)
        return found

    def has(self, name: str, numbers: Iterable[int]) -> bool | None:
        """Tell whether a sentence has a phrase of a list; None where the language has no such list."""
        if not self.has_list(name):
            return None
        return any(name in hits for hits in map(self.hits, numbers))

    def first(self, name: str, numbers: Iterable[int]) -> tuple[int, str] | None:
        """Return the first phrase of a list in the sentences: (number of the sentence, its words as written)."""
        for number in numbers:
            for start, end in self.hits(number).get(name, ()):
                return number, self.document.sentences[number - 1].text[start:end]
        return None

    def descriptions(self, numbers: Iterable[int]) -> set[str]:
        """Return the stems of the descriptions in the sentences, such as "minis" for a minister."""
        told = ((s.text, self.hits(s.number).get("description", ())) for s in self.sentences(numbers))
        return {stem_of(text[start:end]) for text, spans in told for start, end in spans}

    def described(self, number: int, start: int, end: int) -> Iterator[str]:
        """Yield the stems of the descriptions that stand right beside a place in a sentence: "President" beside a name.

        Args:
            number: Number of the sentence.
            start: Offset of the place in the document.
            end: Offset behind it.
        """
        sentence = self.document.sentences[number - 1]
        for first, last in self.hits(number).get("description", ()):
            if last <= start - sentence.start <= last + BESIDE or first - BESIDE <= end - sentence.start <= first:
                yield stem_of(sentence.text[first:last])

    def begins_word(self, stems: Collection[str], number: int) -> bool:
        """Tell whether a word of a sentence begins with one of the stems.

        Without spaces, whether it is anywhere in it.
        """
        text = self.document.sentences[number - 1].text
        if self.known is not None and not self.known.spaces:
            return any(stem in text for stem in stems)
        starts = tuple(stems)
        return any(word.startswith(starts) for word, _, _ in words_of(text))

    def context(self, numbers: Collection[int]) -> frozenset[int]:
        """Return the sentences that are context of the cited ones: those around them, and their paragraphs."""
        near: set[int] = set()
        paragraphs = self.paragraphs
        for number in numbers:
            near.update(range(max(number - CONTEXT, 1), min(number + CONTEXT, len(paragraphs)) + 1))
            if 1 <= number <= len(paragraphs):
                near.update(_paragraph(paragraphs, number))
        return frozenset(near.difference(numbers))

    def sentences(self, numbers: Iterable[int]) -> Iterator[Sentence]:
        """Yield the sentences of those numbers that exist."""
        count = len(self.document.sentences)
        return (self.document.sentences[n - 1] for n in numbers if 1 <= n <= count)


def has_quotes(text: str) -> bool:
    """Tell whether quotation marks stand in a text."""
    return not _QUOTES.isdisjoint(text)


def stem_of(word: str) -> str:
    """Return the beginning of a word that its inflected forms share, folded."""
    return fold(word)[:STEM]


def _paragraph(paragraphs: Sequence[int], number: int, reach: int = 6) -> range:
    """Return the sentences of a sentence's paragraph, a few before and after it: some texts are one paragraph."""
    mine = paragraphs[number - 1]
    first = bisect_left(paragraphs, mine, max(0, number - 1 - reach), number)
    last = bisect_right(paragraphs, mine, first, min(len(paragraphs), number + reach))
    return range(first + 1, last + 1)
