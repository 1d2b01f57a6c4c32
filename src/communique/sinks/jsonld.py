"""schema.org JSON-LD: claims, events and the articles they appear in.

schema.org has no relation between claims: a denial is a Claim of its own by whoever denies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from communique.schemas import Actor, DocumentInfo, Meeting, Record, VerifiedSummary
from communique.schemas.edtf import bounds
from communique.sinks.cards import card_of
from communique.sinks.identifiers import actor_id, record_key, safe_id, safe_link
from communique.sinks.record_roles import in_role, responses
from communique.sinks.remarks import words
from communique.sinks.sink import JsonListSink

Node = dict[str, Any]
_TYPE = {
    "person": "Person",
    "country": "Country",
    "public_body": "GovernmentOrganization",
    "organization": "Organization",
    "company": "Organization",
    "media": "NewsMediaOrganization",
}
_STATUS = {
    "cancelled": "EventCancelled",
    "refused": "EventCancelled",
    "planned": "EventScheduled",
    "proposed": "EventScheduled",
}


def nodes(summary: VerifiedSummary) -> Iterator[Node]:
    """Yield the article, then an Event for each meeting and a Claim for everything else that somebody says."""
    article = _article(summary.document)
    yield article
    for kind, group in summary.records.items():
        for record in group:
            if isinstance(record, Meeting):
                yield _event(record, article["@id"])
            else:
                yield from _claims(kind, record, article["@id"])


def _article(info: DocumentInfo) -> Node:
    return _node(
        "NewsArticle",
        f"urn:communique:document:{safe_id(info.id)}",
        headline=info.title,
        datePublished=info.published,
        inLanguage=info.language,
        url=safe_link(info.source),
        publisher=_node("NewsMediaOrganization", None, name=info.outlet) if info.outlet else None,
    )


def _event(record: Meeting, article: str) -> Node:
    place = record.place
    start, end = bounds(record.derived.date)
    return _node(
        "Event",
        _id(record, article),
        name=f"{words(record.mode).capitalize()}: {', '.join(p.name for p in record.participants)}",
        description="\n".join(e.exact for e in record.evidence),
        startDate=start,
        endDate=end if end != start else None,
        eventStatus=f"https://schema.org/{_STATUS[record.status]}" if record.status in _STATUS else None,
        location=_node("Place", None, name=place.name, address=place.country) if place else None,
        attendee=_actors([p for p in record.participants if p.capacity != "host"]),
        organizer=_actors([p for p in record.participants if p.capacity == "host"]),
        about=list(record.topics),
        subjectOf={"@id": article},
    )


def _claims(kind: str, record: Record, article: str) -> Iterator[Node]:
    authors = in_role(record, "accusers", "raised_by")
    about = in_role(record, "accused", "subjects", "counterparties")
    named = (getattr(record, "activity", None), getattr(record, "commitment", None))
    key = _id(record, article)
    card = card_of(kind, record)
    yield _node(
        "Claim",
        key,
        text=card.own_words or card.headline,
        author=_actors(authors),
        about=_actors(about),
        appearance={"@id": article},
        abstract="\n".join(e.exact for e in record.evidence),
        keywords=[w for w in (kind, *named) if isinstance(w, str) and w],
    )
    for number, response in enumerate(responses(record), 1):
        yield _node(
            "Claim",
            f"{key}:response:{number}",
            text="\n".join(e.exact for e in response.evidence) or response.cue,
            author=_actors(response.responders),
            appearance={"@id": article},
            keywords=[response.type, f"in answer to {key}"],
        )


def _actors(found: Sequence[Actor]) -> list[Node]:
    return [
        _node(
            _TYPE.get(a.kind or "", "Thing"),
            f"urn:communique:actor:{actor_id(a)}",
            name=a.name,
            jobTitle=a.role if a.kind == "person" else None,
            nationality=_node("Country", None, name=a.country, identifier=a.country_code)
            if a.country and a.kind == "person"
            else None,
        )
        for a in found
    ]


def _id(record: Record, article: str) -> str:
    return f"urn:communique:record:{record_key(record, article)}"


def _node(kind: str, key: str | None, **properties: Any) -> Node:
    found = {k: v for k, v in properties.items() if v not in (None, "", [], ())}
    return {"@type": kind, **({"@id": key} if key else {}), **found}


class JsonLdSink(JsonListSink):
    """One document with all nodes in its `@graph`."""

    name: ClassVar[str] = "jsonld"
    suffix: ClassVar[str] = ".jsonld"
    head: ClassVar[str] = '{"@context":"https://schema.org","@graph":['
    tail: ClassVar[str] = "\n]}\n"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Any]:
        return nodes(summary)
