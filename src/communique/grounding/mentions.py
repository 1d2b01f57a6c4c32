"""Where a name is mentioned: as written, by another form that the article uses, or by other words for the same country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from communique.grounding.article import Article, stem_of
from communique.grounding.countries import country_code, is_country, surface_forms
from communique.grounding.matching import Span, fold, is_unspaced, without_article
from communique.languages import language as known

By = Literal["words", "form", "country"]
_WORD = re.compile(r"[^\W\d_][\w’'-]*\.?")
_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\u30a0-\u30ff]{2,}")
_BRACKETS = re.compile(r"\s?[(（]([^()（）]{1,80})[)）]")
LEAD = 2
"""Sentences at the beginning of an article that say what it is about."""
MAIN_MENTIONS = 4
_LONGEST = 200
"""Code points of a name; what is longer is looked for as it is only."""


class Mention(NamedTuple):
    """A place of a name in the article.

    Attributes:
        start: Offset of the first code point.
        end: Offset behind the last.
        sentence: Number of the sentence.
        by: What was found.
    """

    start: int
    end: int
    sentence: int
    by: By


def mentions(name: str, article: Article) -> tuple[Mention, ...]:
    """Return all mentions of a name; none where the article doesn't have it.

    Accepts: "Kim Jong Un" by "Kim" in an article that names Kim Jong Un; "the U.S." by "Washington"; "KCNA" by "Korean
    Central News Agency".
    Rejects: "Ewa Holt" where the article says "Eva Holt".
    """
    memory = _memory(article)
    found = memory.get(name)
    if found is None:
        found = memory[name] = tuple(_find(name, article))
    return found


def described_by(name: str, article: Article) -> frozenset[str]:
    """Return the stems of what somebody is called: the words of the name, and descriptions that stand beside it anywhere."""
    memory: dict[str, frozenset[str]] = article.__dict__.setdefault("_described", {})
    found = memory.get(name)
    if found is None:
        words = {stem_of(m.group()) for m in _WORD.finditer(name)}
        beside = {s for m in mentions(name, article)[:20] for s in article.described(m.sentence, m.start, m.end)}
        found = memory[name] = frozenset(words | beside)
    return found


def aliases(name: str, article: Article) -> tuple[str, ...]:
    """Return the other forms that the article has for a name, as written there, eight at most."""
    text = article.document.text
    places = sorted((m.start, m.end) for m in mentions(name, article) if m.by != "words")
    forms = dict.fromkeys(text[start:end] for start, end in places)
    return tuple(f for f in forms if f != name)[:8]


def is_main_actor(name: str, article: Article) -> bool:
    """Tell whether an article is about somebody: named in its first two sentences and at least four times.

    Such a one is often meant where no word names anybody: "Restoring production would cost billions" in a story on
    Venezuela.
    """
    places = mentions(name, article)
    return len(places) >= MAIN_MENTIONS and any(m.sentence <= LEAD for m in places)


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
    least = 5 if language.case else 2
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


def _memory(article: Article) -> dict[str, tuple[Mention, ...]]:
    memory: dict[str, tuple[Mention, ...]] = article.__dict__.setdefault("_mentions", {})
    return memory


def _find(name: str, article: Article) -> Iterator[Mention]:
    form = without_article(name, article.code)
    whole = article.spans(name) or (article.spans(form) if form != name else ())
    yield from _at(whole, article, "words")
    if len(name) > _LONGEST:
        return
    country = country_code(form, article.code) if is_country(form, article.code) else None
    if country:
        for words in sorted(surface_forms(country, article.code)):  # sorted: the order of a set differs from run to run
            yield from _at(_like(words, article.spans(words), article), article, "country")
    elif whole:
        for bracketed in _without_brackets(name):
            yield from _at(article.spans(bracketed), article, "form")
        for short in _short_forms(form, article):
            places = _like(short, article.spans(short), article)
            yield from _at((p for p in places if not _inside(p, whole)), article, "form")
    elif form.isupper() and 3 <= len(form) <= 8:
        yield from _at(_spelled_out(form, article), article, "form")


def _inside(span: Span, others: tuple[Span, ...]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _at(spans: Iterable[Span], article: Article, by: By) -> Iterator[Mention]:
    for start, end in spans:
        yield Mention(start, end, article.sentence_at(start), by)


def _like(words: str, spans: tuple[Span, ...], article: Article) -> Iterator[Span]:
    """Keep the places whose capitals are like those of the words: "us" is no country, and "may" is not Ms May."""
    text = article.document.text
    for start, end in spans:
        found = text[start:end]
        if words[0].isupper() and found[0] != found[0].upper():
            continue
        if len(words) <= 4 and words.isupper() and not found.isupper():
            continue
        yield start, end


def _short_forms(form: str, article: Article) -> Iterator[str]:
    """Yield what the article may call somebody after the full name: the last or first word of it, its initials."""
    if is_unspaced(form):
        if 3 <= len(form) <= 5 and not form.isascii():
            yield form[:2]
        return
    words = form.split()
    if len(words) < 2:
        return
    titles, generic, particles = _no_names(article.code)
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
        ):
            yield word
    initials = "".join(w[0] for w in words if w[0].isupper())
    if len(initials) >= 3:
        yield initials


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
