"""What belongs to the report and not to the event: the day on which somebody said it, what was only expected."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from communique.grounding.article import Article
from communique.grounding.rules.rule import Reason, Rule
from communique.schemas import Check, Meeting, Record, StatedDate, field_markers

REACH = 70
"""Code points between a word of saying and the day that belongs to it."""


class ReportDate(Rule[Record]):
    """The day of a report is not the day of the event."""

    reason = Reason(
        "date_of_report",
        "flag",
        "The recorded time is when the event was reported, not when it happened.",
        accepts="“They met on Monday, the ministry said.”",
        rejects="“They met, the ministry said on Monday.”",
    )

    def concerns(self, kind: type[Record]) -> bool:
        return bool(dated_fields(kind))

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        for name, value in _times(record):
            place = _report(name, record, article)
            if place:
                yield self.contradicted(name, f"“{value}” is when it was reported", (place,))


@lru_cache(maxsize=1024)
def dated_fields(kind: type[Record]) -> tuple[str, ...]:
    """Return the fields of a record type that hold time words."""
    return tuple(n for n in kind.model_fields if any(isinstance(m, StatedDate) for m in field_markers(kind, n)))


def _times(record: Record) -> Iterator[tuple[str, str]]:
    for name in dated_fields(type(record)):
        value = getattr(record, name)
        if isinstance(value, str) and value:
            yield name, value


def _report(path: str, record: Record, article: Article) -> int | None:
    """Return the sentence in which the time follows a word of saying, with no word of meeting between them."""
    support = next((s for s in record.support if s.field == path), None)
    if support is None:
        return None
    sentence = article.document.sentence(support.sentence)
    at = support.start - sentence.start
    hits = article.hits(sentence.number)
    last = next((h for h in reversed(hits.get("reporting", [])) if h[1] <= at), None)
    if last is None or at - last[1] > REACH:
        return None
    between = sentence.text[last[1] : at]
    if any(c in between for c in ".;:") or len(between.split()) > 8:
        return None
    told = [h for name in ("meeting", "past", "planned") for h in hits.get(name, []) if last[1] <= h[0] < at]
    if told or not any(h[1] <= last[0] for name in ("meeting", "past") for h in hits.get(name, [])):
        return None
    return sentence.number


class Anticipated(Rule[Meeting]):
    """A topic that was only expected was not discussed."""

    reason = Reason(
        "anticipated_not_discussed",
        "flag",
        "The topic was expected beforehand, but it is not reported as discussed.",
        accepts="topic grain: “They discussed grain.”",
        rejects="topic grain: “He had expected talks on grain.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        if record.status not in {"held", "ongoing"}:
            return
        for support in record.support:
            if not support.field.startswith("topics["):
                continue
            sentence = article.document.sentence(support.sentence)
            at = support.start - sentence.start
            hits = article.hits(sentence.number)
            # "Ahead of the summit, they discussed grain": what was expected is something else.
            told = max((end for _, end in hits.get("past", []) if end <= at), default=0)
            before = [h for h in hits.get("anticipation", []) if told <= h[0] and h[1] <= at]
            if before:
                words = sentence.text[slice(*before[0])]
                yield self.contradicted(support.field, f"“{words}”: expected beforehand", (sentence.number,))


RULES: tuple[Rule[Any], ...] = (ReportDate(), Anticipated())
