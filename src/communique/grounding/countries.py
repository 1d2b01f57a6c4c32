"""From words for a country to its code: names (CLDR), demonyms, capitals that stand for a government, abbreviations.

Codes are ISO 3166-1 alpha-2 in lower case. Two are not ISO: `eu`, since articles name the European Union as an actor
beside countries, and `xk` for Kosovo (user-assigned); FollowTheMoney has both. Words that mean more than one
country, such as "Congo" or "Korean", have no code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from communique.languages import MARKS
from communique.languages import language as known

_NOT_COUNTRIES = frozenset(["ac", "cp", "cq", "dg", "ea", "eu", "ez", "ic", "qo", "ta", "un", "xa", "xb", "zz"])
_NONE = "none"
"""Key of the words that name no country, or several."""
_WIDEST = 8
_LONGEST = 300
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_POSSESSIVE = re.compile(r"'s\b|(?<=s)'(?!\w)")
_INITIALS = re.compile(r"\b[^\W\d_](?:\.\s?[^\W\d_]\b)+\.?")

Sense = Literal["name", "demonym", "seat", "part"]


class _Form(NamedTuple):
    code: str
    sense: Sense
    capitals: bool


class _Lexicon(NamedTuple):
    exact: Mapping[str, _Form]
    begin: frozenset[str]  # words that the exact ones begin with
    surfaces: Mapping[str, frozenset[str]]
    articles: frozenset[str]


@lru_cache(maxsize=4096)
def country_code(words: str, language: str = "en") -> str | None:
    """Return the code of the one country that the words name.

    The whole phrase counts first ("the U.S.", "North Korean", "Moscow"); else the countries named inside it, if they
    are all the same one ("the Primorye region in the Russian Far East" gives `ru`).

    Args:
        words: As the article has them.
        language: ISO 639-1 code of the article; English words are known in every language.
    """
    if words.isascii() and words.isalnum() and words.lower() not in _lexicon(language).begin:
        return None  # as nearly every word
    form = _whole(words, language)
    if form is not None:
        return form.code or None
    inside = {code for code in _inside(words, language) if code}
    return inside.pop() if len(inside) == 1 else None


def exact_code(words: str, language: str = "en") -> str | None:
    """Return the code if the whole phrase is a country's name, adjective or seat: not "Russian officials"."""
    form = _whole(words, language)
    return (form.code or None) if form is not None else None


def is_country(words: str, language: str = "en") -> bool:
    """Tell whether the whole phrase is a country's name or what stands for its government.

    Adjectives and parts are not.
    """
    form = _whole(words, language)
    return form is not None and bool(form.code) and form.sense in {"name", "seat"}


def same_territory(a: str, b: str, language: str = "en") -> bool:
    """Tell whether both phrases name the same country: "the U.S." and "Washington" do."""
    code = country_code(a, language)
    return code is not None and code == country_code(b, language)


@cache
def surface_forms(code: str, language: str = "en") -> frozenset[str]:
    """Return the known words for a country in a language and in English, with their capitals kept.

    Match abbreviations with their capitals: "US" is not the pronoun.
    """
    return _lexicon(language).surfaces.get(code, frozenset())


@cache
def aliases_of(code: str, language: str = "en") -> frozenset[str]:
    """Return the known words for a country, casefolded: `us` gives "u.s.", "american", "washington", ..."""
    return frozenset(form.casefold() for form in surface_forms(code, language))


@lru_cache(maxsize=4096)
def _whole(words: str, language: str) -> _Form | None:
    if len(words) > _LONGEST:
        return None
    tokens = _tokens(words)
    lexicon = _lexicon(language)
    for skip, (word, _) in enumerate(tokens):
        found = _match(tokens[skip:], lexicon) if word in lexicon.begin else None
        if found is not None:
            return found
        if word not in lexicon.articles:
            return None
    return None


def _inside(words: str, language: str) -> Iterator[str]:
    """Yield the codes of the countries inside a phrase, longest match first; "" for what means no country."""
    if len(words) > _LONGEST:
        return
    tokens = _tokens(words)
    lexicon = _lexicon(language)
    at = 0
    while at < len(tokens):
        widest = min(_WIDEST, len(tokens) - at) if tokens[at][0] in lexicon.begin else 0
        for width in range(widest, 0, -1):
            found = _match(tokens[at : at + width], lexicon)
            if found is not None:
                yield found.code
                at += width
                break
        else:
            yield from _run_together(tokens[at][0], lexicon)
            at += 1


def _run_together(word: str, lexicon: _Lexicon) -> Iterator[str]:
    """Yield the codes of the countries in a stretch of Han characters and kana, where no spaces part the words."""
    at = 0 if _UNSPACED.search(word) else len(word)
    while at < len(word):
        width = next(
            (w for w in range(_WIDEST, 1, -1) if word[at : at + w] in lexicon.exact and at + w <= len(word)),
            0,
        )
        if width:
            yield lexicon.exact[word[at : at + width]].code
        at += width or 1


def _match(tokens: list[tuple[str, bool]], lexicon: _Lexicon) -> _Form | None:
    form = lexicon.exact.get(" ".join(word for word, _ in tokens))
    if form is not None and form.capitals and not all(capitals for _, capitals in tokens):
        return None
    return form


def _tokens(words: str) -> list[tuple[str, bool]]:
    """Return the words, folded, each with whether it stands in capitals."""
    if not words.isascii():
        words = unicodedata.normalize("NFKC", words).replace("’", "'")
    if "." in words:
        words = _INITIALS.sub(lambda m: re.sub(r"[.\s]", "", m.group()).upper() + " ", words)
    if "'" in words:
        words = _POSSESSIVE.sub("", words)
    return [(_fold(m.group()), m.group().isupper()) for m in _WORD.finditer(words)]


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.casefold())
    # Only Latin accents go, and the dots below of Devanagari, which many newspapers leave out: other marks are letters.
    return unicodedata.normalize("NFC", re.sub(r"(?<=[a-z])[\u0300-\u036f]+|[\u093c\u200c\u200d]", "", plain))


@cache
def _lexicon(language: str) -> _Lexicon:
    """Compile the look-up of one language, over English."""
    forms: dict[str, _Form] = {}
    surfaces: dict[str, set[str]] = {}
    articles: set[str] = set()
    for lang in dict.fromkeys(("en", language[:2].casefold())):
        for code, sense, words in [*_cldr(lang), *_own(lang)]:
            key = " ".join(word for word, _ in _tokens(words))
            if not key:
                continue
            capitals = sense == "name" and len(key) <= 4 and words == words.upper() != words.lower()
            forms[key] = _Form("" if code == _NONE else code, sense, capitals)
            if sense != "part":
                surfaces.setdefault(code, set()).add(words)
        own = known(lang)
        articles.update(_fold(a.rstrip("'")) for a in own.articles) if own else None
    surfaces.pop(_NONE, None)
    return _Lexicon(
        forms,
        frozenset(key.partition(" ")[0] for key in forms),
        {code: frozenset(words) for code, words in surfaces.items()},
        frozenset(articles),
    )


def _cldr(language: str) -> Iterator[tuple[str, Sense, str]]:
    from babel import Locale, UnknownLocaleError

    try:
        names = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return
    codes = {t.lower(): name for t, name in names.items() if len(t) == 2}
    found = {code: name for code, name in codes.items() if code not in _NOT_COUNTRIES}
    for code, name in found.items():
        if "(" in name:
            for part in name.split("("):
                yield code, "name", part.strip(" )")
    for code, name in found.items():  # later, since one country's name may stand in another's: "Saint-Martin (...)"
        for form in {name, name.replace("&", "and")}:
            yield code, "name", form
            if form.startswith("St. "):
                yield code, "name", "Saint " + form[4:]


def _own(language: str) -> Iterator[tuple[str, Sense, str]]:
    own = known(language)
    senses: tuple[Sense, ...] = ("name", "demonym", "seat", "part")
    for code, line in own.countries.items() if own else ():
        for sense, column in zip(senses, line.split("|"), strict=False):
            for form in filter(None, (part.strip() for part in column.split(";"))):
                if form.endswith("~"):
                    for inflected in _inflect(form[:-1], own.country_endings if own else {}):
                        yield code, sense, inflected
                else:
                    yield code, sense, form


def _inflect(stem: str, endings: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for end, forms in endings.items():
        if stem.endswith(end):
            yield from (stem.removesuffix(end) + form for form in forms)
            return
    yield stem
