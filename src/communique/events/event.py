"""Event: what several records tell of one event or one claim, side by side; nothing of theirs is changed."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from communique.errors import UnreadableDocumentError
from communique.events.mention import SIGNATURE, VAGUE, Basis, Key, Mention, copies, days_of
from communique.events.score import compare, spread
from communique.grounding.numbers import numbers_in
from communique.schemas import STANDARD_RECORDS, Actor, Attribution, Part, Place, Record, Response, VerifiedSummary
from communique.schemas.markers import Choice, Worded, field_markers, leaves
from communique.schemas.stored import json_line
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.identifiers import identified, make_id, parts, responses, safe_link
from communique.sinks.json_files import read_lines, summary_of

_NUMBER = re.compile(  # of any usual grouping, and what is counted: `12 dead`, `1 200 personnes`
    r"(?<![\w.,-])(\d{1,2}(?:,\d\d)+,\d{3}|\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"[ \u00a0\u202f]+([^\W\d_]{3,})"
)


class Source(Part):
    """An article that tells of the event."""

    document: str
    sha256: str
    outlet: str | None = None  # publisher as the result names it, or else the host of its address
    title: str | None = None
    source: str | None = None  # file name or URL
    published: str | None = None  # ISO date
    copy_of: str | None = None  # id of the article that it is a copy of, which counts in its place
    copy_basis: Basis | None = None
    signature: Annotated[str, Field(pattern=SIGNATURE)] = ""  # MinHash, so that copies that come later are seen


class Citation(Part):
    """Which record of which article says it; the words and offsets of the sentences are in the member's `evidence`."""

    document: str
    record: str
    sentences: tuple[int, ...] = ()
    flagged: bool = False  # a check asks a person to look at this record


class Value(Part):
    """One value of a field, with every record that gives it."""

    value: Any
    told_by: tuple[Citation, ...]


class Contradiction(Part):
    """Values of one field that can't all hold at one time, the earliest told first."""

    field: str  # its name; `date` for the day that code found, `numbers` for numbers of one thing
    values: tuple[Value, ...]
    over_time: bool = False  # each was told only after the one before: a development (planned, then held), it seems


class Why(Part):
    """Why a record is in the event."""

    record: str
    fits: str  # the member that it fits best
    score: float  # with that member; `parts` says what it is made of, as in `Score`
    parts: dict[str, float]
    average: float  # mean score with the others (at most 30, spread evenly), what contradicts one counted as 0


class Event(Part):
    """An event, or a claim, with all that was told of it."""

    events_version: Literal["1.0"] = "1.0"
    id: str  # `cmq-` and a SHA-1, from the record that founded it; it stays when others join
    kind: str  # the record type's plural key, such as `meetings`
    headline: str = ""  # of the record that was told last, one that no check flags if there is one
    first_told: str | None = None  # ISO date of the earliest publication; `sources[0]` told it
    last_told: str | None = None
    independent_sources: int  # articles without their copies, those of one outlet counted once
    flagged: int = 0  # records that a check asks a person to look at
    contradictions: tuple[Contradiction, ...] = ()
    fields: dict[str, tuple[Value, ...]] = {}  # noqa: RUF012 - Pydantic copies it
    responses: tuple[Value, ...] = ()  # denials and other answers, from all records
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]  # the earliest first
    why: tuple[Why, ...] = ()  # of each record, where there are several
    members: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]  # records, each a result of its own, untouched

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids of the records, in the order of the members."""
        return tuple(record["id"] for member in self.members for record in member[self.kind])

    def to_json(self) -> str:
        """Return the event as one line of JSON; what is null, and what an event has none of, is left out."""
        return json_line({"events_version": self.events_version} | self.model_dump(mode="json", exclude_defaults=True))


Told = list[tuple[Any, Citation]]  # values, and who gives them
Cited = Sequence[tuple[Record, Citation]]  # the records of an event, the earliest first


def compose(mentions: Iterable[Mention], types: Sequence[type[Record]], given: str | None = None) -> Event:
    """Return the event of one or more mentions, whose records are of these types; `given` is its id if it has one."""
    ordered = sorted(mentions, key=lambda m: m.order)
    members = [json.loads(mention.result) for mention in ordered]
    records = [_cited(mention, member, types) for mention, member in zip(ordered, members, strict=True)]
    published = {citation: m.published or 0 for m, (_, citation) in zip(ordered, records, strict=True)}
    (sources, independent), fields = _sources(ordered, members), _fields(records)
    days = [member["document"]["published"] for m, member in zip(ordered, members, strict=True) if m.published]
    return Event(
        id=given or make_id("event", ordered[0].kind, *ordered[0].key),
        kind=ordered[0].kind,
        headline=min(reversed(records), key=lambda told: told[1].flagged)[0].headline,
        first_told=days[0] if days else None,
        last_told=days[-1] if days else None,
        independent_sources=independent,
        flagged=sum(citation.flagged for _, citation in records),
        contradictions=tuple(_contradictions(records, fields, published)),
        fields={name: _values(found) for name, found in fields.items()},
        responses=_values(_answers(records)),
        sources=sources,
        why=tuple(_why(ordered)) if len(ordered) > 1 else (),
        members=tuple(members),
    )


def _cited(mention: Mention, member: dict[str, Any], types: Sequence[type[Record]]) -> tuple[Record, Citation]:
    record = next(VerifiedSummary.from_json(member, types).all_records())
    cited, flagged = tuple(e.sentence for e in record.evidence), record.verdict == "flagged"
    return record, Citation(document=mention.key[0], record=mention.key[2], sentences=cited, flagged=flagged)


def _fields(records: Cited) -> dict[str, Told]:
    found: dict[str, Told] = defaultdict(list)
    for record, citation in records:
        own = [(n, v) for n, v in parts(record) if n not in Record.model_fields and not isinstance(v, Response)]
        for name, value in (*own, *(record.model_extra or {}).items(), ("date", record.derived.date)):
            if _shown(value) not in (None, "", [], {}):
                found[name].append((value, citation))
    return found


def _answers(records: Cited) -> Iterator[tuple[Any, Citation]]:
    for record, citation in records:
        for answer in responses(record):
            said = {"type": answer.type, "responders": [actor.name for actor in answer.responders], "cue": answer.cue}
            cited = tuple(e.sentence for e in answer.evidence) or citation.sentences
            yield said, citation.model_copy(update={"sentences": cited})


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


def _contradictions(records: Cited, fields: dict[str, Told], published: dict[Citation, int]) -> Iterator[Contradiction]:
    for name, values in ((name, _values(found)) for name, found in _clashes(records, fields)):
        if len(values) > 1:
            days = [[published[citation] for citation in value.told_by] for value in values]
            over_time = all(min(a) > 0 and max(a) < min(b) for a, b in pairwise(days))
            yield Contradiction(field=name, values=values, over_time=over_time)


def _clashes(records: Cited, fields: dict[str, Told]) -> Iterator[tuple[str, Told]]:
    """Yield what can hold one value only, with all that are given."""
    kind = type(records[0][0])
    for name, found in fields.items():
        if name in kind.model_fields and any(isinstance(m, Choice) for m in field_markers(kind, name)):
            yield name, [one for one in found if one[0] not in VAGUE]
        elif name == "date":
            days = [d for value, _ in found if (d := days_of(value))]
            if days and max(first for first, _ in days) > min(last for _, last in days):
                yield name, found
        elif all(isinstance(value, Place) for value, _ in found):
            known = [one for one in found if one[0].country_code]
            if len({value.country_code for value, _ in known}) > 1:
                yield name, known
    numbers: dict[str, Told] = defaultdict(list)
    written: dict[Any, str] = {}  # a number of things, as it was told first
    for record, citation in records:
        for text in (str(leaf.value) for leaf in leaves(record, marked=Worded)):
            for number, thing in ((found[1], found[2].casefold()) for found in _NUMBER.finditer(text)):
                value = max(numbers_in(number), default=number)  # `1,200` is 1200 here, not 1.2
                said = written.setdefault((value, thing), f"{number} {thing}")
                numbers[thing].append((said, citation))
    for found in numbers.values():
        if len({c.record for _, c in found}) == len({(n, c.record) for n, c in found}):  # else a word for two things
            yield "numbers", found


def _sources(mentions: Sequence[Mention], members: Sequence[dict[str, Any]]) -> tuple[tuple[Source, ...], int]:
    """Return the articles, and how many of them are independent: copies don't count, those of one outlet count once.

    A text that several outlets carry is its own. Two texts of one id are versions of one article, but for other outlets.
    """
    told = {m.key[:2]: (m.signature, member["document"]) for m, member in zip(mentions, members, strict=True)}
    found, ids = copies([(sha256, told[id_, sha256][0]) for id_, sha256 in told]), [id_ for id_, _ in told]
    outlets: dict[int, set[str | None]] = defaultdict(set)
    sources = []
    for place, ((signature, info), match) in enumerate(zip(told.values(), found, strict=True)):
        host = urlsplit(safe_link(info.get("source")) or "").hostname or ""
        outlet = info.get("outlet") or host.removeprefix("www.") or None
        outlets[match[0] if match else place].add(outlet)
        given: dict[str, Any] = {key: info.get(key) for key in ("sha256", "title", "source", "published")}
        given |= {"copy_of": ids[match[0]], "copy_basis": match[1]} if match else {}
        sources.append(Source(document=info["id"], outlet=outlet, signature=signature, **given))
    independent = {next(iter(own)) or ids[text] if len(own) == 1 else (text,) for text, own in outlets.items()}
    return tuple(sources), len(independent)


def _why(mentions: Sequence[Mention]) -> Iterator[Why]:
    for mention in mentions:
        others = [other for other in spread(mentions) if other is not mention]
        scores = [(compare(mention, other), other.key[2]) for other in others]
        best, fits = max(scores, key=lambda found: found[0].total)
        average = round(sum(score.total for score, _ in scores) / len(scores), 4)
        yield Why(record=mention.key[2], fits=fits, score=best.total, parts=best.parts, average=average)


def read_events(path: Path | str, types: Sequence[type[Record]] = STANDARD_RECORDS) -> Iterator[Event]:
    """Yield the events of a file that `communique events` wrote; `types` are those of its records.

    Raises UnreadableDocumentError if the file can't be read, or a line, which is named, is no event, or one told before.
    """
    ids: set[str] = set()

    def load(line: str) -> Event:
        event = Event.model_validate_json(line)
        for number, member in enumerate(event.members, 1):
            records = summary_of(member, f"member {number}", types).records
            if [*records] != [event.kind] or [bool(record.id) for record in records[event.kind]] != [True]:
                raise UnreadableDocumentError(f"member {number} isn't one of the {event.kind}, with an id")
        if event.id in ids:
            raise UnreadableDocumentError("the file has an event twice")
        ids.add(event.id)
        return event

    return read_lines(path, load, "event", "pass a file that one run of `communique events` of this version wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what a report's cards say of a file of events, held in memory, for `SinkOptions.notes`; raises as `read_events`."""
    found: dict[Key, list[CardNote]] = {}
    for event in read_events(path):
        notes = list(_notes(event)) if len(event.members) > 1 else []
        for member, own in zip(event.members, event.record_ids, strict=True):
            found[member["document"]["id"], member["document"]["sha256"], own] = notes

    def of(summary: VerifiedSummary, record: Record) -> list[CardNote]:
        own = next((told.id for _, given, told in identified(summary) if given is record), record.id)
        return found.get((summary.document.id, summary.document.sha256, own), [])

    return of


def _notes(event: Event) -> Iterator[CardNote]:
    outlets: dict[str, dict[str, None]] = defaultdict(dict)  # several where texts of several outlets have one id
    for source in event.sources:
        outlets[source.document][source.outlet or source.document] = None
    first, told = next(iter(outlets[event.sources[0].document])), event.independent_sources
    day = f" on {event.first_told}" if event.first_told else ""
    text = f"Told by {len(event.sources)} articles, first by {first}{day}."
    yield CardNote("Event", event.headline, f"{told} source{'s' * (told != 1)}", "plain", text)
    for clash in event.contradictions:
        who = [dict.fromkeys(name for c in value.told_by for name in outlets[c.document]) for value in clash.values]
        text = " / ".join(f"{value.value} ({', '.join(by)})" for value, by in zip(clash.values, who, strict=True))
        state = "changed" if clash.over_time else "contradicted"
        yield CardNote("Event", clash.field.replace("_", " "), state, "plain" if clash.over_time else "look", text)
