"""Finding copied words in a text: typography-aware, inflection-tolerant where the language inflects. The text is never changed.

Folding maps each code point to exactly one, so that offsets in the folded text are offsets in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from communique.grounding.inflection import forms_of, inflects

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
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_POSSESSIVE = re.compile(r"['’]s$")
_ARTICLE = re.compile(
    r"^(the|a|an|der|die|das|den|dem|des|le|la|les|el|los|las|il|lo|gli|o|os|as)\s+|^(l|d)['’]", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Fold typography and case, one code point for one."""
    for char, plain in _FOLD:  # a hundred times faster than str.translate on a text with curly quotes
        if char in text:
            text = text.replace(char, plain)
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow in lower case: leave those as they are
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return lowered


def find(words: str, text: str, language: str = "en") -> tuple[int, int] | None:
    """Return the half-open span of `words` in `text`, whole words only, or None.

    Tried in order: as written; with typography and case folded; with runs of white space alike; and, where the language
    inflects, with its endings (`Teheran` finds `Teheranu`; see `communique.grounding.inflection`).

    Example: `find("Kim’s plan", "… Kim's plan …")` is found; `find("Ewa Holt", "… Eva Holt …")` is not.
    """
    span = _whole(words.strip(), text) if words.strip() else None
    if span is not None:
        return span
    needle = " ".join(fold(words).split())
    if not needle:
        return None
    hay = fold(text)
    span = _whole(needle, hay)
    if span is None and _wide(hay):
        match = re.search(_edges(r"\s+".join(map(re.escape, needle.split()))), hay)
        span = match.span() if match else None
    if span is None and ". " in needle:  # models write "U. S." for "U.S."
        span = _whole(needle.replace(". ", "."), hay)
    if span is None and inflects(language) and needle[: 3 if len(needle) > 4 else 2] in hay:
        match = forms_of(needle, language).search(hay)
        span = match.span() if match else None
    return span


def _whole(needle: str, hay: str) -> tuple[int, int] | None:
    at = hay.find(needle)
    bounded = at >= 0 and not _CJK.search(needle)
    while at >= 0:
        end = at + len(needle)
        before = at > 0 and hay[at - 1].isalnum() and needle[0].isalnum()
        after = end < len(hay) and hay[end].isalnum() and needle[-1].isalnum()
        if not bounded or not (before or after):
            return at, end
        at = hay.find(needle, at + 1)
    return None


def _edges(pattern: str) -> str:
    return rf"(?<!\w){pattern}(?!\w)"


@lru_cache(maxsize=4096)
def _wide(hay: str) -> bool:
    """Tell whether a text has runs of white space; looking for two blanks is slow where there are many single ones."""
    return "  " in hay


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """Strip a leading article and a trailing possessive: `the U.S.` gives `U.S.`."""
    name = _POSSESSIVE.sub("", name.strip())
    return _ARTICLE.sub("", name, count=1).strip() or name


def is_cjk(text: str) -> bool:
    """Tell whether words in it are not parted by spaces."""
    return bool(_CJK.search(text))
