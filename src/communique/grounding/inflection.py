"""Endings, by rule: which other forms of a word may stand for it, where the language inflects.

Nothing is ever rewritten.

A form is a stem with one of the language's endings (`[inflection]` in its folder). The stem is the word itself, or the
word without an ending of its own where at least four letters remain, with the sound changes that the language makes at
the end of a stem (`Helsinki`: `Helsingissä`, `Praga`: `Pradze`, `Павел`: `Павла`). A language without a folder gets a
plain rule: two letters at most may go, four may come.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from communique.languages import MARKS
from communique.languages import language as known
from communique.languages.schema import Inflection

BEGINNING = 3
"""Letters of a form by which it is looked up."""
_LEAST = 4
_LONGEST = 40
_GOES_ON = re.compile(rf"[\w{MARKS}]")
_LETTERS = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")
_PLAIN = re.compile(r"\w{0,4}")
_BLANKS = re.compile(r"\s{1,8}")


Stem = tuple[str, tuple[str, ...] | None]
"""What a form of a word begins with, and the endings that may come behind, in the order in which they are tried; None for up
to four letters of any kind."""


class Forms(NamedTuple):
    """All forms of some words.

    Attributes:
        words: The stems of each word, in the order in which they are tried.
        beginnings: The first three letters of each form of the first word, fewer where it has no more.
        stems: What a form of the first word begins with. An ending changes no first letter.
    """

    words: tuple[tuple[Stem, ...], ...]
    beginnings: tuple[str, ...]
    stems: tuple[str, ...]

    def end_in(self, text: str, at: int) -> int | None:
        """Return where the form of the words that begins at a place ends; None where none of them does."""
        first, *others = self.words
        end = _end_of_word(first, text, at)
        for stems in others:
            blanks = _BLANKS.match(text, end) if end is not None else None
            end = _end_of_word(stems, text, blanks.end()) if blanks else None
        return end


def _end_of_word(stems: tuple[Stem, ...], text: str, at: int) -> int | None:
    for letters, endings in stems:
        if not text.startswith(letters, at):
            continue
        behind = at + len(letters)
        plain = _PLAIN.match(text, behind) if endings is None else None
        for ending in (plain[0],) if plain else endings or ():
            if text.startswith(ending, behind) and not _GOES_ON.match(text, behind + len(ending)):
                return behind + len(ending)
    return None


@lru_cache(maxsize=4096)
def forms_of(words: str, language: str) -> Forms:
    """Return the words with any endings of their own language.

    Args:
        words: In lower case, typography folded.
        language: ISO 639-1 code.
    """
    found = known(language)
    table = found.inflection if found else None
    parts = tuple(tuple(_stems(word, table)) for word in words.split())
    stems = tuple(dict.fromkeys(letters for letters, _ in parts[0] if letters[0] == words[0]))
    return Forms(parts, tuple(dict.fromkeys(stem[:BEGINNING] for stem in stems)), stems)


def _stems(word: str, table: Inflection | None) -> Iterator[Stem]:
    """Yield the stems of a word: those of the whole word first, the longest first."""
    if not _LETTERS.fullmatch(word) or not 3 <= len(word) <= _LONGEST:
        yield word, ("",)
    elif table is None:
        yield (word, ("",)) if len(word) <= _LEAST else (word[: max(_LEAST, len(word) - 2)], None)
    else:
        for stem in _longest_first(_changed(word, table)) if table.whole else (word,):
            yield stem, _endings(table.whole)
        cut = {word[:at] for at in range(_LEAST, len(word) + 1) if word[at:] in table.stripped}
        for stem in _longest_first(form for begun in cut for form in _changed(begun, table)):
            yield stem, _endings(table.stripped)


def _changed(stem: str, table: Inflection) -> list[str]:
    """Return the stem, and what sound changes make of its end."""
    found = [stem]
    for expression, new in table.changes:
        changed = re.sub(expression, new, stem)
        if changed != stem and len(changed) >= 3:
            found.append(changed)
    return found


@lru_cache(maxsize=256)
def _endings(endings: tuple[str, ...]) -> tuple[str, ...]:
    return (*_longest_first(endings), "")


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(set(words), key=lambda w: (-len(w), w))
