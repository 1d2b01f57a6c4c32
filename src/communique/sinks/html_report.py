"""HTML: one self-contained page for one document or ten thousand.

All article text reaches the page as JSON in inert `<script type="application/json">` elements, every string already safe
to show, and is put on it with `textContent`. The policy in the first line of the page allows our own style and script by
their hash, and nothing else: no request, no image, no form, no base.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import json
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from communique.errors import MissingExtraError
from communique.schemas import Actor, Evidence, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import Card, CardNote, card_of
from communique.sinks.identifiers import actors, countries, safe_link
from communique.sinks.plain_text import render_text, visible
from communique.sinks.remarks import GROUPS, VERDICTS, join, numbered, path_label, responders, why, words
from communique.sinks.sink import SinkOptions

_SCRIPTS = ("elements.js", "document.js", "filters.js", "table.js", "timeline.js", "network.js", "pages.js")
_PLAIN = 50
"""Documents up to which the page also holds the plain text, for readers without JavaScript."""
_FROM = ("participants", "accusers", "raised_by")
_TO = ("accused", "subjects")
_FLAGGED, _DENIED, _UNATTRIBUTED, _WORDED, _SUPPORTED, _VERIFIED = 1, 2, 4, 8, 16, 32
"""Bits of a row of the table."""

Stretch = tuple[str, tuple[int, ...]]
"""A piece of text and the numbers of the sentences that it belongs to."""


class HtmlSink:
    """One page: article and records side by side; for a set also a table, a timeline and a network."""

    name: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"
    tables: ClassVar[bool] = False

    def open(self, path: Path, options: SinkOptions) -> None:
        """Begin the page; documents are spooled beside it until the end."""
        with MissingExtraError.naming("the sink 'html'", "html"):
            import jinja2
        self._environment = jinja2.Environment(
            autoescape=True,
            loader=jinja2.PackageLoader("communique.sinks"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
        )
        self._environment.policies["json.dumps_function"] = lambda value, **_: json_line(value)
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=path.parent)  # noqa: SIM115 - closed in close()
        self._title, self._notes, self._rejected = options.title, options.notes, 0
        self._rows, self._documents, self._plain = list[list[Any]](), list[list[Any]](), list[str]()
        self._numbers, self._names = dict[str, int](), list[str]()

    def write(self, summary: VerifiedSummary, text: str | None = None) -> None:
        number, info, cards = len(self._documents), summary.document, cards_of(summary)
        content = document_of(summary, cards, text, number)
        for shown, card in zip(content["cards"], cards, strict=True):
            shown["beside"] = beside(note for notes in self._notes for note in notes(summary, card.record))
        self._spool.write(json_line(content) + "\n")
        self._documents.append([content["title"], line(info.outlet), line(info.published), len(cards)])
        self._rows += [[number, n, *self._row(card)] for n, card in enumerate(cards)]
        self._rejected += len(summary.rejections)
        if number < _PLAIN:
            self._plain.append(render_text(summary))

    def close(self) -> None:
        with self._file, self._spool:
            self._spool.seek(0)
            self._file.writelines(self._environment.get_template("report.html.j2").generate(**self._content()))

    def _content(self) -> dict[str, Any]:
        from markupsafe import Markup

        several = len(self._documents) > 1
        style, vendored = _own("templates/report.css"), _own("vendor/cytoscape.min.js") if several else ""
        script = "\n".join(_own(f"templates/js/{name}") for name in _SCRIPTS)
        return {
            "title": self._title or (self._documents[0][0] if len(self._documents) == 1 else "communique report"),
            "several": several,
            "style": Markup(style),  # noqa: S704 - our own file
            "script": Markup(script),  # noqa: S704 - our own files
            "vendored": Markup(vendored),  # noqa: S704 - a file of our wheel
            "style_hash": _hash(style),
            "script_hashes": [_hash(s) for s in (script, vendored) if s],
            "documents": map(json.loads, self._spool),
            "index": {
                "rows": self._rows,
                "documents": self._documents,
                "names": self._names,
                "rejected": self._rejected,
                "verdicts": VERDICTS,
                "groups": GROUPS,
            },
            "plain": self._plain if len(self._documents) <= _PLAIN else [],
        }

    def _row(self, card: Card) -> list[Any]:
        """Return what the table has of a record: kind, date, headline, from, to, countries, bits."""
        record, found = card.record, list(actors(card.record))
        one = [self._number(a) for role, a in found if role in _FROM]
        two = [self._number(a) for role, a in found if role in _TO]
        if not one and not two:
            one = [self._number(a) for role, a in found if role != "source"]
        bits = {"flagged": _FLAGGED, "supported": _SUPPORTED, "verified": _VERIFIED}.get(record.verdict, 0)
        bits |= _DENIED * card.denied | _WORDED * (card.headline_origin == "worded")
        bits |= _UNATTRIBUTED * (hasattr(record, "accusers") or hasattr(record, "raised_by")) * (not one)
        date = record.derived.date or (f"..{record.derived.not_after}" if record.derived.not_after else "")
        codes = " ".join(map(line, countries(record)))
        return [line(card.kind), line(date), line(card.headline), one, two, codes, bits]

    def _number(self, actor: Actor) -> int:
        """Return the number of an actor: the same name, or a country of the same code, has one number in a report."""
        name, code = actor.name, actor.country_code
        keys = [f"\0{code}", name.casefold()] if actor.kind == "country" and code else [name.casefold()]
        number = next((self._numbers[k] for k in keys if k in self._numbers), len(self._names))
        if number == len(self._names):
            self._names.append(line(name))
        for key in keys:
            self._numbers.setdefault(key, number)
        return number


def _own(path: str) -> str:
    return (files("communique.sinks") / path).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def line(text: object) -> str:
    """Return a value as one safe line."""
    return visible(str(text or ""), one_line=True)


def cards_of(summary: VerifiedSummary) -> list[Card]:
    """Return the card of every record, in the order of the output.

    What shows beside who said it has the model's sentence alone as its headline, such as a claim. Where there is none, the
    headline, which is English, isn't put between names that run from right to left.
    """
    found = []
    for kind, record in ((kind, record) for kind, group in summary.records.items() for record in group):
        card = card_of(kind, record)
        told = {"group_key", "response_status"} if card.denied else {"group_key"}  # a key; the pill says it
        changed: dict[str, Any] = {"facts": tuple(f for f in card.facts if f.field not in told)}
        if card.own_words:
            changed |= {"headline": card.own_words, "headline_origin": "worded"}
        elif any(unicodedata.bidirectional(c) in {"R", "AL"} for c in card.headline):
            names = join([a.name for _, a in actors(record)])
            changed |= {"headline": names or card.headline, "headline_origin": "copied"}
        found.append(dataclasses.replace(card, **changed))
    return found


def document_of(
    summary: VerifiedSummary, cards: Sequence[Card], text: str | None, number: int, sentences: Iterable[Evidence] = ()
) -> dict[str, Any]:
    """Return everything that the view of one document shows; `sentences` have their numbers there, cited or not."""
    info, made = summary.document, summary.provenance
    shown = [e for c in cards for group in (c.record.evidence, *(a.evidence for a in c.answers)) for e in group]
    shown += sentences
    pieces = only_evidence(shown) if text is None else stretches(text, shown)
    usage = made.usage
    facts = [
        ("Outlet", info.outlet),
        ("Published", f"{info.published} ({info.published_basis})" if info.published else "date not known"),
        ("Language", info.language),
        ("Source", info.source),
        ("Document", info.id),
        ("Model", " · ".join(filter(None, [made.model, made.backend]))),
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
        "parts": [[visible(piece), list(numbers)] for piece, numbers in pieces],
        "cards": [_card(c) for c in cards],
        "rejections": [
            {
                "kind": line(words(r.kind)),
                "field": line(path_label(r.field).lower() if r.field else ""),
                "why": line(why(r)),
                "draft": visible(json_line(r.draft)),
            }
            for r in summary.rejections
        ],
    }


def _card(card: Card) -> dict[str, Any]:
    def quotes(evidence: Iterable[Evidence]) -> list[list[Any]]:
        return [[e.sentence, line(e.exact), e.page] for e in evidence]

    return {
        "kind": line(card.kind),
        "label": line(card.label),
        "id": line(card.record.id),
        "headline": line(card.headline),
        "origin": card.headline_origin,
        "badges": [line(b) for b in card.badges],
        "facts": [
            [line(f.label), f.origin, [[line(v.text), line(v.detail), line(v.code)] for v in f.values]]
            for f in card.facts
        ],
        "answers": [
            {"type": line(words(a.type)), "who": line(responders(a)), "cue": line(a.cue), "quotes": quotes(a.evidence)}
            for a in card.answers
        ],
        "remarks": {g: [[line(r.label), line(r.text)] for r in card.remarks if r.group == g] for g in GROUPS},
        "verdict": card.record.verdict,
        "judged": [
            [j.probability, line(j.statement), line(j.model), numbered(j.sentences)] for j in card.record.judgements
        ],
        "denied": card.denied,
        "quotes": quotes(card.record.evidence),
    }


def beside(notes: Iterable[CardNote]) -> list[list[Any]]:
    """Return what others say of a record: by heading, each note with what it is about, its state, tone and sentence."""
    groups: dict[str, list[list[str]]] = {}
    for note in notes:
        shown = [line(note.about), line(note.state), note.tone, line(note.text)]
        groups.setdefault(line(note.group), []).append(shown)
    return [[group, found] for group, found in groups.items()]


def stretches(text: str, evidence: Iterable[Evidence]) -> list[Stretch]:
    """Cut a text into stretches; joined they are the text again.

    A sentence whose words don't stand at its offsets is looked for; if the text doesn't hold them, it is left unlit.
    """
    spans = sorted({span for e in evidence if (span := _span(text, e))})
    cuts = sorted({0, len(text), *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    found: list[Stretch] = []
    first = 0
    for start, end in itertools.pairwise(cuts):
        while first < len(spans) and spans[first][1] <= start:
            first += 1
        numbers = dict.fromkeys(n for s, e, n in spans[first:] if s <= start and end <= e)
        found.append((text[start:end], tuple(numbers)))
    return found


def only_evidence(evidence: Iterable[Evidence]) -> list[Stretch]:
    """Return the evidence alone, in text order, each sentence once, with an ellipsis where text is missing."""
    found: list[Stretch] = []
    end = 0
    for start, _, number, item in sorted({(e.start, e.end, e.sentence, e.exact) for e in evidence}):
        if start > end or found:
            found.append((" … " if start > end else " ", ()))
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
