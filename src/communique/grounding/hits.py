"""Which phrases of a sentence count: words in names do not, nor does a denial that is part of what somebody is accused of."""

from __future__ import annotations

from collections.abc import Sequence

from communique.grounding.haystack import Span
from communique.languages import Language, words_of

Hits = dict[str, list[Span]]

_NEVER_NAMES = frozenset(
    {"anticipation", "description", "doubt", "opinion", "past", "planned", "pronoun", "reporting", "strong_doubt"}
)
"""Lists of words that no name is: "in May" is no doubt, "the Independent States" say nothing."""
VERBS = ("verb ", "passive ")
"""Beginnings of the names of the lists that hold verbs of accusation."""
CLAUSE_ENDS = (";", ":", "”", "»")
_BREAKS = ",–—(،"
_BEFORE = 4
"""Words before a denial among which whoever denies is named: "but Moscow has always denied it"."""


def counting(hits: Hits, text: str, language: Language | None) -> Hits:
    """Return the phrases of a sentence that count.

    Args:
        hits: All phrases that were found, by list, as spans in the text.
        text: The sentence.
        language: What is known of its language.
    """
    if language is not None and language.case and not language.noun_capitals:
        hits = _without_names(hits, text, language.articles)
    hits = less(hits, "denial", "not_denial")
    if language is not None and language.spaces and "denial" in hits and "untruth" in hits:
        hits = _without_acts(hits, text, language)
    return hits


def untruths(hits: Hits) -> frozenset[int]:
    """Return where words of untruth begin, which are words of denial, too."""
    return frozenset(start for start, _ in hits.get("untruth", ()))


def _without_acts(hits: Hits, text: str, language: Language) -> Hits:
    """Leave out denials that tell what somebody is accused of: "accused Klow of spreading disinformation"."""
    verbs = [end for name, spans in hits.items() if name.startswith(VERBS) for _, end in spans]
    weak, names, left = untruths(hits), language.case and not language.noun_capitals, list[Span]()
    for span in hits["denial"]:
        before = [end for end in verbs if end <= span[0]]  # "a charge" is one of them
        told = before and span[0] in weak and all(_of_act(span[0], verb, hits, text, names=names) for verb in before)
        if not told:
            left.append(span)
    return {**hits, "denial": left} if left else {k: v for k, v in hits.items() if k != "denial"}


def _of_act(at: int, verb: int, hits: Hits, text: str, *, names: bool) -> bool:
    """Tell whether nobody is named for a denial between the verb of accusation and it.

    Args:
        at: Offset of the denial.
        verb: Offset behind the verb.
        hits: All phrases of the sentence.
        text: The sentence.
        names: Whether a capital shows a name.
    """
    if any(mark in text[verb:at] for mark in CLAUSE_ENDS):
        return False
    broken = max((n + 1 for n in range(verb, at) if text[n] in _BREAKS), default=verb)
    linked = [end for n, spans in hits.items() if n.startswith("link ") for _, end in spans if verb < end <= at]
    begin = max(broken, *linked, verb)
    words = [begin + start for _, start, _ in words_of(text[begin:at])]
    new_clause = verb < broken == begin and len(words) >= 2
    if new_clause and not any(begin <= start < at for start, _ in hits["denial"]):
        return False
    pronouns = {start for start, _ in hits.get("pronoun", ())}
    return not any((names and text[start].isupper()) or start in pronouns for start in words[-_BEFORE:])


def less(hits: Hits, name: str, but: str) -> Hits:
    """Leave out phrases of one list that are a part of a phrase of another: "denied entry" denies nothing."""
    others = hits.get(but)
    if not others or name not in hits:
        return hits
    left = [s for s in hits[name] if not any(a <= s[0] and s[1] <= b for a, b in others)]
    rest = {key: spans for key, spans in hits.items() if key != name}
    return {**rest, name: left} if left else rest


def _without_names(hits: Hits, text: str, articles: Sequence[str]) -> Hits:
    """Leave out phrases that are written with a capital inside a sentence, but for descriptions such as "the Secretary"."""
    for name in _NEVER_NAMES & hits.keys():
        called = articles if name == "description" else ()
        hits[name] = [s for s in hits[name] if not _like_a_name(text, s[0]) or _called_the(text, s, called)]
        if not hits[name]:
            del hits[name]
    return hits


def _like_a_name(text: str, at: int) -> bool:
    """Tell whether a word has a capital though no sentence, quotation or clause begins with it."""
    return text[at].isupper() and text[max(at - 3, 0) : at].rstrip()[-1:].isalnum()


def _called_the(text: str, span: Span, articles: Sequence[str]) -> bool:
    """Tell whether words stand behind an article, and no further part of a name behind them."""
    before = text[max(span[0] - 12, 0) : span[0]].split()
    behind = text[span[1] : span[1] + 2].strip()
    return bool(before) and before[-1].lower() in articles and not behind[:1].isupper()
