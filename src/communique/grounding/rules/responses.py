"""Whether what the accused are said to have answered is an answer, theirs, and to this claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from communique.grounding.article import Article, Mention
from communique.grounding.matching import name_key
from communique.grounding.mentions import mentions
from communique.grounding.rules.rule import Reason, Rule, actors_of, cited
from communique.schemas import Allegation, Check, Record, Response

BACK = -6
"""Sentences before a denial in which the accusation may be that it answers."""
_QUOTE = re.compile(r"[\"“„«»「『][^\"“”„«»「」『』]{2,400}(?:[\"“”«»」』]|$)")
HOLDERS = ("accusers", "raised_by")


def responses_of(record: Record) -> Iterator[tuple[str, Response, tuple[int, ...]]]:
    """Yield each response of a record with its path and the sentences that state it."""
    responses: tuple[object, ...] = getattr(record, "responses", ())
    for index, response in enumerate(responses):
        if isinstance(response, Response):
            yield (
                f"responses[{index}]",
                response,
                tuple(e.sentence for e in response.evidence) or cited(record),
            )


def _denials(record: Record) -> Iterator[tuple[str, Response, tuple[int, ...]]]:
    return (said for said in responses_of(record) if said[1].type == "denial")


def _holders(record: Record) -> Iterator[str]:
    """Yield the names of those who make the claim."""
    return (a.name for path, a in actors_of(record) if path.startswith(HOLDERS))


class NoDenyingWords(Rule[Record]):
    """A denial has a word of denial."""

    reason = Reason(
        "no_denying_words",
        "flag",
        "A denial is recorded, but its sentences contain no word of denial and quote no one as saying “no”.",
        accepts="denial: “Sylvania rejected the claim.”",
        rejects="denial: “Sylvania did not comment.”",
    )

    fields = ("responses",)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        denials = [*_denials(record)]
        if not denials:
            return
        theirs: dict[int, int] = {}  # where the accuser is first named in a sentence
        for mention in _mentions(_holders(record), article):
            theirs[mention.sentence] = min(mention.end, theirs.get(mention.sentence, mention.end))
        for path, response, numbers in denials:
            own = _mentions((a.name for a in response.responders), article)
            named = {m.sentence for m in own}
            answers = [n for n in numbers if n in named or n not in theirs or not _denies(theirs[n], n, article)]
            if article.has("denial", answers) is False and not _says_no(
                article, [n for n in answers if n not in theirs], own, set(cited(record))
            ):
                yield self.unsupported(path, "no word of denial", numbers)


def _denies(named: int, number: int, article: Article) -> bool:
    """Tell whether who is named up to a code point denies: "Freedonia denied it", not "he denied Freedonia's claim"."""
    end = named - article.document.sentences[number - 1].start
    hits = article.hits(number)
    first = min((start for start, _ in hits.get("denial", ())), default=end)
    return end <= first and not any(end <= start < first for start, _ in hits.get("accusation", ()))


def _says_no(article: Article, numbers: list[int], own: list[Mention], claimed: set[int]) -> bool:
    """Tell whether somebody says "no": "I never met the man", or "Brask said that he never met the man".

    Where the sentence is cited for the claim, too, and in reported speech, the responder must be named in it. Who is
    named in a quotation is not the one who speaks.
    """
    for sentence in article.sentences(numbers):
        hits = article.hits(sentence.number)
        negated = hits.get("negation", ())
        here = [m.start - sentence.start for m in own if m.sentence == sentence.number]
        spans = (m.span() for m in _QUOTE.finditer(sentence.text))
        quoted = [(start, end) for start, end in spans if not any(start <= at < end for at in here)]
        if here and "not_denial" not in hits:
            quoted += [(end, len(sentence.text)) for _, end in hits.get("reporting", ())]
        elif sentence.number in claimed:
            continue
        if any(start <= a and b <= end for a, b in negated for start, end in quoted):
            return True
    return False


def _mentions(names: Iterable[str], article: Article) -> list[Mention]:
    return [m for name in names for m in mentions(name, article)]


class OwnClaimDenied(Rule[Record]):
    """Who makes a claim doesn't deny it."""

    reason = Reason(
        "accuser_denies_own_claim",
        "flag",
        "The actor who makes the claim is also recorded as denying it.",
        accepts="Freedonia accuses Sylvania; Sylvania denies it",
        rejects="Freedonia accuses Sylvania; Freedonia denies it",
    )

    fields = ("responses",)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        code = article.code
        denials = [*_denials(record)]
        if not denials:
            return
        holders = {name_key(name, code) for name in _holders(record)}
        for path, response, numbers in denials:
            own = [a.name for a in response.responders if name_key(a.name, code) in holders]
            if own:
                yield self.contradicted(path, f"{', '.join(own)} makes the claim", numbers)


class OtherClaimAnswered(Rule[Record]):
    """A denial answers the claim before it, unless it speaks of all of them."""

    reason = Reason(
        "answers_other_claim",
        "flag",
        "The denial comes right after another accusation and may answer that accusation instead of this claim.",
        accepts="“Freedonia accused Sylvania of theft. Sylvania denied it.”",
        rejects=(
            "the denial given to a later claim: “Freedonia accused Sylvania of theft. Sylvania denied it. There are"
            " fears that Sylvania may also smuggle arms.”"
        ),
    )

    fields = ("responses",)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        own = cited(record)
        if not own or not article.has_list("accusation"):
            return
        for path, _, numbers in _denials(record):
            if set(numbers) & set(own) or article.has("blanket", numbers):
                continue
            first = min(numbers)
            later = min(own) > first
            if not later and isinstance(record, Allegation):
                continue  # several denials of one accusation may be spread over an article
            # From the denial back to the claim, or, where the claim comes later, a few sentences before the denial.
            start = BACK if later else max(n for n in own if n < first) + 1 - first
            between = [n for n in range(max(first + start, 1), first) if "accusation" in article.hits(n)]
            if between:
                yield self.contradicted(
                    path, f"sentence {between[-1]} is also an accusation, and is nearer", (between[-1], first)
                )


RULES: tuple[Rule[Any], ...] = (NoDenyingWords(), OwnClaimDenied(), OtherClaimAnswered())
