"""Item: what the page shows of one record: the article, the card, what was decided, and how it can be edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from communique.documents import number_sentences
from communique.review.decision import Decision, stated
from communique.review.queue import Entry, Queue
from communique.review.reviewed import marked
from communique.schemas import Record, VerifiedSummary
from communique.schemas.annotation import choices, nullable, options
from communique.sinks.control_chars import visible
from communique.sinks.record_roles import responses
from communique.sinks.remarks import field_label
from communique.sinks.report_content import cards_of, document_of, line, only_evidence

Piece = tuple[str, int, str]
"""A piece of the text, the number of its sentence (0 between sentences), and what the record cites it for, if at all."""


def row(entry: Entry, queue: Queue) -> dict[str, Any]:
    """Return a record as the list shows it."""
    standing = queue.standing(entry)
    return {
        "key": entry.key,
        "kind": line(entry.kind),
        "headline": entry.headline,
        "title": entry.title,
        "verdict": entry.verdict,
        "state": standing.state,
        "conflict": standing.conflict,
    }


def item(entry: Entry, queue: Queue) -> dict[str, Any]:
    """Return everything that the page shows of a record."""
    summary, record = queue.record(entry)
    standing = queue.standing(entry)
    shown = marked(record, standing, summary) if standing.state in ("corrected", "again") else record
    alone = summary.model_copy(update={"records": {entry.kind: (shown,)}, "rejections": ()})
    cards = [card for card, _ in cards_of(alone)]
    text = summary.document.text
    content = document_of(alone, cards, text, 0)
    before = standing.last.edited if standing.state == "corrected" and standing.last else None
    return {
        **row(entry, queue),
        "fingerprint": entry.fingerprint,
        "version": queue.decisions.version(entry.key),
        "why": standing.why,
        "history": [_told(d) for d in queue.decisions.standing(entry.key)],
        "missing": [_told(d) for d in queue.missing(entry.document)],
        "card": {**content["cards"][0], "beside": []},
        "document": {name: content[name] for name in ("title", "link", "facts", "warnings", "kept")},
        "pieces": [(visible(piece), number, role) for piece, number, role in _pieces(summary, shown)],
        "stated": (edited := before or stated(record)),
        "labels": {name: field_label(name) for name in edited},
        "choices": {name: values for name in edited if (values := _choices(record, name))},
    }


def _choices(record: Record, name: str) -> list[str]:
    field = type(record).model_fields.get(name)
    of = list(options(field.annotation)) if field else []
    values = [v for v in choices(of[0]) if isinstance(v, str)] if len(of) == 1 else []
    return [*values, ""] if field and values and nullable(field.annotation) else values


def _pieces(summary: VerifiedSummary, record: Record) -> Iterator[Piece]:
    info = summary.document
    cited = [("evidence", e) for e in record.evidence]
    cited += [("denial" if r.type == "denial" else "answer", e) for r in responses(record) for e in r.evidence]
    if not info.text:
        roles = {e.sentence: role for role, e in reversed(cited)}
        for text, numbers in only_evidence(e for r in (record, *summary.all_records()) for e in r.evidence):
            number = numbers[0] if numbers else 0
            yield text, number, roles.get(number, "")
        return
    end = 0
    for s in number_sentences(info.text, info.language or "en"):
        if s.start > end:
            yield info.text[end : s.start], 0, ""
        yield s.text, s.number, next((role for role, e in cited if e.start < s.end and s.start < e.end), "")
        end = s.end
    if end < len(info.text):
        yield info.text[end:], 0, ""


def _told(decision: Decision) -> dict[str, Any]:
    words = {name: line(getattr(decision, name)) for name in ("id", "by", "at", "decision", "kind", "comment")}
    return {**words, "fingerprint": decision.fingerprint, "sentences": [e.sentence for e in decision.sentences]}
