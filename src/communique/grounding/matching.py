"""Compare words: typography and case don't matter, nor do articles before names.

Folding maps each code point to exactly one, so that offsets in the folded text are offsets in the text. The text is
never changed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from communique.languages import UNSPACED
from communique.languages import language as known

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


def same_name(a: str, b: str, language: str = "en") -> bool:
    """Tell whether two names are written alike, but for typography, case and an article."""
    return name_key(a, language) == name_key(b, language)


@lru_cache(maxsize=4096)
def name_key(name: str, language: str = "en") -> str:
    """Return the form that names are compared by: folded, composed, without article and possessive."""
    return unicodedata.normalize("NFC", " ".join(fold(without_article(name, language)).split()))


def is_unspaced(text: str) -> bool:
    """Tell whether words in it are not parted by spaces."""
    return bool(UNSPACED.search(text))
