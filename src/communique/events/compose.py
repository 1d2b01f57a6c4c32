"""An event from its records: each field's values with all who give them, contradictions, answers, sources, and why."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel

from communique.events.copies import copies
from communique.events.event import Answer, Citation, Contradiction, Event, Source, Value, Why
from communique.events.linkage import spread
from communique.events.mention import VAGUE, Mention, days_of, is_place, role_of
from communique.events.score import compare
from communique.schemas import (
    Actor,
    Attribution,
    Choice,
    DocumentInfo,
    Place,
    Record,
    Response,
    VerifiedSummary,
    Worded,
    field_markers,
    leaves,
)
from communique.sinks.plover import events as plover_events
from communique.sinks.record_roles import parts, responses

_NUMBER = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d+)*)[ \u00a0]+([^\W\d_]{3,})")
"""A number and what is counted: `12 dead`."""


class _Member(NamedTuple):
    mention: Mention
    info: DocumentInfo
    record: Record
    citation: Citation


def event_id(founder: Mention) -> str:
    """Return the id of an event that a record founds."""
    digest = hashlib.sha1(
        "|".join(("event", founder.kind, *founder.key)).encode("utf-8", "replace"), usedforsecurity=False
    )
    return f"cmq-{digest.hexdigest()}"


def compose(mentions: Iterable[Mention], types: Sequence[type[Record]], given: str | None = None) -> Event:
    """Return the event of these records.

    Args:
        mentions: Its records, one or more.
        types: Record types to load them as.
        given: Its id, where it has one.
    """
    ordered = sorted(mentions, key=lambda m: m.order)
    loaded = [VerifiedSummary.from_json(json.loads(mention.result), types) for mention in ordered]
    members = [_member(mention, one) for mention, one in zip(ordered, loaded, strict=True)]
    sources = _sources(members)
    dated = [s for s in sources if s.published]
    fields = {name: _values(found) for name, found in _told(members).items()}
    contradictions = tuple(_contradictions(members, fields))
    best = min(reversed(members), key=lambda m: m.citation.flagged)
    answers = tuple(_answers(members))
    return Event(
        id=given or event_id(ordered[0]),
        kind=ordered[0].kind,
        plover=tuple(dict.fromkeys(found["event"][0] for one in loaded for found in plover_events(one))),
        headline=best.record.headline,
        first_told=dated[0].published if dated else None,
        last_told=dated[-1].published if dated else None,
        independent_sources=_independent(sources),
        flagged=sum(m.citation.flagged for m in members),
        response_status=_status([m.record.derived.response_status for m in members]),
        fields=fields,
        contradictions=contradictions,
        responses=answers,
        sources=sources,
        members=tuple(json.loads(mention.result) for mention in ordered),
        why=tuple(_why(ordered)),
    )


def _member(mention: Mention, one: VerifiedSummary) -> _Member:
    record = next(one.all_records())
    sentences = tuple(e.sentence for e in record.evidence)
    told_by = Citation(
        document=mention.key[0], record=mention.key[2], sentences=sentences, flagged=record.verdict == "flagged"
    )
    return _Member(mention, one.document, record, told_by)


def _told(members: Sequence[_Member]) -> dict[str, list[tuple[Any, Citation]]]:
    """Return who gives what, by field; answers stand by themselves."""
    found: dict[str, list[tuple[Any, Citation]]] = {}
    for member in members:
        own = [(n, v) for n, v in parts(member.record) if n not in Record.model_fields and not isinstance(v, Response)]
        date = member.record.derived.date
        extra = member.record.model_extra or {}
        for name, value in [*own, *extra.items(), *([("date", date)] if date else [])]:
            if (shown := _shown(value)) not in (None, "", [], {}):
                found.setdefault(name, []).append((shown, member.citation))
    return found


def _shown(value: Any) -> Any:
    if isinstance(value, (Actor, Place)):
        return value.name
    if isinstance(value, Attribution):
        return ", ".join(actor.name for actor in value.source)
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else value


def _values(found: Iterable[tuple[Any, Citation]]) -> tuple[Value, ...]:
    """Return the values, each once but for its case, with all who give it."""
    said: dict[str, tuple[Any, list[Citation]]] = {}
    for value, citation in found:
        key = json.dumps(value, sort_keys=True, default=str).casefold()
        by = said.setdefault(key, (value, []))[1]
        if citation not in by:
            by.append(citation)
    return tuple(Value(value=value, told_by=tuple(by)) for value, by in said.values())


def _contradictions(members: Sequence[_Member], fields: dict[str, tuple[Value, ...]]) -> Iterator[Contradiction]:
    published = {m.citation: m.mention.published for m in members}

    def made(field: str, values: Sequence[Value]) -> Contradiction:
        days = [[published[c] for c in value.told_by] for value in values]
        known = [[d for d in told if d] for told in days] if all(all(told) for told in days) else []
        ordered = all(max(a) < min(b) for a, b in pairwise(known)) and bool(known)
        return Contradiction(field=field, values=tuple(values), over_time=ordered)

    kind = type(members[0].record)
    for name, values in fields.items():
        if len(values) < 2:
            continue
        if name in kind.model_fields and any(isinstance(m, Choice) for m in field_markers(kind, name)):
            said = [v for v in values if v.value not in VAGUE]
            if len(said) > 1:
                yield made(name, said)
        elif name == "date" and _exclude([days_of(v.value) for v in values]):
            yield made(name, values)
    places: dict[str, list[tuple[Any, Citation]]] = {}
    for m in members:
        for leaf in leaves(m.record):
            if is_place(leaf) and role_of(leaf) == leaf.path.partition(".")[0]:  # the one place of a record, no list
                code = getattr(leaf.owner, "country_code", None)
                places.setdefault(role_of(leaf), []).append(((leaf.value, code), m.citation))
    for name, found in places.items():
        if len({code for (_, code), _ in found if code}) > 1:
            yield made(name, _values((value, citation) for (value, code), citation in found if code))
    yield from (made("numbers", values) for values in _numbers(members))


def _exclude(days: Sequence[tuple[int, int] | None]) -> bool:
    known = [d for d in days if d]
    return any(a[1] < b[0] or b[1] < a[0] for a, b in combinations(known, 2))


def _numbers(members: Sequence[_Member]) -> Iterator[tuple[Value, ...]]:
    """Yield the numbers of one thing that differ: `12 dead`, `15 dead`, in the records' own words and numbers."""
    counted: dict[str, list[tuple[str, Citation]]] = {}
    for m in members:
        for leaf in leaves(m.record):
            if leaf.marker(Worded) and isinstance(leaf.value, str):
                for number, thing in _NUMBER.findall(leaf.value):
                    counted.setdefault(thing.casefold(), []).append((f"{number} {thing}", m.citation))
    for found in counted.values():
        values = _values(found)
        apart = [{c.record for c in value.told_by} for value in values]
        if any(not a & b for a, b in combinations(apart, 2)):
            yield values


def _answers(members: Sequence[_Member]) -> Iterator[Answer]:
    for m in members:
        for r in responses(m.record):
            told_by = m.citation
            if r.evidence:
                told_by = told_by.model_copy(update={"sentences": tuple(e.sentence for e in r.evidence)})
            yield Answer(type=r.type, responders=tuple(a.name for a in r.responders), cue=r.cue, told_by=told_by)


def _status(given: Sequence[str | None]) -> Any:
    found = {status for status in given if status}
    if "contested" in found or {"denied", "admitted"} <= found:
        return "contested"
    return next((status for status in ("denied", "admitted", "none_reported") if status in found), None)


def _sources(members: Sequence[_Member]) -> tuple[Source, ...]:
    unique = {m.mention.key[:2]: m for m in members}.values()
    found = copies([(m.info.sha256, m.mention.signature) for m in unique])
    articles = list(unique)
    return tuple(
        Source(
            document=m.info.id,
            sha256=m.info.sha256,
            outlet=m.info.outlet or _host(m.info.source),
            title=m.info.title,
            source=m.info.source,
            published=m.info.published,
            copy_of=articles[match[0]].info.id if match else None,
            copy_basis=match[1] if match else None,
            signature=m.mention.signature,
        )
        for m, match in zip(articles, found, strict=True)
    )


def _host(address: str | None) -> str | None:
    try:
        return (urlsplit(address or "").hostname or "").removeprefix("www.") or None
    except ValueError:
        return None


def _independent(sources: Sequence[Source]) -> int:
    """Count the articles without copies, those of one outlet once; a text that several outlets carry is its own."""
    outlets: dict[str, set[str | None]] = {}
    for source in sources:
        outlets.setdefault(source.copy_of or source.document, set()).add(source.outlet)
    return len({next(iter(found)) or text if len(found) == 1 else (text,) for text, found in outlets.items()})


def _why(mentions: Sequence[Mention]) -> Iterator[Why]:
    if len(mentions) < 2:
        return
    for place, mention in enumerate(mentions):
        others = [mentions[i] for i in spread(range(len(mentions))) if i != place] or [mentions[1]]
        scores = [compare(mention, other) for other in others]
        best = max(range(len(scores)), key=lambda i: scores[i].total)
        totals = [score.total for score in scores]
        yield Why(
            record=mention.key[2],
            best=others[best].key[2],
            score=scores[best].total,
            parts=scores[best].parts,
            average=round(sum(totals) / len(totals), 4),
            lowest=min(totals),
        )
