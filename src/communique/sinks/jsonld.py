"""JSON-LD: claims, events and articles for schema.org; W3C Web Annotations of every record's sentences.

schema.org has no relation between claims: a denial is a Claim of its own by whoever denies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from communique.schemas import Actor, DocumentInfo, Evidence, Meeting, Record, Support, VerifiedSummary
from communique.schemas.edtf import bounds
from communique.sinks.cards import card_of
from communique.sinks.identifiers import actor_id, actors, record_key, safe_id, safe_link
from communique.sinks.remarks import VERDICTS, path_label, words
from communique.sinks.sink import JsonListSink

Node = dict[str, Any]
CONTEXT = 32
"""Code points of prefix and suffix of an annotation, as Hypothesis takes them."""
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
            key = f"urn:communique:record:{record_key(record, article['@id'])}"
            if isinstance(record, Meeting):
                yield _event(record, key, article["@id"])
            else:
                yield from _claims(kind, record, key, article["@id"])


def _document_key(info: DocumentInfo) -> str:
    return f"urn:communique:document:{safe_id(info.id)}"


def _article(info: DocumentInfo) -> Node:
    return _node(
        "NewsArticle",
        _document_key(info),
        headline=info.title,
        datePublished=info.published,
        inLanguage=info.language,
        url=safe_link(info.source),
        publisher=_node("NewsMediaOrganization", None, name=info.outlet) if info.outlet else None,
    )


def _event(record: Meeting, key: str, article: str) -> Node:
    place = record.place
    start, end = bounds(record.derived.date)
    return _node(
        "Event",
        key,
        name=f"{words(record.mode).capitalize()}: {', '.join(p.name for p in record.participants)}",
        description="\n".join(e.exact for e in record.evidence),
        startDate=start,
        endDate=end if end != start else None,
        eventStatus=f"https://schema.org/{_STATUS[record.status]}" if record.status in _STATUS else None,
        location=_node("Place", None, name=place.name, address=place.country) if place else None,
        attendee=_actors(p for p in record.participants if p.capacity != "host"),
        organizer=_actors(p for p in record.participants if p.capacity == "host"),
        about=list(record.topics),
        subjectOf={"@id": article},
    )


def _claims(kind: str, record: Record, key: str, article: str) -> Iterator[Node]:
    card, named = card_of(kind, record), (getattr(record, "activity", None), getattr(record, "commitment", None))
    yield _node(
        "Claim",
        key,
        text=card.own_words or card.headline,
        author=_in_roles(record, "accusers", "raised_by"),
        about=_in_roles(record, "accused", "subjects", "counterparties"),
        appearance={"@id": article},
        abstract="\n".join(e.exact for e in record.evidence),
        keywords=[w for w in (kind, *named) if isinstance(w, str) and w],
    )
    for number, response in enumerate(card.answers, 1):
        yield _node(
            "Claim",
            f"{key}:response:{number}",
            text="\n".join(e.exact for e in response.evidence) or response.cue,
            author=_actors(response.responders),
            appearance={"@id": article},
            keywords=[response.type, f"in answer to {key}"],
        )


def _in_roles(record: Record, *roles: str) -> list[Node]:
    return _actors(actor for wanted in roles for role, actor in actors(record) if role == wanted)


def _actors(found: Iterable[Actor]) -> list[Node]:
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


def _node(kind: str, key: str | None, **properties: Any) -> Node:
    found = {k: v for k, v in properties.items() if v not in (None, "", [], ())}
    return {"@type": kind, **({"@id": key} if key else {}), **found}


class JsonLdSink(JsonListSink):
    """One document with all nodes in its `@graph`."""

    name: ClassVar[str] = "jsonld"
    suffix: ClassVar[str] = ".jsonld"
    head: ClassVar[str] = '{"@context":"https://schema.org","@graph":['
    tail: ClassVar[str] = "\n]}\n"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Node]:
        return nodes(summary)


def annotations_of(summary: VerifiedSummary, text: str | None = None) -> Iterator[Node]:
    """Yield an annotation per record, with a target per sentence, one per response, and one per value that the article has.

    `text` is the article, for prefix and suffix; without it the selectors have the exact words and offsets only.
    """
    source = safe_link(summary.document.source) or _document_key(summary.document)

    def targets(evidence: Iterable[Evidence]) -> list[Node]:
        found = [{"source": source, "selector": list(_selectors(e.exact, e, text))} for e in evidence]
        return found or [{"source": source}]

    for kind, group in summary.records.items():
        for record in group:
            card = card_of(kind, record)
            key = record_key(record, source)
            tags = [card.label, *card.badges, VERDICTS[record.verdict][0]]
            yield _annotation(key, card.headline, tags, targets(record.evidence))
            for number, answer in enumerate(card.answers, 1):
                said = f"{answer.type}: {', '.join(a.name for a in answer.responders)}"
                yield _annotation(f"{key}:response:{number}", said, [answer.type], targets(answer.evidence))
            for number, found in enumerate(record.support, 1):
                exact = "" if text is None else text[found.start : found.end]
                target = {"source": source, "selector": list(_selectors(exact, found, text))}
                tags = [found.field, found.where, found.by]
                yield _annotation(f"{key}:support:{number}", path_label(found.field), tags, [target])


def _annotation(key: str, comment: str, tags: list[str], targets: list[Node]) -> Node:
    bodies = [{"type": "TextualBody", "value": comment, "format": "text/plain", "purpose": "describing"}]
    bodies += [{"type": "TextualBody", "value": tag, "purpose": "tagging"} for tag in tags]
    return {
        "id": f"urn:communique:annotation:{key}",
        "type": "Annotation",
        "motivation": "describing",
        "body": bodies,
        "target": targets,
    }


def _selectors(exact: str, place: Evidence | Support, text: str | None) -> Iterator[Node]:
    if exact:
        quote = {"type": "TextQuoteSelector", "exact": exact}
        if text is not None:
            quote["prefix"] = text[max(0, place.start - CONTEXT) : place.start]
            quote["suffix"] = text[place.end : place.end + CONTEXT]
        yield quote
    yield {"type": "TextPositionSelector", "start": place.start, "end": place.end}


class AnnotationsSink(JsonListSink):
    """One AnnotationPage with all annotations, for Hypothesis, Recogito and other annotation tools."""

    name: ClassVar[str] = "annotations"
    suffix: ClassVar[str] = ".annotations.jsonld"
    head: ClassVar[str] = (
        '{"@context":"http://www.w3.org/ns/anno.jsonld","id":"urn:communique:annotations","type":"AnnotationPage","items":['
    )
    tail: ClassVar[str] = "\n]}\n"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Node]:
        return annotations_of(summary, text)
