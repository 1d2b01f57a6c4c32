"""Case endings, by rule: which other forms of a word may stand for it, where the language inflects. Nothing is ever rewritten.

A form is a stem with one of the language's endings. The stem is the word itself, or the word without an ending of its own
where at least four letters remain, with the sound changes that the language makes at the end of a stem (`Helsinki`:
`Helsingissä`, `Praga`: `Pradze`, `Павел`: `Павла`). The endings stand in the language's folder; a language without any has
no other forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from communique.languages import Inflection
from communique.languages import language as known

_LEAST = 4


@cache
def inflects(language: str) -> bool:
    """Tell whether words of a language are looked for with other endings."""
    own = known(language)
    return own is not None and own.inflection is not None


@lru_cache(maxsize=4096)
def forms_of(words: str, language: str) -> re.Pattern[str]:
    """Return an expression for the words with any endings of their own language.

    Args:
        words: In lower case, typography folded.
        language: ISO 639-1 code.
    """
    own = known(language)
    table = own.inflection if own else None
    parts = [_word(word, table) for word in words.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)")


def _word(word: str, table: Inflection | None) -> str:
    if table is None or not word.isalpha() or len(word) < 3:
        return re.escape(word)
    found = [f"{_any(_changed(word, table))}(?:{_any(table.whole)})?"]
    stems = {
        word.removesuffix(end)
        for end in table.stripped
        if word.endswith(end) and len(word) - len(end) >= _LEAST
    }
    if stems:
        changed = sorted({form for stem in stems for form in _changed(stem, table)})
        found.append(f"{_any(changed)}(?:{_any(table.stripped)})?")
    return f"(?:{'|'.join(found)})"


def _changed(stem: str, table: Inflection) -> list[str]:
    """Return the stem, and what sound changes make of its end."""
    found = [stem]
    for expression, new in table.changes:
        changed = re.sub(expression, new, stem)
        if changed != stem and len(changed) >= 3:
            found.append(changed)
    return found


def _any(words: Iterable[str]) -> str:
    ordered = sorted(dict.fromkeys(words), key=lambda w: (-len(w), w))
    return f"(?:{'|'.join(map(re.escape, ordered))})"
