"""PLOVER: events in the vocabulary of political science, one JSON array.

Two choices where PLOVER contradicts itself: an accusation is ACCUSE with mode `allege` (the manual, not the crosswalk);
a meeting to come is AGREE and a cancelled one REJECT.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from communique.schemas import Actor, Allegation, Meeting, Record, SanctionsConcern, VerifiedSummary
from communique.schemas.edtf import bounds
from communique.schemas.sanctions_concern import BREACHES
from communique.sinks.identifiers import country_alpha3, language_alpha3
from communique.sinks.remarks import VERDICTS, join, remarks_of
from communique.sinks.sink import JsonListSink

Event = dict[str, Any]
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
_MEETING = {
    "planned": "AGREE",
    "proposed": "AGREE",
    "cancelled": "REJECT",
    "refused": "REJECT",
    "broken_off": "REJECT",
}
"""By status of a meeting; others are CONSULT."""
_MEASURE = {"eased": "CONCEDE", "lifted": "CONCEDE", "refused": "REJECT"}
_MODE = {"visit": "visit", "call": "phone", "multilateral": "multilateral"}


def events(summary: VerifiedSummary) -> Iterator[Event]:
    """Yield the PLOVER events of a summary.

    PLOVER wants a date: it is the event's day, the first of several, where the article states it, else the day of
    publication, and `comment` says which. A sanctions concern that is only potential is no accusation: it is an event
    with the auxiliary mode `hypothetical`. A record of a user's own type has no PLOVER event and is left out.
    """
    for group in summary.records.values():
        for record in group:
            if isinstance(record, Meeting):
                actor, recipient, kind, modes = _meeting(record)
                yield _event(summary, record, actor, recipient, kind=kind, modes=modes)
            elif isinstance(record, Allegation):
                yield _event(summary, record, record.accusers, record.accused, kind="ACCUSE", modes=["allege"])
            elif isinstance(record, SanctionsConcern):
                measure = record.stage not in BREACHES | {"unclear"}
                modes = ["discontinue"] if measure else ["allege"]
                modes += ["hypothetical"] * (record.stage == "potential") + ["future"] * (record.stage == "proposed")
                kind = _MEASURE.get(record.stage, "SANCTION") if measure else "ACCUSE"
                yield _event(summary, record, record.raised_by, record.subjects, kind=kind, modes=modes)


def _meeting(record: Meeting) -> tuple[Sequence[Actor], Sequence[Actor], str, list[str]]:
    visitors = [p for p in record.participants if p.capacity == "visitor"]
    hosts = [p for p in record.participants if p.capacity == "host"]
    kind = _MEETING.get(record.status, "CONSULT")
    modes = [_MODE[record.mode]] if kind == "CONSULT" and record.mode in _MODE else ["meet"] * (kind == "REJECT")
    if visitors and hosts:
        others = [p for p in record.participants if p.capacity not in {"visitor", "host"}]
        return [*visitors, *others], hosts, kind, modes
    return record.participants, (), kind, modes


def _event(
    summary: VerifiedSummary,
    record: Meeting | Allegation | SanctionsConcern,
    actor: Sequence[Actor],
    recipient: Sequence[Actor],
    *,
    kind: str,
    modes: list[str],
) -> Event:
    info = summary.document
    date, comment = _date(record, info.published)
    activity = getattr(record, "activity", "")
    context = ["diplomatic"] if isinstance(record, Meeting) else _CONTEXT.get(activity, ["economic"])
    concern = isinstance(record, SanctionsConcern)
    text = "\n".join(e.exact for e in record.evidence)
    event: Event = {
        "id": record.id,
        "date": date,
        "actor": [_actor(a) for a in actor],
        "recipient": [_actor(a) for a in recipient],
        "event": [kind],
        "mode": modes,
        "context": [*context, *["legal"] * concern],
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
        "comment": "; ".join(x for x in (comment, *_answers(record)) if x),
    }
    if record.place:
        event["event_loc"] = {
            "extracted_place": record.place.name,
            "country_code": country_alpha3(record.place.country_code),
        }
    return event


def _answers(record: Record) -> Iterator[str]:
    for response in getattr(record, "responses", ()):
        yield f"{response.type} by {join([a.name for a in response.responders]) or 'an unnamed party'}"
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
