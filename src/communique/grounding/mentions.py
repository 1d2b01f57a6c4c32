"""Where a name is mentioned: as written, by another form that the article uses, or by other words for the same country."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from communique.grounding.article import Article, By, Mention, stem_of
from communique.grounding.countries import country_code, is_country, surface_forms
from communique.grounding.haystack import Needle, Span, needle_of
from communique.grounding.matching import fold, is_unspaced, without_article
from communique.languages import MARKS
from communique.languages import language as known

_WORD = re.compile(rf"[^\W\d_][\w’'{MARKS}-]*\.?")
_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\u30a0-\u30ff]{2,}")
_BRACKETS = re.compile(r"\s?[(（]([^()（）]{1,80})[)）]")
LEAD = 2
"""Sentences at the beginning of an article that say what it is about; of a long one its first quarter."""
LEAD_SHARE = 25
MAIN_MENTIONS = 4
_LONGEST = 200  # code points of a name; what is longer is looked for as it is only


def mentions(name: str, article: Article) -> tuple[Mention, ...]:
    """Return all mentions of a name; none where the article doesn't have it.

    Accepts: "Kim Jong Un" by "Kim" in an article that names Kim Jong Un; "the U.S." by "Washington"; "KCNA" by "Korean
    Central News Agency".
    Rejects: "Ewa Holt" where the article says "Eva Holt".
    """
    found = article.mentions.get(name)
    if found is None:
        found = article.mentions[name] = tuple(_find(name, article))
    return found


def in_words(words: str, article: Article) -> list[Mention]:
    """Return where words are in the article as they are; none where the article doesn't have them."""
    return _at(article.spans(words), article, "words")


def described_by(name: str, article: Article) -> frozenset[str]:
    """Return the stems of what somebody is called: the words of the name, and descriptions that stand beside it anywhere."""
    found = article.described_as.get(name)
    if found is None:
        words = {stem_of(m.group()) for m in _WORD.finditer(name)}
        beside = {s for m in mentions(name, article)[:20] for s in article.described(m.sentence, m.start, m.end)}
        found = article.described_as[name] = frozenset(words | beside)
    return found


def aliases(name: str, article: Article) -> tuple[str, ...]:
    """Return the other forms that the article has for a name, as written there, eight at most."""
    found = article.aliases.get(name)
    if found is None:
        text = article.document.text
        places = sorted((m.start, m.end) for m in mentions(name, article) if m.by != "words")
        forms = dict.fromkeys(text[start:end] for start, end in places)
        found = article.aliases[name] = tuple(f for f in forms if f != name)[:8]
    return found


def is_main_actor(name: str, article: Article) -> bool:
    """Tell whether an article is about somebody: named at its beginning (headline, lead, captions) and four times.

    Such a one is often meant where no word names anybody: "Restoring production would cost billions" in a story on
    Venezuela.
    """
    places = mentions(name, article)
    return len(places) >= MAIN_MENTIONS and any(m.sentence <= _lead(article) for m in places)


def answers_questions(name: str, article: Article) -> bool:
    """Tell whether somebody is interviewed: introduced at the beginning of an article that goes on with questions."""
    return article.is_interview and any(m.sentence <= _lead(article) for m in mentions(name, article))


def _lead(article: Article) -> int:
    return max(LEAD, len(article.document.sentences) * LEAD_SHARE // 100)


def common_nouns(name: str, article: Article) -> frozenset[str]:
    """Return the stems of a name's words that are no names themselves: "union" of "miners' union of Kaédi".

    In languages without capitals these are all its words; nothing is returned where every noun has a capital.
    """
    language = article.known
    if language is None or language.noun_capitals:
        return frozenset()
    if not language.spaces:
        return frozenset(_runs(name))
    particles = {p.lower() for p in (*language.name_particles, *language.articles)}
    words = [m.group() for m in _WORD.finditer(name)]
    least = 4 if language.case else 2
    stems = (stem_of(w) for w in words if len(w) >= least and not w[0].isupper() and w not in particles)
    return frozenset(stems) if len(words) > 1 else frozenset()


def _runs(name: str) -> Iterator[str]:
    """Yield the parts of a name that is written without spaces: runs of one script, and two signs at the ends."""
    for match in _RUN.finditer(name):
        run = match.group()
        yield run
        if len(run) >= 4:
            yield run[:2]
            yield run[-2:]


class _Forms(NamedTuple):
    """What a name is looked for by, whatever the article."""

    plain: str
    country: str | None
    bracketed: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def _forms(name: str, code: str) -> _Forms:
    plain = without_article(name, code)
    if len(name) > _LONGEST:
        return _Forms(plain, None)
    country = country_code(plain, code) if is_country(plain, code) else None
    if country:
        return _Forms(plain, country)
    return _Forms(plain, None, tuple(_without_brackets(name)), tuple(_short_forms(plain, code)))


def _find(name: str, article: Article) -> list[Mention]:
    form, country, bracketed, short_forms = _forms(name, article.code)
    whole = article.spans(name) or (article.spans(form) if form != name else ())
    found = _at(whole, article, "words")
    if country:
        return found + _of_country(country, article)
    if len(name) > _LONGEST:
        return found
    if whole:
        for words in bracketed:
            found += _at(article.spans(words), article, "form")
        if article.known is not None and not article.known.case:
            found += _at(_with_office(form, article), article, "form")
        for short in short_forms:
            places = _like(short, article.spans(short), article)
            found += _at([p for p in places if not _inside(p, whole)], article, "form")
    elif form.isupper() and 3 <= len(form) <= 8:
        found += _at(_spelled_out(form, article), article, "form")
    return found


def _of_country(code: str, article: Article) -> list[Mention]:
    """Return the mentions of a country by any of its words."""
    found = article.countries.get(code)
    if found is None:
        found = article.countries[code] = []
        for needle in article.haystack.may_hold(_words_for(code, article.code)):
            if spans := article.spans(needle.words):
                found += _at(_like(needle.words, spans, article), article, "country")
    return found


@cache
def _words_for(code: str, language: str) -> tuple[Needle, ...]:
    forms = sorted(surface_forms(code, language))  # the order of a set differs from run to run
    return tuple(map(needle_of, forms))


def _inside(span: Span, others: tuple[Span, ...]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _at(spans: Iterable[Span], article: Article, by: By) -> list[Mention]:
    at = article.sentence_at
    return [Mention(start, end, at(start), by) for start, end in spans]


def _like(words: str, spans: tuple[Span, ...], article: Article) -> Sequence[Span]:
    """Keep the places whose capitals are like those of the words: "us" is no country, and "may" is not Ms May."""
    text, first, all_of_them = article.document.text, words[0].isupper(), len(words) <= 4 and words.isupper()
    return [
        (start, end)
        for start, end in spans
        if (not first or text[start] == text[start].upper()) and (not all_of_them or text[start:end].isupper())
    ]


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
            len(word) >= 3
            and plain not in generic
            and plain not in titles
            and plain not in particles
            and _name_like(word)
            and country_code(word, code) is None  # "Korean" is no short form of the Korean Central News Agency
        ):
            yield word
    initials = "".join(w[0] for w in words if w[0].isupper())
    if len(initials) >= 3:
        yield initials


def _behind_hyphen(form: str, titles: Collection[str], generic: Collection[str]) -> Iterator[str]:
    """Yield the noun that a German compound goes on as: Justizministerium for US-Justizministerium."""
    _, hyphen, noun = form.rpartition("-")
    plain = noun.lower()
    if hyphen and len(noun) >= 8 and noun[0].isupper() and plain not in generic and not plain.startswith(tuple(titles)):
        yield noun


def _with_office(form: str, article: Article) -> Iterator[Span]:
    """Yield where Korean news has a surname and an office for somebody named before: 맹 전 최고위원 for 맹주희.

    The office is a title, or one of the words behind the full name: 국 총장 after 국도현 사무총장.
    """
    name = form.split(maxsplit=1)[0]
    if article.known is None or not article.known.spaces or not 2 <= len(name) <= 4:
        return
    text = article.document.text
    behind = " ".join(w for _, end in article.spans(name) for w in text[end : end + 30].split()[:3])
    titles = tuple(_no_names(article.code)[0])
    for match in re.finditer(rf"(?<!\w){re.escape(name[0])}((?: \w+){{1,2}})", text):
        words = match[1].split()
        if any(word.startswith(titles) or (len(word) > 1 and word[:2] in behind) for word in words):
            yield match.span()


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
    for match in _BRACKETS.finditer(name):
        yield _BRACKETS.sub("", name).strip()
        if len(match[1]) >= 2:
            yield match[1]


def _name_like(word: str) -> bool:
    return word[0].isupper() or word[0].lower() == word[0].upper()


def _spelled_out(acronym: str, article: Article) -> tuple[Span, ...]:
    """Find words whose initials are the acronym: "Korean Central News Agency" for KCNA, small words between them allowed."""
    text = article.document.text
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
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
