"""Case endings, by rule: which other forms of a word may stand for it, where the language inflects. Nothing is ever rewritten.

A form is a stem with one of the language's endings. The stem is the word itself, or the word without an ending of its own
where at least four letters remain, with the sound changes that the language makes at the end of a stem (`Helsinki`:
`Helsingissä`, `Praga`: `Pradze`, `Павел`: `Павла`). Languages without a table share a plain rule: three letters at most
may go, five may come.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class _Table(NamedTuple):
    """Endings behind a whole word, endings behind a stripped stem (both also bare), sound changes at the end of a stem."""

    whole: str
    stripped: str
    changes: tuple[tuple[str, str], ...] = ()


_SLAVIC_LATIN = (
    ("ó([^aeiouyąęó]+)$", r"o\1"),
    ("i?e([^aeiouyąęóáéíěůú])$", r"\1"),
    ("ů([^aeiou]+)$", r"o\1"),
)
_CYRILLIC = (("[еоё]([^аеёиоуыэюяіїє])$", r"\1"), ("і([^аеёиоуыэюяіїє]+)$", r"о\1"), ("їв$", "єв"))
_TABLES = {
    "de": _Table("s es ' ’ n en ns ens", "e er es en em n s"),
    "ru": _Table(
        "а у ом ем е ы и ов ам ами ах ым ой ою ого ому я ю ям ями ях ёй",
        "а я о е ь й ый ий ой ей ая яя ое ее ы и у ю ом ем ём ою ею ам ям ами ями ах ях ов ев ым им ых их ыми ими ого его ому"
        " ему ую юю ые ие",
        _CYRILLIC,
    ),
    "uk": _Table(
        "а у ові ом ем і и ів ам ами ах им ою я ю єм еві е",
        "а я о е ь й ий ій ой ей є а у ю і ї и ові еві єві ом ем єм ою ею єю ам ям ами ями ах ях ів їв им ім их ими ого його ому"
        " ьому ої",
        _CYRILLIC,
    ),
    "pl": _Table(
        "a u owi em iem ie y i e ą ę ów om ami ach owie",
        "a o e y i u owi em iem ie ą ę ia iu ią ię ii ów om ami ach ego iego emu iemu ym im ej iej ich imi ych ymi",
        (
            *_SLAVIC_LATIN,
            (r"g$", "dz"), (r"k$", "c"), (r"r$", "rz"), (r"t$", "ci"), (r"d$", "dzi"), (r"ł$", "l"), (r"ch$", "sz"),
        ),
    ),
    "cs": _Table(
        "a u ovi em e ě i y ou ů ům ami ách ech ové",
        "a o e ě y i u ou ovi em í á é ý ů ům ami ách ech ého ému ým ím ých ými",
        (*_SLAVIC_LATIN, (r"h$", "z"), (r"k$", "c"), (r"r$", "ř"), (r"ch$", "š")),
    ),
    "fi": _Table(
        "n a ä in ia iä en ssa ssä sta stä lla llä lta ltä lle na nä ksi t ta tä tta ttä an än on un yn ön issa issä ista istä"
        " illa illä ilta iltä ille iin iksi ina inä",
        "n a ä i e in en ia iä ssa ssä sta stä lla llä lta ltä lle na nä ksi an än on un yn ön issa issä ista istä illa illä ilta"
        " iltä ille iin iksi ina inä essa essä esta estä ella ellä elta eltä elle eksi",
        (
            (r"kk([aeiouyäö]?)$", r"k\1"), (r"pp([aeiouyäö]?)$", r"p\1"), (r"tt([aeiouyäö]?)$", r"t\1"), (r"nk([aeiouyäö]?)$", r"ng\1"),
            (r"nt([aeiouyäö]?)$", r"nn\1"), (r"mp([aeiouyäö]?)$", r"mm\1"), (r"lt([aeiouyäö]?)$", r"ll\1"), (r"rt([aeiouyäö]?)$", r"rr\1"),
            (r"ht([aeiouyäö]?)$", r"hd\1"), (r"(?<=[aeiouyäö])t([aeiouyäö]?)$", r"d\1"), (r"(?<=[aeiouyäö])p([aeiouyäö]?)$", r"v\1"),
            (r"(?<=[aeiouyäölrh])k([aeiouyäö]?)$", r"\1"), (r"s$", "ks"), (r"nen$", "s"),
        ),
    ),
}  # fmt: skip
_TABLES["sk"] = _TABLES["cs"]
_PLAIN = frozenset(["bg", "sr", "hr", "sl", "et", "hu", "lt", "lv", "tr", "el", "ro", "la"])
INFLECTING = _PLAIN | _TABLES.keys()
"""Languages whose words are looked for with other endings."""

_LEAST = 4


@lru_cache(maxsize=4096)
def forms_of(words: str, language: str) -> re.Pattern[str]:
    """Return an expression for the words with any endings of their own language.

    Args:
        words: In lower case, typography folded.
        language: ISO 639-1 code, one of `INFLECTING`.
    """
    parts = [_word(word, _TABLES.get(language)) for word in words.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)")


def _word(word: str, table: _Table | None) -> str:
    if not word.isalpha() or len(word) < 3:
        return re.escape(word)
    if table is None:
        stem = word[: max(_LEAST, len(word) - 3)]
        return re.escape(word) if len(word) <= _LEAST else rf"{re.escape(stem)}\w{{0,5}}"
    found = [f"{_any(_changed(word, table))}(?:{_any(table.whole.split())})?"]
    stems = {
        word.removesuffix(end)
        for end in table.stripped.split()
        if word.endswith(end) and len(word) - len(end) >= _LEAST
    }
    if stems:
        changed = sorted({form for stem in stems for form in _changed(stem, table)})
        found.append(f"{_any(changed)}(?:{_any(table.stripped.split())})?")
    return f"(?:{'|'.join(found)})"


def _changed(stem: str, table: _Table) -> list[str]:
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
