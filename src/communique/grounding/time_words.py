"""Turn the time words of any language into the few words that the rules of `communique.grounding.dates` know.

`canonical("Ende letzten Monats", "de")` is `["late", "last", "month"]`; months are `m01`..`m12`, weekdays `wd0`
(Monday)..`wd6`, years `y2023`, decades `d199`, other numbers `n13`, whole dates `2023-09-13`. None if any word is unknown.

The words of a language stand in its `time.toml`, casefolded, without dots, each with one of these meanings or "" where it
carries no date (articles, times of day). A word that is in no table makes the whole phrase unresolvable: that is wanted,
since "two days before the vote" must not become a date. Months and weekdays come from CLDR (Babel).

    today+N                the day N days from publication
    last this next         direction
    early mid late         part of a period (EDTF "~")
    within                 earlier or later this ...: the period itself
    ago hence              direction of a count
    day week weekend month year decade quarter             units
    spring summer autumn winter january .. december monday .. sunday
    and to between from    spans
    1..12                  numbers
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from communique.languages import language as known

_LONGEST = 120
_WIDEST = 4
_TOKEN = re.compile(r"\d{4}-\d{2}-\d{2}|\d+[/.]\d+[/.]\d{4}|\d{3}0s\b|\d+|[^\W\d_]+(?:'[^\W\d_]+)?|[-–—]")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|e|º|ª|\.º)\b|(?<=\d)[ºª]")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d{2})?\s*[ap]\.?m\b\.?|\b\d{1,2}:\d{2}\b|\b(?:gmt|utc)\b")
_POSSESSIVE = re.compile(r"'s\b")
_DAY_PARTS = re.compile(r"(?<=tag|och)(?:morgen|vormittag|mittag|nachmittag|abend|nacht)s?\b")


@lru_cache(maxsize=4096)
def canonical(words: str, language: str) -> tuple[str, ...] | None:
    """Return the known words, in order; None if a word is unknown, or there are none, or over 120 characters."""
    if len(words) > _LONGEST:
        return None
    tokens = [_slashed(token, language) for token in _TOKEN.findall(_clean(words, language))]
    table = _vocabulary(language)
    out: list[str] = []
    at = 0
    while at < len(tokens):
        for width in range(min(_WIDEST, len(tokens) - at), 0, -1):
            known = table.get(" ".join(tokens[at : at + width]))
            if known is not None:
                out += [known] if known else []
                at += width
                break
        else:
            token = _numeral(tokens[at])
            if token is None:
                return None
            out += [token] if token else []
            at += 1
    return tuple(out) or None


def _clean(words: str, language: str) -> str:
    text = unicodedata.normalize("NFKC", words).casefold().replace("’", "'")
    text = _POSSESSIVE.sub("", _ORDINAL.sub("", _CLOCK.sub(" ", text)))
    if language == "de":
        text = _DAY_PARTS.sub("", text)
    if language == "fr":
        text = re.sub(r"\b([ld])'", r"\1 ", text)
        # "sept" is seven, unless a day stands before it.
        text = re.sub(r"(?<=\d )sept\b", "septembre", text)
    if re.search(r"[^\w\s.,;:'()/\-–—]", text):
        return text + " ?unknown"
    # Hyphens join words ("mid-October", "avant-hier") but stand for "to" between numbers.
    return re.sub(r"(?<=[^\W\d_])-(?=\w)|(?<=\d)-(?=[^\W\d_])", " ", text)


def _slashed(token: str, language: str) -> str:
    parts = re.split(r"[/.]", token)
    if len(parts) != 3:
        return token
    first, second, year = (int(part) for part in parts)
    # 03/04/2023 is two dates to English readers; elsewhere the day comes first.
    if second <= 12 and (language != "en" or "." in token or first > 12):
        return f"{year:04d}-{second:02d}-{first:02d}"
    return "?"


def _numeral(token: str) -> str | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", token):
        return token
    if token.endswith("0s"):
        return f"d{token[:3]}"
    if token in {"-", "–", "—"}:
        return "to"
    if token.isdecimal() and token.isascii():
        if len(token) == 4 and token[0] in "12":
            return f"y{token}"
        return f"n{int(token)}" if len(token) <= 2 else None
    return None


@cache
def _vocabulary(language: str) -> dict[str, str]:
    own = known(language)
    names = dict(_calendar(language))
    english = dict(_calendar("en"))
    for words, meaning in own.time.items() if own else ():
        names[words.casefold()] = f"n{meaning}" if meaning.isdecimal() else english.get(meaning, meaning)
    return names


def _calendar(language: str) -> Iterator[tuple[str, str]]:
    """Yield names of months and weekdays; a short form that is both (Spanish "mar") is left out."""
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return
    found: dict[str, set[str]] = {}
    for kind, prefix, source in (("m", 2, locale.months), ("wd", 1, locale.days)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in source[context][width].items():
                    key = unicodedata.normalize("NFKC", name).casefold().rstrip(".")
                    if key and not key.isdecimal():
                        found.setdefault(key, set()).add(f"{kind}{number:0{prefix}d}")
    for key, meanings in found.items():
        if len(meanings) == 1:
            yield key, meanings.pop()
