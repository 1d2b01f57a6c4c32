"""What the HTML report knows: small JSON objects of plain text, every string already safe to show."""

from __future__ import annotations

import dataclasses
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from communique.schemas import Evidence, Record, Rejection, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import Answer, Card, CardNote, card_of
from communique.sinks.identifiers import safe_link
from communique.sinks.plain_text import visible
from communique.sinks.record_roles import actors, countries
from communique.sinks.remarks import GROUPS, join, numbered, path_label, why, words

_FROM = ("participants", "accusers", "raised_by")
_TO = ("accused", "subjects")
FLAGGED, DENIED, UNATTRIBUTED, WORDED, SUPPORTED, VERIFIED = 1, 2, 4, 8, 16, 32
"""Bits of a row."""

Stretch = tuple[str, tuple[int, ...]]
"""A piece of text and the numbers of the sentences that it belongs to."""


def line(text: object) -> str:
    """Return a value as one safe line."""
    return visible(str(text or ""), one_line=True)


def cards_of(summary: VerifiedSummary) -> list[tuple[Card, Record]]:
    """Return the card of every record, in the order of the output.

    What shows beside who said it has the model's sentence alone as its headline, such as a claim. Where there is none, the
    headline, which is English, isn't put between names that run from right to left.
    """
    found = []
    for kind, group in summary.records.items():
        for record in group:
            card = card_of(kind, record)
            told = {"group_key", "response_status"} if card.denied else {"group_key"}  # a key; the pill says it
            facts = tuple(f for f in card.facts if f.field not in told)
            card = dataclasses.replace(card, facts=facts)
            if card.own_words:
                card = dataclasses.replace(card, headline=card.own_words, headline_origin="worded")
            elif any(unicodedata.bidirectional(c) in {"R", "AL"} for c in card.headline):
                names = join([a.name for _, a in actors(record)])
                card = dataclasses.replace(card, headline=names or card.headline, headline_origin="copied")
            found.append((card, record))
    return found


def document_of(
    summary: VerifiedSummary, cards: Sequence[Card], text: str | None, number: int, sentences: Iterable[Evidence] = ()
) -> dict[str, Any]:
    """Return everything that the view of one document shows; `sentences` have their numbers there, cited or not."""
    info, made = summary.document, summary.provenance
    cited = [e for c in cards for e in (*c.evidence, *(e for a in c.answers for e in a.evidence))]
    parts = only_evidence([*cited, *sentences]) if text is None else stretches(text, [*cited, *sentences])
    usage = made.usage
    facts = [
        ("Outlet", info.outlet),
        ("Published", f"{info.published} ({info.published_basis})" if info.published else "date not known"),
        ("Language", info.language),
        ("Source", info.source),
        ("Document", info.id),
        ("Model", " · ".join(x for x in (made.model, made.backend) if x)),
        ("Tokens", f"{usage.input_tokens:,} in, {usage.answers_told}" if usage.input_tokens else ""),
        ("Seconds", f"{made.seconds:.1f}" if made.seconds else ""),
        ("Text", "; ".join(info.notes)),
        ("communique", f"{made.communique}, schema {summary.schema_version}"),
    ]
    return {
        "n": number,
        "title": line(info.title or info.source or info.id),
        "link": safe_link(info.source),
        "facts": [[label, line(value)] for label, value in facts if value],
        "warnings": [line(words(w)) for w in made.warnings],
        "kept": text is not None,
        "parts": [[visible(piece), list(numbers)] for piece, numbers in parts],
        "cards": [_card(c) for c in cards],
        "rejections": [_rejection(r) for r in summary.rejections],
    }


def row_of(document: int, card: int, view: Card, record: Record, names: Names) -> list[Any]:
    """Return a record's row of the table, as a short list: document, card, kind, date, headline, from, to, countries, bits."""
    found = list(actors(record))
    one = [names.number(a.name, a.kind, a.country_code) for role, a in found if role in _FROM]
    two = [names.number(a.name, a.kind, a.country_code) for role, a in found if role in _TO]
    if not one and not two:
        one = [names.number(a.name, a.kind, a.country_code) for role, a in found if role != "source"]
    bits = {"flagged": FLAGGED, "supported": SUPPORTED, "verified": VERIFIED}.get(view.verdict, 0)
    bits |= DENIED * view.denied | WORDED * (view.headline_origin == "worded")
    bits |= UNATTRIBUTED * (hasattr(record, "accusers") or hasattr(record, "raised_by")) * (not one)
    date = record.derived.date or (f"..{record.derived.not_after}" if record.derived.not_after else "")
    return [
        document,
        card,
        line(view.kind),
        line(date),
        line(view.headline),
        one,
        two,
        " ".join(map(line, countries(record))),
        bits,
    ]


class Names:
    """Numbers for actors: the same name, or a country of the same code, has one number in a report."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.labels: list[str] = []

    def number(self, name: str, kind: str | None, code: str | None) -> int:
        """Return the number of a name, a new one if it is new."""
        keys = [f"\0{code}", name.casefold()] if kind == "country" and code else [name.casefold()]
        number = next((self._numbers[k] for k in keys if k in self._numbers), len(self.labels))
        if number == len(self.labels):
            self.labels.append(line(name))
        for key in keys:
            self._numbers.setdefault(key, number)
        return number


def _card(card: Card) -> dict[str, Any]:
    return {
        "kind": line(card.kind),
        "label": line(card.label),
        "id": line(card.id),
        "headline": line(card.headline),
        "origin": card.headline_origin,
        "badges": [line(b) for b in card.badges],
        "facts": [
            [line(f.label), f.origin, [[line(v.text), line(v.detail), line(v.code)] for v in f.values]]
            for f in card.facts
        ],
        "answers": [_answer(a) for a in card.answers],
        "remarks": {g: [[line(r.label), line(r.text)] for r in card.remarks if r.group == g] for g in GROUPS},
        "verdict": card.verdict,
        "judged": [[j.probability, line(j.statement), line(j.model), numbered(j.sentences)] for j in card.judgements],
        "denied": card.denied,
        "quotes": [_quote(e) for e in card.evidence],
    }


def beside(notes: Iterable[CardNote]) -> list[list[Any]]:
    """Return what others say of a record: by heading, each note with what it is about, its state, tone and sentence."""
    groups: dict[str, list[list[str]]] = {}
    for note in notes:
        shown = [line(note.about), line(note.state), note.tone, line(note.text)]
        groups.setdefault(line(note.group), []).append(shown)
    return [[group, found] for group, found in groups.items()]


def _answer(answer: Answer) -> dict[str, Any]:
    who = join([v.text for v in answer.responders]) or "an unnamed party"
    quotes = [_quote(e) for e in answer.evidence]
    return {"type": line(words(answer.type)), "who": line(who), "cue": line(answer.cue), "quotes": quotes}


def _quote(item: Evidence) -> list[Any]:
    return [item.sentence, line(item.exact), item.page]


def _rejection(item: Rejection) -> dict[str, Any]:
    return {
        "kind": line(words(item.kind)),
        "field": line(path_label(item.field).lower() if item.field else ""),
        "why": line(why(item)),
        "draft": visible(json_line(item.draft)),
    }


def stretches(text: str, evidence: Iterable[Evidence]) -> list[Stretch]:
    """Cut a text into stretches; joined they are the text again.

    Args:
        text: The article.
        evidence: Sentences in it. One whose words don't stand at its offsets is looked for; if the text doesn't hold
            them, it is left unlit.
    """
    spans = sorted({span for e in evidence if (span := _span(text, e))})
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    found: list[Stretch] = []
    first = 0
    for start, end in itertools.pairwise(cuts):
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        numbers = tuple(
            dict.fromkeys(n for s, e, n in spans[first:] if s <= start and end <= e) if first < len(spans) else ()
        )
        found.append((text[start:end], numbers))
    return found


def only_evidence(evidence: Iterable[Evidence]) -> list[Stretch]:
    """Return the evidence alone, in text order, each sentence once, with an ellipsis where text is missing."""
    found: list[Stretch] = []
    end = 0
    for start, _, number, item in sorted({(e.start, e.end, e.sentence, e.exact) for e in evidence}):
        if start > end:
            found.append((" … ", ()))
        elif found:
            found.append((" ", ()))
        found.append((item, (number,)))
        end = start + len(item) + 1
    return found


def _span(text: str, item: Evidence) -> tuple[int, int, int] | None:
    if not item.exact:
        return None
    if 0 <= item.start < item.end and text[item.start : item.end] == item.exact:
        return item.start, item.end, item.sentence
    at = text.find(item.exact)
    return (at, at + len(item.exact), item.sentence) if at >= 0 else None
