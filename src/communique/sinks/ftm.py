"""FollowTheMoney: entities for Aleph, OpenSanctions' tools and graph stores, one JSON object a line.

A news worry is never a `Sanction` or a `Risk`: those are designations by an authority.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from communique.schemas import Actor, Allegation, DocumentInfo, Ftm, Meeting, Record, VerifiedSummary, field_markers
from communique.schemas.edtf import bounds
from communique.schemas.stored import json_line
from communique.sinks.cards import card_of
from communique.sinks.identifiers import (
    actor_id,
    cited,
    countries,
    language_alpha3,
    make_id,
    record_key,
    responses,
    safe_id,
    safe_link,
)
from communique.sinks.remarks import join, words
from communique.sinks.sink import SinkOptions, TextFileSink

Entity = dict[str, Any]
_SCHEMA = {
    "person": "Person",
    "public_body": "PublicBody",
    "company": "Company",
    "organization": "Organization",
    "media": "Organization",
    "vessel": "Vessel",
}
"""Kinds that are entities; a country or a group is none (a `Territory` can't take part in an `Event`)."""
_ID = re.compile(r"[0-9a-zA-Z]([0-9a-zA-Z.-]*[0-9a-zA-Z])?")


def entities(summary: VerifiedSummary, text: str | None = None) -> Iterator[Entity]:
    """Yield the FollowTheMoney entities of a summary: the article, its actors, one Event or Note a record."""
    article = _article(summary.document, text)
    language = summary.document.language or "en"
    yield article
    for kind, group in summary.records.items():
        for record in group:
            found = [(*named, schema) for named in cited(record) if (schema := schema_of(named[1], language))]
            yield from (_actor(actor, schema, language) for _, actor, _, schema in found)
            if isinstance(record, Meeting):
                yield _event(record, article, language)
            else:
                yield _note(kind, record, article, language)
            for role, actor, evidence, _ in found:
                yield _entity(
                    "Documentation",
                    make_id(article["id"], record.id, role, actor_id(actor)),
                    document=article["id"],
                    entity=actor_id(actor),
                    role=words(role),
                    summary=[e.exact for e in evidence],
                )


def schema_of(actor: Actor, language: str = "en") -> str | None:
    """Return the FollowTheMoney schema of an actor; None for a country or a group, which are no entities.

    Where the kind is left open, a country's name in the language (ISO 639-1) is none, whoever holds an office or title is
    a `Person`, and the rest are `LegalEntity`, which stands above persons and companies. The shape of a name decides
    nothing: "General Motors" begins with a title, "Kestrel Optics" looks like a person.
    """
    if actor.kind is not None:
        return _SCHEMA.get(actor.kind)
    if _is_country(actor.name, language):
        return None
    return "Person" if actor.role else "LegalEntity"


def _is_country(name: str, language: str) -> bool:
    from communique.grounding.countries import is_country  # here, since the other sinks need no table of countries

    return is_country(name, language)


def _entity(schema: str, key: str, **properties: Any) -> Entity:
    found: dict[str, list[str]] = {}
    for name, value in properties.items():
        values = [v for v in (value if isinstance(value, (list, tuple)) else [value]) if v]
        if values:
            found[name] = list(dict.fromkeys(values))
    return {"id": key, "schema": schema, "properties": found}


def _key(given: str) -> str:
    """Return an id that FollowTheMoney takes, since it drops references to any other."""
    return given if _ID.fullmatch(given) else make_id(given)


def _article(info: DocumentInfo, text: str | None) -> Entity:
    digest = hashlib.sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest() if text else None
    return _entity(
        "Article",
        _key(safe_id(info.id)),
        title=info.title or info.id,
        fileName=info.id,
        publisher=info.outlet,
        publishedAt=bounds((info.published or "")[:10])[0],
        sourceUrl=safe_link(info.source),
        language=language_alpha3(info.language),
        contentHash=digest,
    )


def _actor(actor: Actor, schema: str, language: str) -> Entity:
    full = [a for a in actor.aliases if _is_full(a, actor.name, language)]
    return _entity(
        schema,
        actor_id(actor),
        name=actor.name,
        alias=full,
        weakAlias=[a for a in actor.aliases if a not in full],
        position=actor.role if schema == "Person" else None,
        country=actor.country_code,
    )


def _is_full(alias: str, name: str, language: str) -> bool:
    """Tell whether an alias is a full name. FollowTheMoney takes whoever has the same `alias` for the same one.

    None is: one word, such as a first name or an acronym; the end of the name ("Le Pen"); a country's name for one of its
    offices; words without capitals, since those of several are a surname and an office.
    """
    several = len(alias.split()) > 1 and not name.endswith(alias)
    return several and alias != alias.lower() and not _is_country(alias, language)


def _event(record: Meeting, article: Entity, language: str) -> Entity:
    involved = [p for p in record.participants if schema_of(p, language) not in (None, "Vessel")]
    names = join([p.name for p in record.participants])
    start, end = bounds(record.derived.date)
    return _entity(
        "Event",
        _key(record_key(record, article["id"])),
        name=f"{words(record.mode).capitalize()} ({record.status}): {names}",
        summary=[e.exact for e in record.evidence],
        involved=[actor_id(p) for p in involved],
        organizer=[actor_id(p) for p in involved if p.capacity == "host"],
        location=record.place.name if record.place else None,
        country=countries(record),
        startDate=start,
        endDate=end if end != start else None,
        proof=article["id"],
        keywords=_keywords(record, record.mode, f"status:{record.status}"),
    )


def _note(kind: str, record: Record, article: Entity, language: str) -> Entity:
    card = card_of(kind, record)
    own = {
        marker.property: getattr(record, name)
        for name in type(record).model_fields
        for marker in field_markers(type(record), name)
        if isinstance(marker, Ftm) and isinstance(getattr(record, name), str)
    }
    accused = record.accused if isinstance(record, Allegation) else ()
    named = (getattr(record, n, None) for n in ("activity", "commitment", "stage"))
    properties = {
        "name": card.label,
        "description": card.own_words or card.headline,
        "summary": [e.exact for group in (record.evidence, *(a.evidence for a in card.answers)) for e in group],
        "country": countries(record),
        "entity": [actor_id(a) for a in accused if schema_of(a, language)],
        "keywords": _keywords(record, kind, *(value for value in named if isinstance(value, str))),
        "proof": article["id"],
    }
    return _entity("Note", _key(record_key(record, article["id"])), **(properties | own))


def _keywords(record: Record, *given: str) -> list[str]:
    answers = [f"response:{r.type}" for r in responses(record)]
    return [*given, *answers, *(p.key for p in record.derived.programs), f"verdict:{record.verdict}"]


class FtmSink(TextFileSink):
    """One entity a line. An actor that is named again with nothing new is not repeated."""

    name: ClassVar[str] = "ftm"
    suffix: ClassVar[str] = ".ftm.json"

    def open(self, path: Path, options: SinkOptions) -> None:
        super().open(path, options)
        self._seen: set[bytes] = set()

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        for entity in entities(summary, text):
            line = json_line(entity)
            digest = hashlib.sha256(line.encode()).digest()[:16]
            if digest not in self._seen:
                self._seen.add(digest)
                yield line + "\n"
