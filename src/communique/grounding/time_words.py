"""Turn the time words of any language into the few words that the rules of `communique.grounding.dates` know.

`canonical("Ende letzten Monats", "de")` is `["late", "last", "month"]`; months are `m01`..`m12`, weekdays `wd0`
(Monday)..`wd6`, years `y2023`, decades `d199`, other numbers `n13`, whole dates `2023-09-13`. None if any word is
unknown.

The words of a language stand in its `time.toml`, casefolded, without dots, by their meaning: some of the words below, or
"" where they carry no date (articles, times of day). A word that is in no table makes the whole phrase unresolvable: that
is wanted, since "two days before the vote" must not become a date. Months and weekdays come from CLDR (Babel).

    today+N                day N days from publication          easter+N   day N days from Easter Sunday
    last this next         direction
    early mid late         part of a period (EDTF "~")
    within                 earlier or later this ...: the period itself
    ago hence in           direction of a count; "in two weeks" is hence
    day week weekend month quarter half year decade             units
    spring summer autumn winter january .. december monday .. sunday
    and to between from    spans
    1..12                  numbers;  o1..o31 ordinals that are no mere count: "15th", "second"
    weekof dayof           the week that holds a day; behind an ordinal, one week or day of a month or year
    after before           of a count from a day: "two weeks before Christmas"
    while                  a time without bounds of its own, left out: "during", "morning"
    since                  what no rule reads: "since", "soon"

`#` in a phrase stands for a number, and in its meaning for the same number: "# decade" = ["# er jahre"]. One that begins
with `*` is the end of a word whose beginning is a time word itself: "*abend" in "Mittwochabend".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from communique.languages import LETTERS, MARKS
from communique.languages import language as known

_LONGEST = 120
_YEARS = range(1500, 2200)
"""Years of the Gregorian calendar; 1402 is one of the Persian, 1445 of the Islamic, 2566 of the Thai calendar."""
_WIDEST = 5
_TOKEN = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?!\d)|\d{1,2}[/.]\d{1,2}[/.]\d{2}(?!\d)"
    r"|\d{1,2}\.\d{1,2}\.(?!\d)|\d{1,2}/\d{1,2}(?![\d/])|\d{1,3}0s\b|\d+|"
    rf"{LETTERS}(?:'{LETTERS})?|[-–—]"
)
_ORDINAL = re.compile(r"(?<=\d)\.?[ºª°]")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b(?:gmt|utc)\b")
_SPACED = re.compile(r"(?<!\d)(\d{1,2})\.\s(\d{1,2})\.(?=\s|\d{4}|$)")
_YEAR_FIRST = re.compile(r"\b(\d{4})\.\s(\d{1,2})\.\s(\d{1,2})\.")
_DIRECTION_MARKS = str.maketrans("", "", "\u200e\u200f")
_RUN_TOGETHER = re.compile(r"\bn\d{1,4} (?:m\d|.{0,40}\bwd\d)|\bwd\d n\d")
_NUMBERED = re.compile(r"[/.-]")


class _Table(NamedTuple):
    words: Mapping[str, str]
    ends: tuple[tuple[str, str], ...]  # ends of words and their meaning
    elided: tuple[str, ...]  # "l'" and the like
    month_first: bool
    parts: frozenset[str]  # words that stand in others without spaces; none in a language that has spaces


@lru_cache(maxsize=4096)
def canonical(words: str, language: str) -> tuple[str, ...] | None:
    """Return the known words, in order; None if a word is unknown, or there are none, or over 120 characters."""
    if len(words) > _LONGEST:
        return None
    table = _table(language)
    tokens = list[str]()
    for token in _TOKEN.findall(_clean(words)):
        for part in _numbered(token, table):
            tokens += _cut(part, table, after_number=bool(tokens) and tokens[-1].isdecimal())
    out: list[str] = []
    at = 0
    while at < len(tokens):
        for width in range(min(_WIDEST, len(tokens) - at), 0, -1):
            meaning = _meaning(tokens[at : at + width], table)
            if meaning is not None:
                out += meaning
                at += width
                break
        else:
            return None
    return tuple(out) or None


def _cut(token: str, table: _Table, *, after_number: bool) -> list[str]:
    """Cut a token into known words, the longest first: "日午後" is "日", "午後"; as it stands if something is left.

    A weekday of one letter is none there ("月末" is the end of the month), and no number stands beside a month or
    weekday ("七八月" are two months, "周一二" two days).
    """
    if not table.parts or token in table.parts:
        return [token]
    words, at = list[str](), 0
    while at < len(token):
        end = next((end for end in range(len(token), at, -1) if token[at:end] in table.parts), None)
        if end is None:
            return [token]
        words.append(token[at:end])
        at = end
    said = [table.words.get(word, "") for word in words]
    letters = [len(word) == 1 and meaning[:2] == "wd" for word, meaning in zip(words, said, strict=True)]
    if any(letters[1:] if after_number else letters) or _RUN_TOGETHER.search(" ".join(said)):
        return [token]
    return words


def _meaning(tokens: list[str], table: _Table) -> list[str] | None:
    said = table.words.get(" ".join(tokens))
    if said is None and any(map(str.isdecimal, tokens)):
        said = table.words.get(" ".join("#" if t.isdecimal() else t for t in tokens))
        for number in filter(str.isdecimal, tokens):
            said = _filled(said, number) if said else said
    if said is not None:
        return said.split()
    if len(tokens) > 1:
        return None
    token = tokens[0]
    for prefix in table.elided:
        if token.startswith(prefix) and len(token) > len(prefix):
            return _meaning([token.removeprefix(prefix)], table)
    for end, meant in table.ends:
        if token.endswith(end) and (begun := table.words.get(token.removesuffix(end))) is not None:
            return [*begun.split(), *meant.split()]
    numeral = _numeral(token)
    return [numeral] if numeral else None


def _filled(meaning: str, number: str) -> str:
    """Put a number in the first place that has none: "o#" becomes an ordinal."""
    if "o#" in meaning:
        return meaning.replace("o#", f"o{int(number)}", 1)
    return meaning.replace("#", _numeral(number) or "?", 1)


def _clean(words: str) -> str:
    text = unicodedata.normalize("NFKC", _ORDINAL.sub("", words)).casefold().replace("’", "'")
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)  # Persian, Hindi
    text = _YEAR_FIRST.sub(r"\1.\2.\3", text.translate(_DIRECTION_MARKS))
    text = _SPACED.sub(r"\1.\2.", _CLOCK.sub(" ", text))
    # Hyphens join words ("mid-October", "avant-hier") but stand for "to" between numbers.
    return re.sub(rf"(?<=[^\W\d_])-(?=\w)|(?<=[{MARKS}])-(?=\w)|(?<=\d)-(?=[^\W\d_])", " ", text)


def _numbered(token: str, table: _Table) -> list[str]:
    """Return a date of numbers as one whole date, as day and month, or as it stands; "?" where it may be two dates."""
    parts = _NUMBERED.split(token.rstrip("."))
    if len(parts) < 2 or not all(map(str.isdecimal, parts)):
        return [token]
    if len(parts) == 2:
        first, second = int(parts[0]), int(parts[1])
        if table.month_first and "/" in token:
            first, second = (second, first) if second > 12 else (first, second) if first > 12 else (0, 0)
        return [str(first), f"m{second:02d}"] if 1 <= second <= 12 and first else ["?"]
    if len(parts[0]) == 4:
        if int(parts[0]) not in _YEARS:
            return ["?"]
        return [f"{parts[0]}-{int(parts[1]):02d}-{int(parts[2]):02d}"]
    first, second, year = map(int, parts)
    if len(parts[2]) == 2:
        year += 2000 if year < 70 else 1900
    if table.month_first and "." not in token:
        # 03/04/2023 is two dates to English readers; elsewhere the day comes first.
        first, second = (second, first) if second > 12 else (first, second) if first > 12 or first == second else (0, 0)
    return [f"{year:04d}-{second:02d}-{first:02d}"] if first and second <= 12 else ["?"]


def _numeral(token: str) -> str | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}|m\d\d", token):
        return token
    if token.endswith("0s"):
        return f"d{token[:3]}" if len(token) == 5 else f"d19{token[0]}" if len(token) == 3 else None
    if token in {"-", "–", "—"}:
        return "to"
    if token.isdecimal() and token.isascii():
        if len(token) == 4:
            return f"y{token}" if int(token) in _YEARS else None
        return f"n{int(token)}" if len(token) <= 2 else None
    return None


@cache
def _table(language: str) -> _Table:
    own = known(language)
    names = dict(_calendar(language))
    english = dict(_calendar("en"))
    ends: list[tuple[str, str]] = []
    for meaning, forms in own.time.items() if own else ():
        said = " ".join(f"n{word}" if word.isdecimal() else english.get(word, word) for word in meaning.split())
        for words in forms:
            if words.startswith("*"):
                ends.append((words[1:], said))
            else:
                names[words.casefold()] = said
    elided = tuple(prefix for prefix in own.prefixes if prefix.endswith("'")) if own else ()
    unspaced = names if own and not own.spaces else ()
    parts = frozenset(part for words in unspaced for part in words.split() if not part.isdecimal())
    return _Table(names, tuple(sorted(ends, key=lambda e: -len(e[0]))), elided, _month_first(language), parts)


@cache
def _month_first(language: str) -> bool:
    """Tell whether the short date of a language has the month before the day (CLDR)."""
    from babel import Locale, UnknownLocaleError

    try:
        pattern = str(Locale.parse(language).date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError):
        return False
    return pattern.startswith("M")


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
                    key = unicodedata.normalize("NFKC", name).casefold().rstrip(".׳॰")
                    if key and not key.isdecimal():
                        found.setdefault(key, set()).add(f"{kind}{number:0{prefix}d}")
    for key, meanings in found.items():
        if len(meanings) == 1:
            yield key, meanings.pop()
