"""Find copied words in a text: typography, accents' form and case don't matter, endings may differ where a language inflects."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from communique.grounding.matching import BEGINNING, fold, forms_of, unaccented
from communique.languages import UNSPACED
from communique.languages import language as known

_INITIALS = re.compile(r"(?<!\w)(?:\w\.\s?)+\w\.?(?!\w)|(?<!\w)\w\.(?!\w)")
_BEGINNING = re.compile(r"(?<!\w)\S")
_DOT_BELOW = "\u093c"
_DOTTED = tuple((unicodedata.normalize("NFD", char), char) for char in map(chr, range(0x958, 0x960)))
"""Letters of Devanagari with a dot below, which NFC takes apart, as two code points and as one."""
_ARTICLE, _TO = "ال", "ل"
"""The Arabic article, and the preposition that takes its first letter away: "للحوثيين" is to "الحوثيين"."""
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc-\u30ff]")
"""Without the dot between the parts of a name."""

Span = tuple[int, int]


def find(words: str, text: str, language: str = "en") -> Span | None:
    """Return the half-open span of the first place of `words` in `text`, whole words only, or None. See `find_all`.

    Example: `find("Kim’s plan", "… Kim's plan …")` is found; `find("Ewa Holt", "… Eva Holt …")` is not.
    """
    return next(iter(_haystack(text, language).find_all(needle_of(words), most=1)), None)


class Haystack:
    """A text to look for words in.

    Args:
        text: The text.
        language: ISO 639-1 code.
    """

    def __init__(self, text: str, language: str) -> None:
        self._text = fold(text)
        self._even = " ".join(self._text.split()) if "  " in self._text else self._text
        self._language, own = language, known(language)
        self._prefixes = own.prefixes if own else ()
        self._inflects = own is None or own.inflection is not None

    def may_hold(self, needles: Iterable[Needle]) -> list[Needle]:
        """Return those that are worth looking for: most of the words for a country are nowhere in the text."""
        even = self._even
        return [
            n
            for n in needles
            if n.text in even
            or n.initials
            or self._decomposes(n)
            or self._may_inflect(n)
            or any(v in even for v in n.variants)
            or (self._accented(n) and n.plain in self._plain)
        ]

    def _accented(self, needle: Needle) -> bool:
        """Tell whether the words or the text have accents, which editors leave off now and then: "Etats-Unis"."""
        return needle.plain is not needle.text or self._plain is not self._text

    def _may_inflect(self, needle: Needle) -> bool:
        """Tell whether a word of the text begins as a form of the words does."""
        if not self._inflects or needle.begun not in self._text:
            return False
        beginnings = forms_of(needle.text, self._language).beginnings
        return any(letters in self._places or len(letters) < BEGINNING for letters in beginnings)

    def _decomposes(self, needle: Needle) -> bool:
        """Tell whether the text may have the words with their accents written otherwise."""
        return bool(needle.forms) and not (needle.composed and self._composed)

    def find_all(self, needle: Needle, *, most: int) -> list[Span]:
        """Return the half-open spans of words, whole words only: first those as written, then others.

        Typography, case and the form of accents don't matter. Where the words are not there so: with runs of white
        space alike, and initials with or without dots ("U. S.", "U.S."). Where the language inflects, with its endings
        as well (`Teheran` finds `Teheranu`).

        Args:
            needle: What to look for.
            most: How many places are enough.
        """
        if not needle.text:
            return []
        found = _whole(needle.text, self._text, self._prefixes, most)
        if not found and self._decomposes(needle):
            found = next((f for n in needle.forms if (f := _whole(n, self._text, self._prefixes, most))), found)
        if not found and (needle.initials or (self._even is not self._text and needle.text in self._even)):
            found = list(islice(self._spelled_otherwise(needle), most))
        for variant in needle.variants:
            found += _whole(variant, self._text, self._prefixes, most - len(found)) if len(found) < most else []
        if not found and self._accented(needle):
            found = _whole(needle.plain, self._plain, self._prefixes, most)
        if len(found) < most and self._may_inflect(needle):
            found += self._inflected(needle.text, found)[: most - len(found)]
        return found

    def _spelled_otherwise(self, needle: Needle) -> Iterator[Span]:
        if self._even is not self._text and " " in needle.text:
            pattern = _bounded(re.escape(needle.text).replace(r"\ ", r"\s{1,8}"))
            yield from (m.span() for m in re.finditer(pattern, self._text))
        elif needle.initials:
            yield from (m.span() for m in _with_dots(needle.text).finditer(self._text))

    def _inflected(self, needle: str, known_places: list[Span]) -> list[Span]:
        """Return where else a form of the words is; only places that begin like one of them are tried."""
        forms, text = forms_of(needle, self._language), self._text
        starts = {
            at for letters in forms.beginnings for at in self._beginning(letters) if text.startswith(forms.stems, at)
        }
        whole = {start: end for start, end in known_places if not text[end : end + 1].isalnum()}
        if starts <= whole.keys():
            return []
        last, found = 0, list[Span]()
        for start in sorted(starts):
            if start < last:
                continue
            if start in whole:  # a word that ends there has no other form there
                last = whole[start]
            elif (end := forms.end_in(text, start)) is not None:
                last = end
                if (start, end) not in known_places:
                    found.append((start, end))
        return found

    def _beginning(self, letters: str) -> Sequence[int]:
        if len(letters) == BEGINNING:
            return self._places.get(letters, ())
        return [at for begun, places in self._places.items() if begun.startswith(letters) for at in places]

    @cached_property
    def _plain(self) -> str:
        """The text without accents."""
        return unaccented(self._text)

    @cached_property
    def _composed(self) -> bool:
        return unicodedata.is_normalized("NFC", self._text)

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """Where words and signs begin, by their first letters."""
        text, found = self._text, defaultdict[str, list[int]](list)
        for at in (match.start() for match in _BEGINNING.finditer(text)):
            found[text[at : at + BEGINNING]].append(at)
        return found


_haystack = lru_cache(maxsize=64)(Haystack)


class Needle(NamedTuple):
    """Words to look for.

    Attributes:
        words: As they were given.
        text: Folded.
        forms: The same with the accents written otherwise.
        variants: Other spellings: "ss" for "ß"; an Arabic article behind a preposition.
        plain: Without accents.
        composed: Whether the accents are written together with their letters.
        initials: Whether they have initials with dots.
        begun: First letters.
    """

    words: str
    text: str
    forms: tuple[str, ...]
    variants: tuple[str, ...]
    plain: str
    composed: bool
    initials: bool
    begun: str


@lru_cache(maxsize=8192)
def needle_of(words: str) -> Needle:
    """Return words in the form that they are looked for in."""
    text = " ".join(fold(words).split())
    return Needle(
        words,
        text,
        () if text.isascii() else _other_forms(text),
        () if text.isascii() else tuple(_variants(text)),
        unaccented(text),
        unicodedata.is_normalized("NFC", text),
        "." in text and _INITIALS.search(text) is not None,
        text[: 3 if len(text) > 4 else 2],
    )


def _other_forms(text: str) -> tuple[str, ...]:
    composed, apart = unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)
    dotted = composed
    for letters, char in _DOTTED if _DOT_BELOW in composed else ():
        dotted = dotted.replace(letters, char)
    return tuple(form for form in dict.fromkeys((composed, apart, dotted)) if form != text)


def _variants(text: str) -> Iterator[str]:
    if "ß" in text:
        yield text.replace("ß", "ss")
    if text.startswith(_ARTICLE):
        rest = text.removeprefix(_ARTICLE)
        yield (_TO if rest.startswith(_TO) else 2 * _TO) + rest


@lru_cache(maxsize=512)
def _with_dots(needle: str) -> re.Pattern[str]:
    """Return an expression for initials with or without dots and blanks: "u. s." is "u.s."; "us" alone is a pronoun."""
    parts = []
    at = 0
    for match in _INITIALS.finditer(needle):
        letters = re.findall(r"\w", match.group())
        dotted = r"\.?\s?".join(map(re.escape, letters)) if len(letters) > 2 else r"\.\s?".join(map(re.escape, letters))
        parts += [re.escape(needle[at : match.start()]), dotted + r"\.?"]
        at = match.end()
    parts.append(re.escape(needle[at:]))
    return re.compile(_bounded("".join(parts)))


def _bounded(expression: str) -> str:
    """Return the expression for whole words only; what begins with a letter is sought much faster than what looks behind."""
    first = expression[0]
    if first.isalnum():
        return rf"{first}(?<!\w{first}){expression[1:]}(?!\w)"
    return rf"(?<!\w){expression}(?!\w)"


def _whole(needle: str, hay: str, prefixes: tuple[str, ...], most: int) -> list[Span]:
    found: list[Span] = []
    at = hay.find(needle)
    if at < 0:
        return found
    (begins, ends), length = _edges(needle), len(needle)
    while at >= 0 and len(found) < most:
        end = at + length
        if (
            not (ends and _letter(hay[end : end + 1]))
            and not (begins and at and _letter(hay[at - 1]) and _is_inside(hay, at, prefixes))
            and not _of_katakana(hay, at, end)
        ):
            found.append((at, end))
        at = hay.find(needle, at + 1)
    return found


@lru_cache(maxsize=8192)
def _edges(needle: str) -> tuple[bool, bool]:
    """Tell whether a letter right before the words, and one right behind them, makes them a part of other words."""
    bounded = needle.isascii() or not UNSPACED.search(needle)
    return bounded and needle[0].isalnum(), bounded and (needle[-1].isalnum() or _is_mark(needle[-1]))


def _of_katakana(hay: str, at: int, end: int) -> bool:
    """Tell whether a word in katakana goes on before or behind a place: "インド" is no part of "インドネシア"."""
    return any(
        0 < edge < len(hay) and _KATAKANA.match(hay[edge - 1]) and _KATAKANA.match(hay[edge]) for edge in (at, end)
    )


@lru_cache(maxsize=4096)
def _letter(char: str) -> bool:
    """Tell whether a word goes on with it; in "NATOは" a word of another script begins, without a space."""
    return bool(char) and ((char.isalnum() and not UNSPACED.match(char)) or _is_mark(char))


def _is_mark(char: str) -> bool:
    """Tell whether a sign belongs to the letter before it: an accent, or a vowel sign of an Indian script."""
    return unicodedata.category(char).startswith("M")


def _is_inside(hay: str, at: int, prefixes: tuple[str, ...]) -> bool:
    """Tell whether the letters before a place are no prefix that is written together with the next word."""
    if not prefixes:
        return True
    start = at
    while start > 0 and at - start < 5 and _letter(hay[start - 1]):
        start -= 1
    return hay[start:at] not in prefixes
