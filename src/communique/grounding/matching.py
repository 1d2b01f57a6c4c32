"""Compare words: typography and case don't matter, nor do articles before names, nor endings where a language inflects.

Folding maps each code point to exactly one, so that offsets in the folded text are offsets in the text. The text is
never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from communique.languages import LETTERS, MARKS, UNSPACED
from communique.languages import language as known
from communique.languages.schema import Inflection

_FOLD = tuple(
    (char, plain)
    for chars, plain in (
        ("‘’‚‛′`´ʼ", "'"),
        ("“”„‟″«»「」『』", '"'),
        ("‐‑‒–—―−", "-"),
        ("\u00a0\u2002\u2003\u2009\u202f\u3000\n\t\r", " "),
        ("ё", "е"),
        ("Ё", "Е"),
    )
    for char in chars
)
_FOLDED = re.compile("[" + "".join(char for char, _ in _FOLD) + "]")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Digits, letters and signs of full width, as Japanese and Chinese have them: １１月７日."""
_WIDE_SIGN = re.compile("[\uff01-\uff5e]")
_POSSESSIVE = re.compile(r"'s$|(?<=s)'$")


BEGINNING = 3
"""Letters of a form by which it is looked up."""
_LEAST = 4
_LONGEST = 40
_GOES_ON = re.compile(rf"[\w{MARKS}]")
_LETTERS = re.compile(LETTERS)
_PLAIN = re.compile(r"\w{0,4}")
_BLANKS = re.compile(r"\s{1,8}")
Stem = tuple[str, tuple[str, ...] | None]
"""What a form of a word begins with, and the endings that may come behind, in the order in which they are tried; None for up
to four letters of any kind."""


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """Fold typography and case, one code point for one."""
    for char, plain in _FOLD if _FOLDED.search(text) else ():  # much faster than str.translate on curly quotes
        if char in text:
            text = text.replace(char, plain)
    if _WIDE_SIGN.search(text):
        text = text.translate(_WIDE)
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow in lower case: leave those as they are
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return lowered


def unaccented(text: str) -> str:
    """Return folded text without the accents of Latin letters, one code point for one: `états` gives `etats`."""
    return text if text.isascii() else "".join(map(_base_of, text))


@lru_cache(maxsize=1024)
def _base_of(char: str) -> str:
    apart = unicodedata.normalize("NFD", char)
    return apart[0] if len(apart) > 1 and apart[0].isascii() else char


@lru_cache(maxsize=4096)
def without_article(name: str, language: str = "en") -> str:
    """Return the name without an article of its own language (or English) before it and without a possessive `'s`.

    `the U.S.` gives `U.S.`; `El Salvador` in an English article stays. It is a second form to look for, never what is
    kept: `Los Angeles County` in a Spanish article must be found as it is.
    """
    stripped = name.strip().replace("’", "'")
    stripped = _POSSESSIVE.sub("", stripped) if "'" in stripped else stripped
    first, _, rest = stripped.partition(" ")
    if rest and first.lower() in _articles(language):
        return rest.strip()
    mark = stripped.find("'")
    if 0 < mark <= 2 and stripped[: mark + 1].lower() in _articles(language):
        return stripped[mark + 1 :]
    return stripped or name


@lru_cache(maxsize=64)
def _articles(language: str) -> frozenset[str]:
    own, english = known(language), known("en")
    return frozenset({*(own.articles if own else ()), *(english.articles if english else ("the", "a", "an"))})


@lru_cache(maxsize=4096)
def name_key(name: str, language: str = "en") -> str:
    """Return the form that names are compared by: folded, composed, without article and possessive."""
    return unicodedata.normalize("NFC", " ".join(fold(without_article(name, language)).split()))


def is_unspaced(text: str) -> bool:
    """Tell whether words in it are not parted by spaces."""
    return bool(UNSPACED.search(text))


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
    """Return the words with any endings of their own language (`[inflection]` in its folder). Nothing is rewritten.

    The stem is the word itself, or the word without an ending of its own where at least four letters remain, with the
    sound changes that the language makes at the end of a stem (`Helsinki`: `Helsingissä`, `Praga`: `Pradze`, `Павел`:
    `Павла`). A language without a folder gets a plain rule: two letters at most may go, four may come.

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
