"""What a model worded itself: numbers and names in its sentence must be in the evidence or the article."""

from __future__ import annotations

import re

from communique.grounding.article import Article
from communique.grounding.countries import aliases_of, country_code
from communique.grounding.matching import without_article

_NUMBER = re.compile(r"\d[\d.,]{0,30}\d|\d")
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞŁŚŻ](?<![.!?]\s.)(?<!^.)(?<!\w.)[\w’'.-]{0,60}(?:\s[A-ZÀ-ÖØ-ÞŁŚŻ][\w’'.-]{0,60}){0,6}")
_LONGEST = 4000
_MOST = 5


def missing_words(worded: str, evidence: str, article: Article) -> list[str]:
    """Return the numbers and names of a worded sentence that neither the evidence nor the article has, five at most.

    Numbers must be in the evidence or its context, names anywhere in the article. Nothing is said of languages that
    write every noun with a capital, beyond numbers.

    Args:
        worded: The model's sentence; its first 4,000 code points are looked at.
        evidence: The cited sentences with their context.
        article: The article.
    """
    worded = worded[:_LONGEST]
    missing = [n for n in _NUMBER.findall(worded) if not _has_number(n, evidence)]
    if article.known is None or (article.known.case and not article.known.noun_capitals):
        missing += [n for n in _NAME.findall(worded) if not _has_name(n, article)]
    return list(dict.fromkeys(missing))[:_MOST]


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
