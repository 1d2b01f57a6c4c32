"""The mentions of actors in records, whatever their type, each asked of a list."""

from __future__ import annotations

from collections.abc import Iterator

from communique.schemas import Actor, Mentioned, Record, VerifiedSummary
from communique.schemas.markers import leaves
from communique.screening.compare import Bands, ask
from communique.screening.index import NameIndex
from communique.screening.output import Screening
from communique.sinks.ftm import schema_of


def mentions(record: Record) -> Iterator[tuple[str, Actor]]:
    """Yield (path, actor) for every name in a record: each field marked `Mentioned`, also in record types of others.

    The path is such as `participants[0].name`. A name in a field of its own gives an actor of which nothing else is known.
    """
    for leaf in leaves(record):
        if leaf.marker(Mentioned) and isinstance(leaf.value, str) and leaf.value.strip():
            yield leaf.path, leaf.owner if isinstance(leaf.owner, Actor) else Actor(name=leaf.value)


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
            for path, actor in mentions(record):
                full = [alias for alias in actor.aliases if len(alias.split()) > 1]
                schema = schema_of(actor, info.language or "en")  # none for a group, and for a country of any kind
                schema = schema or ("Organization" if actor.kind == "group" else "Territory")
                answer = ask(index, schema, (actor.name, *full), actor.country_code, bands or Bands())
                yield Screening(
                    **dict(answer),
                    document_id=info.id,
                    document_sha256=info.sha256,
                    record_id=record.id,
                    record_type=kind,
                    field=path,
                    name=actor.name,
                    kind=actor.kind,
                    country_code=actor.country_code,
                    list=index.version,
                )
