"""Endings, by rule: which other forms of a word may stand for it, where the language inflects.

Nothing is ever rewritten.

A form is a stem with one of the language's endings (`[inflection]` in its folder). The stem is the word itself, or the
word without an ending of its own where at least four letters remain, with the sound changes that the language makes at
the end of a stem (`Helsinki`: `Helsingissä`, `Praga`: `Pradze`, `Павел`: `Павла`). A language without a folder gets a
plain rule: two letters at most may go, four may come.
"""

from __future__ import annotations

import re
from functools import lru_cache

from communique.languages import MARKS
from communique.languages import language as known
from communique.languages.schema import Inflection

BEGINNING = 3
"""Letters of a form by which it is looked up."""
_LEAST = 4
_LONGEST = 40
_END = rf"(?![\w{MARKS}])"
_LETTERS = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")


@lru_cache(maxsize=128)
def inflects(language: str) -> bool:
    """Tell whether words of a language are looked for with other endings, too."""
    found = known(language)
    return found is None or found.inflection is not None


@lru_cache(maxsize=4096)
def forms_of(words: str, language: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return an expression for the words with any endings of their own language, and what its matches begin with.

    Args:
        words: In lower case, typography folded.
        language: ISO 639-1 code.

    Returns:
        The regular expression; the first three letters of each form, fewer where it has no more; and what the first word
        of a match begins with. An ending changes no first letter.
    """
    found = known(language)
    table = found.inflection if found else None
    parts = [_word(word, table) for word in words.split()]
    expression = r"(?<!\w)" + r"\s{1,8}".join(expression for expression, _ in parts) + _END
    stems = tuple(dict.fromkeys(form for form in parts[0][1] if form[0] == words[0]))
    return expression, tuple(dict.fromkeys(stem[:BEGINNING] for stem in stems)), stems


@lru_cache(maxsize=4096)
def compiled(expression: str) -> re.Pattern[str]:
    """Compile an expression that `forms_of` made, once its beginnings were found: as they seldom are."""
    return re.compile(expression)


def _word(word: str, table: Inflection | None) -> tuple[str, list[str]]:
    """Return the expression for a word, and what its forms begin with."""
    if not _LETTERS.fullmatch(word) or not 3 <= len(word) <= _LONGEST:
        return re.escape(word), [word]
    if table is None:
        stem = word[: max(_LEAST, len(word) - 2)]
        return re.escape(word) if len(word) <= _LEAST else rf"{re.escape(stem)}\w{{0,4}}", [stem]
    whole = _changed(word, table) if table.whole else [word]
    found = [f"{_any(whole)}(?:{_any(list(table.whole))})?" if table.whole else re.escape(word)]
    stems = {word.removesuffix(end) for end in table.stripped if word.endswith(end) and len(word) - len(end) >= _LEAST}
    changed = sorted({form for stem in stems for form in _changed(stem, table)})
    if stems:
        found.append(f"{_any(changed)}(?:{_any(list(table.stripped))})?")
    # An atomic group: a word that has its form in two ways is tried once, or a long phrase would be tried in 2 ** words
    # ways.
    return f"(?>(?:{'|'.join(found)}){_END})", [*whole, *changed]


def _changed(stem: str, table: Inflection) -> list[str]:
    """Return the stem, and what sound changes make of its end."""
    found = [stem]
    for expression, new in table.changes:
        changed = re.sub(expression, new, stem)
        if changed != stem and len(changed) >= 3:
            found.append(changed)
    return found


def _any(words: list[str]) -> str:
    ordered = sorted(dict.fromkeys(words), key=lambda w: (-len(w), w))
    return f"(?:{'|'.join(map(re.escape, ordered))})"
