"""The mentions of actors in records, whatever their type, each asked of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from communique.schemas import Actor, Mentioned, Record, VerifiedSummary
from communique.schemas.markers import leaves
from communique.screening.compare import Bands, ask
from communique.screening.index import NameIndex
from communique.screening.output import Screening
from communique.sinks.ftm import schema_of

_NO_ENTITY = {"country": "Territory"}
"""Schema of what `communique.sinks.ftm` leaves out."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a record.

    Attributes:
        field: Its path, such as `participants[0].name`.
        actor: The actor; one made of the name alone where a record has a name in a field of its own.
    """

    field: str
    actor: Actor


def mentions(record: Record) -> Iterator[Mention]:
    """Yield the names in a record: every field marked `Mentioned`, also in record types of others."""
    for leaf in leaves(record):
        if leaf.marker(Mentioned) and isinstance(leaf.value, str) and leaf.value.strip():
            actor = leaf.owner if isinstance(leaf.owner, Actor) else Actor(name=leaf.value)
            yield Mention(leaf.path, actor)


def screen(summary: VerifiedSummary, index: NameIndex, bands: Bands | None = None) -> Iterator[Screening]:
    """Yield what a list holds of every name in a summary's records.

    Args:
        summary: The checked summary.
        index: The list.
        bands: Where a score ends in which state.
    """
    info = summary.document
    for kind, group in summary.records.items():
        for record in group:
            for mention in mentions(record):
                actor = mention.actor
                schema = schema_of(actor, info.language or "en") or _NO_ENTITY.get(actor.kind or "country")
                full = [alias for alias in actor.aliases if len(alias.split()) > 1]
                answer = ask(index, schema or "Organization", (actor.name, *full), actor.country_code, bands or Bands())
                yield Screening(
                    document_id=info.id,
                    document_sha256=info.sha256,
                    record_id=record.id,
                    record_type=kind,
                    field=mention.field,
                    name=actor.name,
                    kind=actor.kind,
                    country_code=actor.country_code,
                    state=answer.state,
                    why=answer.why,
                    gap=answer.gap,
                    candidates=answer.candidates,
                    list=index.version,
                )
