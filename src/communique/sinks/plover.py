"""PLOVER: events in the vocabulary of political science, one JSON array.

Two choices where PLOVER contradicts itself: an accusation is ACCUSE with mode `allege` (the manual, not the crosswalk);
a meeting to come is AGREE and a cancelled one REJECT.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from communique.schemas import Actor, Allegation, DocumentInfo, Meeting, Record, SanctionsConcern, VerifiedSummary
from communique.schemas.edtf import bounds
from communique.schemas.sanctions_concern import BREACHES
from communique.sinks.identifiers import country_alpha3, language_alpha3, responses
from communique.sinks.remarks import VERDICTS, remarks_of, responders
from communique.sinks.sink import JsonListSink

Event = dict[str, Any]
_Sides = tuple[Sequence[Actor], Sequence[Actor]]
_CONTEXT = {
    "arms_transfer": ["military"],
    "military_support": ["military"],
    "wmd_programme": ["cbrn"],
    "labour_export": ["migration", "economic"],
    "cyber_theft": ["cyber", "crime"],
    "dual_use_goods": ["technology"],
    "ship_to_ship_transfer": ["trafficking"],
    "petroleum_transfer": ["natural_resource", "economic"],
    "other": [],
}
_SECTOR = {"public_body": "GOV", "country": "GOV", "media": "JRN", "company": "BUS", "organization": "NGO"}
_MEETING = {"planned": "AGREE", "proposed": "AGREE", "cancelled": "REJECT", "refused": "REJECT", "broken_off": "REJECT"}
"""By status of a meeting; others are CONSULT."""
_MEASURE = {"eased": "CONCEDE", "lifted": "CONCEDE", "refused": "REJECT"}
_MODE = {"visit": "visit", "call": "phone", "multilateral": "multilateral"}


def events(summary: VerifiedSummary) -> Iterator[Event]:
    """Yield the PLOVER events of a summary.

    PLOVER wants a date: it is the event's day, the first of several, where the article states it, else the day of
    publication, and `comment` says which. A sanctions concern that is only potential is no accusation: it is an event
    with the auxiliary mode `hypothetical`. A record of a user's own type has no PLOVER event and is left out.
    """
    for record in summary.all_records():
        if isinstance(record, Meeting):
            kind, context, sides = _MEETING.get(record.status, "CONSULT"), ["diplomatic"], _sides(record)
            modes = (
                [_MODE[record.mode]] if kind == "CONSULT" and record.mode in _MODE else ["meet"] * (kind == "REJECT")
            )
        elif isinstance(record, Allegation):
            kind, modes, context = "ACCUSE", ["allege"], _CONTEXT.get(record.activity, ["economic"])
            sides = record.accusers, record.accused
        elif isinstance(record, SanctionsConcern):
            measure = record.stage not in BREACHES | {"unclear"}
            kind = _MEASURE.get(record.stage, "SANCTION") if measure else "ACCUSE"
            modes = ["discontinue"] if measure else ["allege"]
            modes += ["hypothetical"] * (record.stage == "potential") + ["future"] * (record.stage == "proposed")
            context = [*_CONTEXT.get(record.activity, ["economic"]), "legal"]
            sides = record.raised_by, record.subjects
        else:
            continue
        yield _event(summary.document, record, sides, kind=kind, modes=modes, context=context)


def _sides(record: Meeting) -> _Sides:
    visitors = [p for p in record.participants if p.capacity == "visitor"]
    hosts = [p for p in record.participants if p.capacity == "host"]
    if visitors and hosts:
        return [*visitors, *(p for p in record.participants if p.capacity not in {"visitor", "host"})], hosts
    return record.participants, ()


def _event(
    info: DocumentInfo,
    record: Meeting | Allegation | SanctionsConcern,
    sides: _Sides,
    *,
    kind: str,
    modes: list[str],
    context: list[str],
) -> Event:
    date, comment = _date(record, info.published)
    text = "\n".join(e.exact for e in record.evidence)
    event: Event = {
        "id": record.id,
        "date": date,
        "actor": [_actor(a) for a in sides[0]],
        "recipient": [_actor(a) for a in sides[1]],
        "event": [kind],
        "mode": modes,
        "context": context,
        "event_text": text,
        "text": text,
        "text_info": [{"sequence": e.sentence, "start": e.start, "end": e.end} for e in record.evidence],
        "cite_info": {
            "url": info.source,
            "title": info.title,
            "language": language_alpha3(info.language),
            "publication": info.outlet,
            "publication_date": info.published,
        },
        "comment": "; ".join([comment, *_comments(record)]),
    }
    if record.place:
        event["event_loc"] = {
            "extracted_place": record.place.name,
            "country_code": country_alpha3(record.place.country_code),
        }
    return event


def _comments(record: Record) -> Iterator[str]:
    yield from (f"{r.type} by {responders(r)}" for r in responses(record))
    yield VERDICTS[record.verdict][0]
    yield from (str(r).removesuffix(".") for r in remarks_of(record.checks) if r.group != "note")


def _date(record: Record, published: str | None) -> tuple[str | None, str]:
    first, last = bounds(record.derived.date)
    if first and record.derived.precision == "day":
        return first, f"date: {'' if first == last else f'first day of {record.derived.date}, the time '}of the event"
    if published:
        return published, "date: of publication, the event's day is not stated"
    return None, "date: unknown"


def _actor(actor: Actor) -> dict[str, str]:
    found = {
        "entity_text": actor.name,
        "code": country_alpha3(actor.country_code),
        "sector": _SECTOR.get(actor.kind or ""),
        "office": actor.role,
    }
    return {k: v for k, v in found.items() if v}


class PloverSink(JsonListSink):
    """One array of events."""

    name: ClassVar[str] = "plover"
    suffix: ClassVar[str] = ".plover.json"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Event]:
        return events(summary)
