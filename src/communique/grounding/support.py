"""Where each value of a record is in the article: the mechanical half of the checks, the same for every record type.

What a marker on a field asks for is looked for in the evidence, then in its context (two sentences around it, its
paragraph), then in the whole article. A name also counts as being there by another form of it, by other words for the
same country, or where the evidence has a pronoun or a description for somebody named shortly before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from pydantic import BaseModel, TypeAdapter

from communique.grounding.article import Article, Mention
from communique.grounding.coreference import Near, nearest, role_of, stood_for
from communique.grounding.countries import aliases_of, country_code
from communique.grounding.haystack import find
from communique.grounding.matching import without_article
from communique.grounding.mentions import in_words, mentions
from communique.grounding.numbers import states_number
from communique.languages import words_of
from communique.schemas import (
    Check,
    Marker,
    Mentioned,
    Quoted,
    Record,
    Response,
    StatedDate,
    StatedNumber,
    StatedPlace,
    Support,
    Worded,
    stated_fields,
)
from communique.schemas.annotation import LISTS, ordered
from communique.schemas.markers import fields_with_parts

MAIN_ROLES = frozenset({"participants", "accusers", "accused", "raised_by", "subjects", "responders"})
"""Fields whose actors the evidence must name or mean; others may be named anywhere in the article."""
_NUMBER = re.compile(r"\d[\d.,]{0,30}\d|\d")
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞŁŚŻ](?<![.!?]\s.)(?<!^.)(?<!\w.)[\w’'.-]{0,60}(?:\s[A-ZÀ-ÖØ-ÞŁŚŻ][\w’'.-]{0,60}){0,6}")
_LONGEST_WORDED = 4000
_MOST_MISSING = 5
_SUPPORT = TypeAdapter(tuple[Support, ...])


class Found:
    """What was found of one record.

    Attributes:
        places: Where its values are, as the fields of a `Support`.
        checks: What was looked for and not found, or only far away.
        examples: Names that exist only in the worked examples of the prompt.
    """

    def __init__(self, examples: frozenset[str] = frozenset()) -> None:
        self.examples = examples
        self.places: list[dict[str, Any]] = []
        self.checks: list[Check] = []

    @property
    def support(self) -> tuple[Support, ...]:
        """Where its values are."""
        return _SUPPORT.validate_python(self.places)

    def missing(self, field: str, reason: str, detail: str, numbers: Collection[int] = ()) -> None:
        """Add a check for what was not found."""
        where = tuple(sorted(numbers))[:8]
        check = Check(field=field, outcome="unsupported", reason=reason, detail=detail, sentences=where)
        self.checks.append(check)


def support_of(record: Record, article: Article, examples: frozenset[str] = frozenset()) -> Found:
    """Look for every copied value of a record.

    Args:
        record: The record, its evidence filled in.
        article: The article.
        examples: Names that exist only in the worked examples of the prompt.
    """
    found = Found(examples)
    _walk(record, "", Near.of(article, record.evidence), found)
    return found


def _walk(model: BaseModel, prefix: str, near: Near, found: Found) -> None:
    values = model.__dict__
    for name, look in _plan(type(model)):
        value = values.get(name)
        if value is None:
            continue
        if isinstance(value, LISTS):
            for index, item in enumerate(ordered(value)):
                _item(item, f"{prefix}{name}[{index}]", look, near, found)
        else:
            _item(value, prefix + name, look, near, found)


def _item(item: Any, path: str, look: _Look | None, near: Near, found: Found) -> None:
    if isinstance(item, BaseModel):
        if isinstance(item, Response) and item.evidence:
            near = Near.of(near.article, item.evidence)
        _walk(item, f"{path}.", near, found)
    elif look is not None and item is not None and str(item).strip():
        look(item, path, near, found)


@lru_cache(maxsize=1024)
def _plan(kind: type[BaseModel]) -> tuple[tuple[str, _Look | None], ...]:
    """Return the fields in which something is to be looked for: by their marker, or inside the parts that they hold."""
    found: list[tuple[str, _Look | None]] = []
    for name, marks in stated_fields(kind):
        look = next((_LOOKS[type(m)] for m in marks if type(m) in _LOOKS), None)
        if look is not None or name in fields_with_parts(kind):
            found.append((name, look))
    return tuple(found)


def _name(item: Any, path: str, near: Near, found: Found) -> None:
    name = str(item)
    places = mentions(name, near.article)
    if not places:
        _not_there(name, path, near, found)
        return
    best = nearest(places, near)
    where = near.where(best.sentence)
    if where == "cited":
        _add(found, path, "cited", best.by, best)
    elif near.stands_for is None:
        # Nothing is known of this language's pronouns: no sign either way.
        _add(found, path, where, best.by, best)
    elif stood_for(name, path, best, near):
        _add(found, path, "context", "mention", best)
    else:
        _add(found, path, "article", best.by, best)
        numbers = sorted({m.sentence for m in places})
        reason = "elsewhere_in_article" if role_of(path) in MAIN_ROLES else "words_elsewhere"
        found.missing(path, reason, f"“{name}” is not in or near the cited sentences", numbers)


def _not_there(name: str, path: str, near: Near, found: Found) -> None:
    if any(find(shown, name) for shown in found.examples):
        found.missing(path, "example_leak", f"“{name}” comes from the worked examples of the prompt")
        return
    joining = near.article.known.conjunctions if near.article.known else ()
    words = [w for _, s, e in words_of(name) if e - s > 2 and (w := name[s:e]) not in joining]
    if words and all(find(w, near.surroundings, near.article.code) for w in words):
        detail = f"“{name}” is not in the article as one name; its words are near the cited sentences"
        found.missing(path, "pieced_together", detail, near.cited)
        return
    found.missing(path, "not_in_article", f"“{name}” is not in the article")


def _place(item: Any, path: str, near: Near, found: Found) -> None:
    value = str(item)
    places = mentions(value, near.article)
    if not places:
        found.missing(path, "place_not_in_article", f"“{value}” is not in the article")
        return
    best = nearest(places, near)
    _add(found, path, near.where(best.sentence), best.by, best)


def _words(item: Any, path: str, near: Near, found: Found, what: str = "words") -> None:
    value = str(item)
    places = in_words(value, near.article)
    if not places:
        found.missing(path, f"{what}_not_in_article", f"“{value}” is not in the article")
        return
    best = nearest(places, near)
    where = near.where(best.sentence)
    _add(found, path, where, "words", best)
    if where == "article":
        told = f"“{value}” is not in or near the cited sentences"
        found.missing(path, f"{what}_elsewhere", told, (best.sentence,))


def _number(value: Any, path: str, near: Near, found: Found) -> None:
    for where, numbers in (("cited", near.cited), ("context", near.context)):
        for sentence in near.article.sentences(sorted(numbers)):
            span = find(str(value), sentence.text, near.article.code)
            stated = isinstance(value, (int, float, Decimal)) and states_number(value, sentence.text, near.article.code)
            if span or stated:
                start, end = span or (0, len(sentence.text))
                place = Mention(sentence.start + start, sentence.start + end, sentence.number, "words")
                _add(found, path, where, "words", place)
                return
    found.missing(path, "number_not_in_evidence", f"the cited sentences don't state {value}", near.cited)


def _worded(item: Any, path: str, near: Near, found: Found) -> None:
    missing = missing_words(str(item), near.surroundings, near.article)
    if missing:
        told = f"not in the evidence or the article: {', '.join(missing)}"
        found.missing(path, "unsupported_words", told, near.cited)


def _add(found: Found, path: str, where: Any, by: Any, place: Mention) -> None:
    start, end, sentence, _ = place
    found.places.append({"field": path, "where": where, "by": by, "start": start, "end": end, "sentence": sentence})


_Look = Callable[[Any, str, Near, Found], None]
_LOOKS: dict[type[Marker], _Look] = {
    Mentioned: _name,
    StatedPlace: _place,
    StatedDate: partial(_words, what="time"),
    StatedNumber: _number,
    Quoted: _words,
    Worded: _worded,
}
"""How each marker's value is looked for."""


def missing_words(worded: str, evidence: str, article: Article) -> list[str]:
    """Return the numbers and names of a worded sentence that neither the evidence nor the article has, five at most.

    Numbers must be in the evidence or its context, names anywhere in the article. Nothing is said of languages that
    write every noun with a capital, beyond numbers.

    Args:
        worded: The model's sentence; its first 4,000 code points are looked at.
        evidence: The cited sentences with their context.
        article: The article.
    """
    worded = worded[:_LONGEST_WORDED]
    missing = [n for n in _NUMBER.findall(worded) if not _has_number(n, evidence)]
    if article.known is None or (article.known.case and not article.known.noun_capitals):
        missing += [n for n in _NAME.findall(worded) if not _has_name(n, article)]
    return list(dict.fromkeys(missing))[:_MOST_MISSING]


def _has_number(number: str, text: str) -> bool:
    at = text.find(number)
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(number) : at + len(number) + 1]
        if not behind.isdigit() and not (before.isdigit() or before in {".", ","}):
            return True
        at = text.find(number, at + 1)
    return False


def _has_name(name: str, article: Article) -> bool:
    form = without_article(name.strip(" .,'’"), article.code)
    if len(form) < 3 or article.spans(form) or _country(form, article):
        return True
    parts = [p for p in form.split() if len(p) > 2]
    return bool(parts) and all(article.spans(p) or _country(p, article) for p in parts)


def _country(form: str, article: Article) -> bool:
    code = country_code(form, "en") or country_code(form, article.code)
    return bool(code) and any(article.spans(alias) for alias in aliases_of(code, article.code))
