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
from communique.events.event import Citation, Contradiction, Event, Source, Value, Why
from communique.events.mention import VAGUE, Mention, days_of
from communique.events.score import compare, spread
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
from communique.sinks.record_roles import parts, responses

_NUMBER = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d+)*)[ \u00a0]+([^\W\d_]{3,})")
"""A number and what is counted: `12 dead`."""

Told = dict[str, list[tuple[Any, Citation]]]
"""By field, the values and who gives them."""


class _Member(NamedTuple):
    mention: Mention
    info: DocumentInfo
    record: Record
    citation: Citation


def compose(mentions: Iterable[Mention], types: Sequence[type[Record]], given: str | None = None) -> Event:
    """Return the event of these records.

    Args:
        mentions: Its records, one or more.
        types: Record types to load them as.
        given: Its id, where it has one.
    """
    ordered = sorted(mentions, key=lambda m: m.order)
    members = [_member(mention, types) for mention in ordered]
    sources = _sources(members)
    dates = [source.published for source in sources if source.published]
    told, answers, numbers = _told(members)
    founder = "|".join(("event", ordered[0].kind, *ordered[0].key)).encode("utf-8", "replace")
    return Event(
        id=given or f"cmq-{hashlib.sha1(founder, usedforsecurity=False).hexdigest()}",
        kind=ordered[0].kind,
        headline=min(reversed(members), key=lambda m: m.citation.flagged).record.headline,
        first_told=dates[0] if dates else None,
        last_told=dates[-1] if dates else None,
        independent_sources=_independent(sources),
        flagged=sum(m.citation.flagged for m in members),
        contradictions=tuple(_contradictions(members, told, numbers)),
        fields={name: _values(found) for name, found in told.items()},
        responses=_values(answers),
        sources=sources,
        why=tuple(_why(ordered)) if len(ordered) > 1 else (),
        members=tuple(json.loads(mention.result) for mention in ordered),
    )


def _member(mention: Mention, types: Sequence[type[Record]]) -> _Member:
    one = VerifiedSummary.from_json(json.loads(mention.result), types)
    record = next(one.all_records())
    cited, flagged = tuple(e.sentence for e in record.evidence), record.verdict == "flagged"
    citation = Citation(document=mention.key[0], record=mention.key[2], sentences=cited, flagged=flagged)
    return _Member(mention, one.document, record, citation)


def _told(members: Sequence[_Member]) -> tuple[Told, list[tuple[Any, Citation]], Told]:
    """Return who gives what; the answers; and the numbers, by what is counted."""
    told, answers, numbers = Told(), list[tuple[Any, Citation]](), Told()
    for _, _, record, citation in members:
        own = [(n, v) for n, v in parts(record) if n not in Record.model_fields and not isinstance(v, Response)]
        for name, value in (*own, *(record.model_extra or {}).items(), ("date", record.derived.date)):
            if _shown(value) not in (None, "", [], {}):
                told.setdefault(name, []).append((value, citation))
        for answer in responses(record):
            said = {"type": answer.type, "responders": [actor.name for actor in answer.responders], "cue": answer.cue}
            cited = tuple(e.sentence for e in answer.evidence) or citation.sentences
            answers.append((said, citation.model_copy(update={"sentences": cited})))
        worded = (leaf.value for leaf in leaves(record) if leaf.marker(Worded) and isinstance(leaf.value, str))
        for text in worded:
            for number, thing in _NUMBER.findall(text):
                numbers.setdefault(thing.casefold(), []).append((number, citation))
    return told, answers, numbers


def _shown(value: Any) -> Any:
    if isinstance(value, (Actor, Place)):
        return value.name
    if isinstance(value, Attribution):
        return ", ".join(actor.name for actor in value.source)
    return value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, BaseModel) else value


def _values(found: Iterable[tuple[Any, Citation]]) -> tuple[Value, ...]:
    """Return the values, each once but for its case, with all who give it."""
    said: dict[str, tuple[Any, dict[Citation, None]]] = {}
    for value, citation in found:
        shown = _shown(value)
        said.setdefault(json.dumps(shown, sort_keys=True, default=str).casefold(), (shown, {}))[1][citation] = None
    return tuple(Value(value=value, told_by=tuple(by)) for value, by in said.values())


def _contradictions(members: Sequence[_Member], told: Told, numbers: Told) -> Iterator[Contradiction]:
    published = {m.citation: m.mention.published for m in members}
    kind = type(members[0].record)
    clashes: list[tuple[str, list[tuple[Any, Citation]]]] = []
    for name, found in told.items():
        if name in kind.model_fields and any(isinstance(m, Choice) for m in field_markers(kind, name)):
            clashes.append((name, [one for one in found if one[0] not in VAGUE]))
        elif name == "date":
            days = [d for value, _ in found if (d := days_of(value))]
            if any(a[1] < b[0] or b[1] < a[0] for a, b in combinations(days, 2)):
                clashes.append((name, found))
        elif all(isinstance(value, Place) for value, _ in found):
            known = [one for one in found if one[0].country_code]
            if len({value.country_code for value, _ in known}) > 1:
                clashes.append((name, known))
    for thing, found in numbers.items():
        if len({c.record for _, c in found}) == len({(n, c.record) for n, c in found}):  # else a word for two things
            clashes.append(("numbers", [(f"{number} {thing}", c) for number, c in found]))
    for name, found in clashes:
        values = _values(found)
        days_told = [[published[c] or 0 for c in value.told_by] for value in values]
        over_time = all(min(a) > 0 and max(a) < min(b) for a, b in pairwise(days_told))
        if len(values) > 1:
            yield Contradiction(field=name, values=values, over_time=over_time)


def _sources(members: Sequence[_Member]) -> tuple[Source, ...]:
    articles = list({m.mention.key[:2]: m for m in members}.values())
    found = copies([(m.info.sha256, m.mention.signature) for m in articles])
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
    for mention in mentions:
        others = [other for other in spread(mentions) if other is not mention] or [mentions[1]]
        scores = [(compare(mention, other), other.key[2]) for other in others]
        best, fits = max(scores, key=lambda found: found[0].total)
        average = round(sum(score.total for score, _ in scores) / len(scores), 4)
        yield Why(record=mention.key[2], fits=fits, score=best.total, parts=best.parts, average=average)
