"""Where a name is mentioned: as written, by another form that the article uses, or by other words for the same country."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from communique.grounding.article import Article, By, Mention, stem_of
from communique.grounding.countries import surface_forms
from communique.grounding.haystack import Needle, Span, needle_of
from communique.grounding.short_forms import (
    LONGEST,
    WORD,
    abbreviated,
    abbreviations,
    forms_of_name,
    spelled_out,
    with_office,
)

_RUN = re.compile(r"[\u3400-\u9fff]{2,}|[\u30a0-\u30ff]{2,}")
LEAD = 2
"""Sentences at the beginning of an article that say what it is about; of a long one its first quarter."""
LEAD_SHARE = 25
MAIN_MENTIONS = 4
ACRONYM = 4
"""Letters of an acronym that may be a word, too."""


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
        words = {stem_of(m.group()) for m in WORD.finditer(name)}
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
    """Tell whether an article is about somebody: named in its first sentence, or at its beginning and four times.

    Such a one is often meant where no word names anybody: "Restoring production would cost billions" in a story on
    Venezuela. Of 599 right records 10 were flagged for a name of the first sentence that is not near the evidence, of
    892 with a name from elsewhere 36: 2.4 times as often, too seldom to tell anything.
    """
    places = mentions(name, article)
    first = min((m.sentence for m in places), default=0)
    return first == 1 or (len(places) >= MAIN_MENTIONS and first <= _lead(article))


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
    words = [m.group() for m in WORD.finditer(name)]
    least = 4 if language.case else 2
    common = article.common_words if language.case else frozenset()
    stems = (
        stem_of(w)
        for w in words
        if len(w) >= least and (not w[0].isupper() or w.lower() in common) and w.lower() not in particles
    )
    return frozenset(stems) if len(words) > 1 else frozenset()


def _runs(name: str) -> Iterator[str]:
    """Yield the parts of a name that is written without spaces: runs of one script, and two signs at the ends."""
    for match in _RUN.finditer(name):
        run = match.group()
        yield run
        if len(run) >= 4:
            yield run[:2]
            yield run[-2:]


def _find(name: str, article: Article) -> list[Mention]:
    form, country, bracketed, short_forms = forms_of_name(name, article.code)
    whole = article.spans(name) or (article.spans(form) if form != name else ())
    if len(name) <= ACRONYM and name.isupper():
        whole = tuple(_like(name, whole, article))  # the WHO is not "who"
    found = _at(whole, article, "words")
    if country:
        return found + _of_country(country, article)
    if len(name) > LONGEST:
        return found
    if whole:
        told = dict.fromkeys((*bracketed, *abbreviations(whole, article)))
        given = dict.fromkeys(span for words in told for span in article.spans(words))
        found += _at(given, article, "form")
        if article.known is not None and not article.known.case:
            found += _at(with_office(form, article), article, "form")
        for short in short_forms:
            if short in told:  # initials that the article has in brackets, too
                continue
            places = _like(short, article.spans(short), article)
            if len(short) == 2 and len(places) < len(article.spans(short)):
                continue  # a word of the language: "an" in an article on An Song Min
            found += _at([p for p in places if not _inside(p, whole) and p not in given], article, "form")
    elif form.isupper() and 3 <= len(form) <= 8:
        found += _at(spelled_out(form, article), article, "form")
    else:
        places = [p for short in abbreviated(form) for p in _like(short, article.spans(short), article)]
        found += _at(dict.fromkeys(places), article, "form")  # "U.A.E." is found by "UAE" and by itself
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
    starts = article.starts
    return [Mention(start, end, bisect_right(starts, start) or 1, by) for start, end in spans]


def _like(words: str, spans: tuple[Span, ...], article: Article) -> Sequence[Span]:
    """Keep the places whose capitals are like those of the words: "us" is no country, and "may" is not Ms May."""
    text, first, all_of_them = article.document.text, words[0].isupper(), len(words) <= 4 and words.isupper()
    return [
        (start, end)
        for start, end in spans
        if (not first or text[start] == text[start].upper()) and (not all_of_them or text[start:end].isupper())
    ]
