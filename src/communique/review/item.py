"""Item: what the page shows of one record: the article, the card, what was decided, and how it can be edited."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from communique.documents import number_sentences
from communique.review.correction import form_of
from communique.review.decision import Decision, stated
from communique.review.queue import Entry, Queue
from communique.review.reviewed import marked
from communique.schemas import Evidence, Record, VerifiedSummary
from communique.schemas.summary import AnyRecord
from communique.sinks.control_chars import visible
from communique.sinks.record_roles import responses
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
        "card": content["cards"][0],
        "document": {name: content[name] for name in ("title", "link", "facts", "warnings", "kept")},
        "pieces": [(visible(piece), number, role) for piece, number, role in _pieces(summary, shown)],
        "stated": before or stated(record),
        "form": [] if isinstance(record, AnyRecord) else form_of(type(record)),
    }


def _pieces(summary: VerifiedSummary, record: Record) -> Iterator[Piece]:
    info = summary.document
    cited = [("evidence", e) for e in record.evidence]
    cited += [(r.type, e) for r in responses(record) for e in r.evidence]
    if not info.text:
        found = only_evidence(e for r in (record, *summary.all_records()) for e in r.evidence)
        roles = {e.sentence: role for role, e in reversed(cited)}
        yield from (
            (text, numbers[0] if numbers else 0, _role(roles.get((*numbers, 0)[0], ""))) for text, numbers in found
        )
        return
    end = 0
    for s in number_sentences(info.text, info.language or "en"):
        if s.start > end:
            yield info.text[end : s.start], 0, ""
        role = next((name for name, e in cited if _overlaps(e, s.start, s.end)), "")
        yield s.text, s.number, _role(role)
        end = s.end
    if end < len(info.text):
        yield info.text[end:], 0, ""


def _overlaps(item: Evidence, start: int, end: int) -> bool:
    return item.start < end and start < item.end


def _role(name: str) -> str:
    return name if name in ("", "evidence", "denial") else "answer"


def _told(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "by": line(decision.by),
        "at": decision.at,
        "decision": decision.decision,
        "kind": line(decision.kind),
        "comment": line(decision.comment),
        "fingerprint": decision.fingerprint,
        "sentences": [e.sentence for e in decision.sentences],
    }
