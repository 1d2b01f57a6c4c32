"""What an article may call somebody after the full name: a surname, an office, initials, what stands in brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from communique.grounding.article import Article
from communique.grounding.countries import country_code, is_country
from communique.grounding.haystack import Span
from communique.grounding.matching import fold, is_unspaced, without_article
from communique.languages import MARKS
from communique.languages import language as known

WORD = re.compile(rf"[^\W\d_][\w’'{MARKS}-]*\.?")
LONGEST = 200  # code points of a name; what is longer is looked for as it is only
MOST_WORDS = 8  # of a name that may be abbreviated
_HAN = re.compile(r"[\u3400-\u9fff]+")
_BEHIND = re.compile(r"\s?[(（]([^\W\d_]{2,12})[)）]")
_BRACKETS = re.compile(r"\s?[(（]([^()（）]{1,80})[)）]")


class Forms(NamedTuple):
    """What a name is looked for by, whatever the article."""

    plain: str
    country: str | None
    bracketed: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def forms_of_name(name: str, code: str) -> Forms:
    """Return what a name is looked for by in the articles of a language (ISO 639-1 code)."""
    plain = without_article(name, code)
    if len(name) > LONGEST:
        return Forms(plain, None)
    country = country_code(plain, code) if is_country(plain, code) else None
    if country:
        return Forms(plain, country)
    return Forms(plain, None, tuple(_without_brackets(name)), tuple(_short_forms(plain, code)))


def _short_forms(form: str, code: str) -> Iterator[str]:
    """Yield what an article may call somebody after the full name: the last or first word of it, its initials."""
    titles, generic, particles = _no_names(code)
    language = known(code)
    if language is not None and not language.case:
        yield from _with_surname(form, titles, particles)
    if is_unspaced(form):
        return
    words = form.split()
    if len(words) < 2:
        yield from _behind_hyphen(form, titles, generic) if language and language.noun_capitals else ()
        return
    ends = [words[-1]] if words[-2].lower() not in particles else [f"{words[-2]} {words[-1]}", words[-1]]
    starts = [words[0]] if not any(w.lower().strip(".") in titles for w in words) else []
    inside = [w for w in words[1:-1] if len(w) >= 4] if len(words) >= 4 else []
    for word in dict.fromkeys((*ends, *starts, *inside)):
        plain = word.lower().strip(".")
        if (
            len(word) >= 2
            and (len(word) > 2 or word.istitle())  # Xi, Li, Ma; `mentions` leaves out common words
            and plain not in generic
            and plain not in titles
            and plain not in particles
            and (word[0].isupper() or word[0].lower() == word[0].upper())
            and country_code(word, code) is None  # "Korean" is no short form of the Korean Central News Agency
        ):
            yield word
    if initials := initials_of(form):
        yield initials


def initials_of(name: str) -> str:
    """Return the first letters of a name's capitalised words; "" if they are fewer than three."""
    letters = "".join(w[0] for w in name.split() if w[0].isupper())
    return letters if len(letters) >= 3 else ""


def _behind_hyphen(form: str, titles: Collection[str], generic: Collection[str]) -> Iterator[str]:
    """Yield the noun that a German compound goes on as: Justizministerium for US-Justizministerium."""
    _, hyphen, noun = form.rpartition("-")
    plain = noun.lower()
    if hyphen and len(noun) >= 8 and noun[0].isupper() and plain not in generic and not plain.startswith(tuple(titles)):
        yield noun


def with_office(form: str, article: Article) -> Iterator[Span]:
    """Yield where East Asian news has a surname and an office for somebody: 李氏 for 李偉, 맹 전 최고위원 for 맹주희.

    The office is a title; in Korean also one of the words behind the full name: 국 총장 after 국도현 사무총장.
    """
    name, text = form.split(maxsplit=1)[0], article.document.text
    if article.known is None:
        return
    if not article.known.spaces:
        yield from _with_title(form, text, _office(article.code))
        return
    if not 2 <= len(name) <= 4:
        return
    behind = " ".join(w for _, end in article.spans(name) for w in text[end : end + 30].split()[:3])
    titles = tuple(_no_names(article.code)[0])
    for match in re.finditer(rf"(?<!\w){re.escape(name[0])}((?: \w+){{1,2}})", text):
        words = match[1].split()
        if any(word.startswith(titles) or (len(word) > 1 and word[:2] in behind) for word in words):
            yield match.span()


def _with_title(form: str, text: str, office: re.Pattern[str]) -> Iterator[Span]:
    """Yield where the first sign of a name stands before a title: 習主席 for 習近平."""
    if not 2 <= len(form) <= 4 or not _HAN.fullmatch(form):
        return
    for match in re.finditer(form[0], text):
        start, end = match.span()
        title = office.match(text, end)
        # One sign may end another word: 農林相 is no Mr. Lin.
        if title and (len(title[0]) > 1 or not _HAN.match(text, max(start - 1, 0), start)):
            yield start, title.end()


@lru_cache(maxsize=64)
def _office(code: str) -> re.Pattern[str]:
    """Return an expression for the titles of a language, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(_no_names(code)[0], key=len, reverse=True))))


def _with_surname(form: str, titles: Collection[str], particles: Collection[str]) -> Iterator[str]:
    """Yield the forms by which East Asian news goes on: 岩本容疑者 for 元理事長の岩本絹子容疑者."""
    if not is_unspaced(form):
        return
    name, *offices = form.split()
    if offices:
        return
    for particle in particles:
        name = name.rpartition(particle)[2] or name
    bare = max((t for t in titles if name.endswith(t) and len(t) < len(name)), key=len, default="")
    person = name.removesuffix(bare) if bare else name
    front = max((t for t in titles if person.startswith(t) and len(t) < len(person)), key=len, default="")
    person = person.removeprefix(front)
    if person != form and len(person) >= 2:
        yield person
    if 3 <= len(person) <= 5 and not person.isascii():
        yield person[:2]


@lru_cache(maxsize=64)
def _no_names(code: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return the words of a language that are titles, generic parts of names, and particles."""
    found = known(code)
    if found is None:
        return frozenset(), frozenset(), frozenset()
    titles, generic, particles = (
        frozenset(w.lower() for w in g) for g in (found.titles, found.generic, found.name_particles)
    )
    return titles, generic, particles


def _without_brackets(name: str) -> Iterator[str]:
    """Yield what is before and in brackets: "the research institute (TNO)" goes by both."""
    for match in _BRACKETS.finditer(name) if "(" in name or "（" in name else ():
        yield _BRACKETS.sub("", name).strip()
        if len(match[1]) >= 2:
            yield match[1]


def abbreviations(places: Iterable[Span], article: Article) -> Iterator[str]:
    """Yield what an article puts in brackets behind a name to go on with: "Sindicato Único Portuario y Ramas Afines (Supra)".

    Its letters must occur in the name in the same order, and both must begin alike (after Schwartz and Hearst, "A simple
    algorithm for identifying abbreviation definitions", 2003).
    """
    text = article.document.text
    for start, end in places:
        match = _BEHIND.match(text, end)
        if match and match[1][0].isupper() and _abbreviates(fold(match[1]), fold(text[start:end])):
            yield match[1]


def _abbreviates(short: str, name: str) -> bool:
    short, name = (unicodedata.normalize("NFD", words) for words in (short, name))  # "U" is the letter of "Único"
    letters = iter(name)
    return len(short) < len(name) and short[0] == name[0] and all(char in letters for char in short)


def abbreviated(name: str) -> Iterator[str]:
    """Yield what an article may have instead of a full name: IAEA, "UN Security Council", "U.N. Security Council".

    The initials of two words alone are too often somebody else's.
    """
    words = name.split()
    if not 2 <= len(words) <= MOST_WORDS:
        return
    if initials := initials_of(name):
        yield initials
    for count in (1, 2, 3):
        begins, rest = words[:count], words[count:]
        if not rest or not all(w[0].isupper() for w in begins):
            return
        letters = begins[0].replace(".", "") if count == 1 else "".join(w[0] for w in begins)
        if letters.isupper() and 2 <= len(letters) <= 3:
            for short in (letters, "".join(f"{c}." for c in letters)):
                yield " ".join((short, *rest))


def spelled_out(acronym: str, article: Article) -> tuple[Span, ...]:
    """Find words whose initials are the acronym: "Korean Central News Agency" for KCNA, small words between them allowed."""
    text = article.document.text
    words = [(m.start(), m.end()) for m in WORD.finditer(text)]
    capitals = [(s, e) for s, e in words if text[s].isupper()]
    length = len(acronym)
    for first in range(len(capitals) - length + 1):
        group = capitals[first : first + length]
        if all(fold(text[s]) == fold(c) for (s, _), c in zip(group, acronym, strict=True)):
            start, end = group[0][0], group[-1][1]
            between = sum(start <= s < end for s, _ in words)
            if between <= length + 3 and "\n" not in text[start:end]:
                return ((start, end),)
    return ()
