"""Find copied words in a text: typography, accents' form and case don't matter, endings may differ where a language inflects.

Folding maps each code point to exactly one, so that offsets in the folded text are offsets in the text. The text is
never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from communique.grounding.inflection import forms_of, inflects
from communique.languages import language as known

_FOLD = tuple(
    (char, plain)
    for chars, plain in (
        ("‘’‚‛′`´ʼ", "'"),
        ("“”„‟″«»「」『』", '"'),
        ("‐‑‒–—―−", "-"),
        ("\u00a0\u2002\u2003\u2009\u202f\u3000\n\t\r", " "),
    )
    for char in chars
)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f]")
"""Scripts without spaces between words, and Korean, whose particles are written together with the word."""
_INITIALS = re.compile(r"(?<!\w)(?:\w\.\s?)+\w\.?(?!\w)|(?<!\w)\w\.(?!\w)")
_POSSESSIVE = re.compile(r"'s$|(?<=s)'$")

_BEGINNING = re.compile(r"(?<!\w)\S")

Span = tuple[int, int]


@lru_cache(maxsize=1024)
def fold(text: str) -> str:
    """Fold typography and case, one code point for one."""
    for char, plain in _FOLD:  # a hundred times faster than str.translate on a text with curly quotes
        if char in text:
            text = text.replace(char, plain)
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow in lower case: leave those as they are
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return lowered


def find(words: str, text: str, language: str = "en") -> Span | None:
    """Return the half-open span of the first place of `words` in `text`, whole words only, or None. See `find_all`.

    Example: `find("Kim’s plan", "… Kim's plan …")` is found; `find("Ewa Holt", "… Eva Holt …")` is not.
    """
    return next(find_all(words, text, language), None)


def find_all(words: str, text: str, language: str = "en") -> Iterator[Span]:
    """Yield the half-open spans of `words` in `text`, whole words only: first those as written, then others.

    Typography, case and the form of accents don't matter. Where the words are not there so: with runs of white space
    alike, and initials with or without dots ("U. S.", "U.S."). Where the language inflects, with its endings as well
    (`Teheran` finds `Teheranu`).
    """
    needle = " ".join(fold(words).split())
    hay = fold(text)
    begun = needle[: 3 if len(needle) > 4 else 2]
    if not needle or (needle not in hay and _only_as_it_is(needle, hay, begun, language)):
        return
    prefixes = _prefixes(language)
    found: set[Span] = set()
    for form in _forms(needle):
        for span in _whole(form, hay, prefixes):
            found.add(span)
            yield span
        if found:
            break
    if not found:
        yield from _spelled_otherwise(needle, hay)
    if inflects(language) and begun in hay:
        yield from (span for span in _inflected(needle, hay, language) if span not in found)


def _inflected(needle: str, hay: str, language: str) -> Iterator[Span]:
    """Yield where a form of the words is. An ending changes no first letter: only words that begin with it are tried."""
    pattern, last = forms_of(needle, language), 0
    for start in _beginnings(hay).get(needle[0], ()):
        match = pattern.match(hay, start) if start >= last else None
        if match is not None:
            last = match.end()
            yield start, last


@lru_cache(maxsize=64)
def _beginnings(hay: str) -> dict[str, list[int]]:
    """Return where words and signs begin, by their first letter."""
    found: dict[str, list[int]] = {}
    for match in _BEGINNING.finditer(hay):
        found.setdefault(match.group(), []).append(match.start())
    return found


def _spelled_otherwise(needle: str, hay: str) -> Iterator[Span]:
    if _wide(hay) and " " in needle:
        pattern = rf"(?<!\w){re.escape(needle)}(?!\w)".replace(r"\ ", r"\s{1,8}")
        yield from ((m.start(), m.end()) for m in re.finditer(pattern, hay))
    elif (initials := _with_dots(needle)) is not None:
        yield from ((m.start(), m.end()) for m in initials.finditer(hay))


def _only_as_it_is(needle: str, hay: str, begun: str, language: str) -> bool:
    """Tell whether words have no other form to be found by: they are nearly always either there or not."""
    if not needle.isascii() or "." in needle or _wide(hay):
        return False
    return not inflects(language) or begun not in hay


def _forms(needle: str) -> Iterator[str]:
    yield needle
    if not needle.isascii():
        for form in ("NFC", "NFD"):
            other = unicodedata.normalize(form, needle)
            if other != needle:
                yield other


@lru_cache(maxsize=512)
def _with_dots(needle: str) -> re.Pattern[str] | None:
    """Return an expression for initials with or without dots and blanks: "u. s." is "u.s."; "us" alone is a pronoun."""
    if not _INITIALS.search(needle):
        return None
    parts = []
    at = 0
    for match in _INITIALS.finditer(needle):
        letters = re.findall(r"\w", match.group())
        dotted = r"\.?\s?".join(map(re.escape, letters)) if len(letters) > 2 else r"\.\s?".join(map(re.escape, letters))
        parts += [re.escape(needle[at : match.start()]), dotted + r"\.?"]
        at = match.end()
    parts.append(re.escape(needle[at:]))
    return re.compile(rf"(?<!\w){''.join(parts)}(?!\w)")


def _whole(needle: str, hay: str, prefixes: frozenset[str]) -> Iterator[Span]:
    at = hay.find(needle)
    bounded = at >= 0 and not _UNSPACED.search(needle)
    while at >= 0:
        end = at + len(needle)
        if not bounded or not (_goes_on(hay, end, needle[-1]) or _begins_before(hay, at, needle[0], prefixes)):
            yield at, end
        at = hay.find(needle, at + 1)


def _letter(char: str) -> bool:
    """Tell whether a word goes on with it; in "NATOは" a word of another script begins, without a space."""
    return (char.isalnum() and not _UNSPACED.match(char)) or unicodedata.combining(char) != 0


def _goes_on(hay: str, end: int, last: str) -> bool:
    return end < len(hay) and _letter(hay[end]) and (last.isalnum() or unicodedata.combining(last) != 0)


def _begins_before(hay: str, at: int, first: str, prefixes: frozenset[str]) -> bool:
    if at == 0 or not first.isalnum() or not _letter(hay[at - 1]):
        return False
    if not prefixes:
        return True
    start = at
    while start > 0 and at - start < 5 and _letter(hay[start - 1]):
        start -= 1
    return hay[start:at] not in prefixes


@lru_cache(maxsize=64)
def _prefixes(language: str) -> frozenset[str]:
    found = known(language)
    return frozenset(found.prefixes) if found else frozenset()


@lru_cache(maxsize=256)
def _wide(hay: str) -> bool:
    """Tell whether a text has runs of white space; looking for two blanks is slow where there are many single ones."""
    return "  " in hay


@lru_cache(maxsize=4096)
def without_article(name: str, language: str = "en") -> str:
    """Return the name without an article of its own language (or English) before it and without a possessive `'s`.

    `the U.S.` gives `U.S.`; `El Salvador` in an English article stays. It is a second form to look for, never what is
    kept: `Los Angeles County` in a Spanish article must be found as it is.
    """
    stripped = _POSSESSIVE.sub("", name.strip().replace("’", "'"))
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


def same_name(a: str, b: str, language: str = "en") -> bool:
    """Tell whether two names are written alike, but for typography, case and an article."""
    return name_key(a, language) == name_key(b, language)


@lru_cache(maxsize=4096)
def name_key(name: str, language: str = "en") -> str:
    """Return the form that names are compared by: folded, composed, without article and possessive."""
    return unicodedata.normalize("NFC", " ".join(fold(without_article(name, language)).split()))


def is_unspaced(text: str) -> bool:
    """Tell whether words in it are not parted by spaces."""
    return bool(_UNSPACED.search(text))
