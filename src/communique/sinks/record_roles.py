"""Who stands in which role: the actors of a record, whatever its type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from communique.schemas import Actor, Attribution, Evidence, Place, Record, Response
from communique.schemas.annotation import LISTS, ordered


def parts(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield (field, value) of a record, each item of a list by itself."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        yield from ((name, item) for item in (ordered(value) if isinstance(value, LISTS) else (value,)))


def cited(record: Record) -> Iterator[tuple[str, Actor, tuple[Evidence, ...]]]:
    """Yield (role, actor, sentences that state it) for every actor of a record.

    The role is the field's name, `source` of an attribution, or the kind of answer.
    """
    for name, item in parts(record):
        if isinstance(item, Actor):
            yield name, item, record.evidence
        elif isinstance(item, Attribution):
            yield from (("source", a, record.evidence) for a in item.source)
        elif isinstance(item, Response):
            yield from ((item.type, a, item.evidence or record.evidence) for a in item.responders)


def actors(record: Record) -> Iterator[tuple[str, Actor]]:
    """Yield (role, actor) for every actor of a record, as `cited` does."""
    return ((role, actor) for role, actor, _ in cited(record))


def in_role(record: Record, *roles: str) -> list[Actor]:
    """Return the actors in these roles, in that order; a stranger's field of such a name that holds none gives none."""
    found = list(actors(record))
    return [actor for wanted in roles for role, actor in found if role == wanted]


def responses(record: Record) -> list[Response]:
    """Return the denials and other answers that a record holds."""
    value = getattr(record, "responses", ())
    return [r for r in value if isinstance(r, Response)] if isinstance(value, (tuple, list)) else []


def countries(record: Record) -> list[str]:
    """Return the alpha-2 codes of the countries that a record touches, in the order of its fields, each once."""
    codes = [a.country_code for _, a in actors(record)]
    place = getattr(record, "place", None)
    if isinstance(place, Place):
        codes.append(place.country_code)
    return list(dict.fromkeys(c for c in codes if c))
