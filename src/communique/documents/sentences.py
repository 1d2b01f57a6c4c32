"""Lossless sentence numbering, the unit of evidence, and windows: stretches of sentences that fit a model's context.

`text[s.start:s.end] == s.text` for every sentence, sentences ascend and don't overlap, and between them there is only
white space. sentencex splits a line (it knows 300 languages); a newline always ends a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sentencex import segment  # pyright: ignore[reportAttributeAccessIssue] - its compiled part

from communique.documents.sentence_ends import CLOSED, ENDS, FULL_STOPS, mended
from communique.languages import Lexicon, words_of
from communique.languages import language as language_of

SPLITTER = "sentencex/line-3"  # name and version of the rule, part of the configuration's fingerprint

MAX_SENTENCE = 2000  # code points; a longer stretch is cut at white space

SentenceKind = Literal["body", "heading", "link"]

_LINE = re.compile(r"[^\n\x85\u2028\u2029]+")
_ENDING = re.compile(f"[{ENDS},]{CLOSED}")
_FULL_STOP = re.compile(f"[{FULL_STOPS}]{CLOSED}")
_HEADING_WORDS = 18
_UNMARKED = re.compile("[\u0e00-\u0eff]")  # Thai and Lao: no spaces between words, no signs at the end of a sentence
_UNMARKED_WORD = 4  # code points of a word in them
_LINK_BEGINS = 60  # code points in which the words that make a line a link must stand
_BULLETS = re.compile(r"^[\W_]+")
_LABEL_ENDS = re.compile(r"\s*[:|：｜]|\W*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A numbered stretch of text, `document.text[start:end]`: half-open offsets of code points, numbers from 1.

    A `heading` or a `link` can't be the only evidence.
    """

    number: int
    start: int
    end: int
    text: str
    kind: SentenceKind = "body"


def number_sentences(text: str, language: str = "en") -> tuple[Sentence, ...]:
    """Number the sentences of a clean text; `language` is an ISO 639-1 code."""
    found: list[Sentence] = []
    lines = list(_LINE.finditer(text))
    for line in lines:
        spans = list(_split(line.group(), line.start(), language))
        kind = _kind(line.group(), language, alone=len(spans) == 1, only=len(lines) == 1)
        for start, end in spans:
            found.append(Sentence(len(found) + 1, start, end, text[start:end], kind))
            kind = "body"  # behind a link
    return tuple(found)


def _split(line: str, offset: int, language: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    for piece in segment(language, line) if len(line) < 200_000 else [line]:  # joined, the pieces are the line
        if core := piece.strip():
            start = at + piece.index(core)
            spans.append((start, start + len(core)))
        at += len(piece)
    return [(offset + s, offset + e) for a, b in mended(line, spans, language) for s, e in _cut(line, a, b)]


def _cut(line: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces = []
    while end - start > MAX_SENTENCE:
        at = max(line.rfind(" ", start, start + MAX_SENTENCE), line.rfind("\t", start, start + MAX_SENTENCE))
        at = at if at > start else start + MAX_SENTENCE
        piece = line[start:at].rstrip()
        pieces.append((start, start + len(piece)))
        start = at + len(line[at:end]) - len(line[at:end].lstrip())
    if start < end:
        pieces.append((start, end))
    return pieces


def _kind(line: str, language: str, *, alone: bool, only: bool) -> SentenceKind:
    stripped = line.strip()
    if len(stripped) < 300 and _is_link(stripped, language, alone=alone):
        return "link"
    if (
        alone
        and not only
        and not _ENDING.search(stripped)
        and len(stripped.split()) + len(_UNMARKED.findall(stripped)) // _UNMARKED_WORD <= _HEADING_WORDS
        and len(stripped) < 150
    ):
        return "heading"
    return "body"


def _is_link(line: str, language: str, *, alone: bool) -> bool:
    """Tell whether a line begins as one that points to another article, in its language or in English.

    An article's own sentences may begin so, too. They end with a full stop, and no colon follows the words.
    """
    words = words_of(line[:_LINK_BEGINS])
    said = [word for word, _, _ in words]
    bare = _BULLETS.sub("", line)
    unended = alone and not _FULL_STOP.search(line)
    for spaced, plain in map(_links, {language, "en"}):
        for name, hits in spaced.scan(said).items():
            enough = name == "link" and unended
            if any(first == 0 and (enough or _LABEL_ENDS.match(line, words[end - 1][2])) for first, end in hits):
                return True
        if any(bare.startswith(p) and (unended or _LABEL_ENDS.match(bare, len(p.rstrip(":：")))) for p in plain):
            return True
    return False


@cache
def _links(language: str) -> tuple[Lexicon, tuple[str, ...]]:
    """Return the beginnings of links, with those that need a colon behind them as `label`; those of unspaced languages."""
    known = language_of(language)
    phrases = known.lists.get("link", ()) if known else ()
    if known and not known.spaces:
        return Lexicon({}), phrases
    labels = {p for p in phrases if p.endswith(":")}
    return Lexicon({"label": labels, "link": [p for p in phrases if p not in labels]}), ()


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sentences that is read in one call; their numbers stay those of the document."""

    sentences: tuple[Sentence, ...]

    def halves(self) -> tuple[Window, Window] | None:
        """Split in two with one sentence of overlap, or None for a window of fewer than two sentences."""
        if len(self.sentences) < 2:
            return None
        middle = len(self.sentences) // 2
        overlap = 1 if len(self.sentences) > 3 else 0
        return Window(self.sentences[: middle + overlap]), Window(self.sentences[middle:])


def windows(sentences: Sequence[Sentence], *, max_chars: int, overlap: int = 2) -> tuple[Window, ...]:
    """Cut a document's sentences into windows of at most `max_chars` code points, or of one longer sentence.

    Each repeats the last `overlap` sentences of the one before.
    """
    found: list[Window] = []
    start = 0
    while start < len(sentences):
        end, size = start, 0
        while end < len(sentences) and (end == start or size + len(sentences[end].text) <= max_chars):
            size += len(sentences[end].text) + 8
            end += 1
        found.append(Window(tuple(sentences[start:end])))
        if end >= len(sentences):
            break
        start = max(end - overlap, start + 1)
    return tuple(found)
