"""Who meets, where the sentence says between whom."""

from __future__ import annotations

from collections.abc import Iterator

from communique.grounding.article import Article
from communique.grounding.haystack import Span
from communique.grounding.mentions import mentions
from communique.grounding.rules.rule import Reason, Rule, cited
from communique.schemas import Check, Meeting, Record

REACH = 30
"""Code points between a word of meeting and the word that says between whom."""


class NotBetween(Rule):
    """Of a summit between two, others who stand in the sentence are no part."""

    reason = Reason(
        "not_between",
        "note",
        "The cited sentence says between whom the meeting is, and this name is not among them.",
        accepts="Odo Brask and Ilya Tarn: “Freedonia recalled the summit between Odo Brask and Ilya Tarn.”",
        rejects="Freedonia as well: “Freedonia recalled the summit between Odo Brask and Ilya Tarn.”",
    )

    kinds = (Meeting,)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        if not isinstance(record, Meeting) or len(numbers) != 1:
            return
        stretch = _between(article, numbers[0])
        if stretch is None:
            return
        spots = [[m for m in mentions(p.name, article) if m.sentence == numbers[0]] for p in record.participants]
        inside = [any(stretch[0] <= m.start < stretch[1] and m.by != "country" for m in found) for found in spots]
        if not any(inside):
            return
        for index, participant in enumerate(record.participants):
            if spots[index] and not inside[index]:
                yield self.contradicted(
                    f"participants[{index}].name", f"“{participant.name}” is not among them", numbers
                )


def _between(article: Article, number: int) -> Span | None:
    """Return the stretch of a sentence behind the one "between" that follows a word of meeting, in the document."""
    sentence = article.document.sentence(number)
    hits = article.hits(number)
    meetings = hits.get("meeting", ())
    found = [
        end for start, end in hits.get("between", ()) if any(first < start <= last + REACH for first, last in meetings)
    ]
    return (sentence.start + found[0], sentence.end) if len(found) == 1 else None


RULES: tuple[Rule, ...] = (NotBetween(),)
