"""Stable ids of records, and the blocking key that brings records of the same matter together.

A record's id is `cmq-` and the SHA-1, in hex, of four strings put together without a separator (as FollowTheMoney's
`make_entity_id` does, the first being its key prefix): the type's plural key, the document's id, the offset of the
first evidence, and the activity or mode. Neither the place in the list nor the model's own words take part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from communique.schemas import Actor, Derived, Identity, Record, leaves

_KINDS = ("activity", "mode")


def record_id(record: Record, document_id: str) -> str:
    """Return the id that a record has unless another one took it (see `distinct_ids`)."""
    start = min((e.start for e in record.evidence), default=None)
    parts = [type(record).plural, document_id, "" if start is None else str(start), kind_of(record)]
    return "cmq-" + hashlib.sha1("".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def distinct_ids(records: Sequence[Record], document_id: str) -> Iterator[str]:
    """Yield the ids of the records of one document; a second record of the same id gets `-2`, a third `-3`."""
    seen: dict[str, int] = {}
    for record in records:
        own = record_id(record, document_id)
        seen[own] = seen.get(own, 0) + 1
        yield own if seen[own] == 1 else f"{own}-{seen[own]}"


def kind_of(record: Record) -> str:
    """Return the record's activity or mode, or ""."""
    return next((v for v in map(record.__dict__.get, _KINDS) if isinstance(v, str)), "")


def group_key(record: Record, derived: Derived) -> str:
    """Return `activity|subjects|counterparties|programmes`, or `mode|countries|month`; empty ends are left off.

    Each part is sorted and joined by "+"; an actor without a country stands by its name. A type that has neither
    activity nor mode is keyed by its own name and whatever its `Identity` fields name.
    """
    kind = kind_of(record) or type(record).plural
    values = record.__dict__
    if isinstance(values.get("activity"), str):
        roles = (*type(record).subjects_of, *(r for r in ("counterparties",) if r in values))
        parts = [kind, *(_joined(values.get(role)) for role in roles)]
        parts.append("+".join(sorted(p.key for p in derived.programs)))
    else:
        names = [values.get(r) for r in type(record).subjects_of if r not in Record.model_fields]
        parts = [
            kind,
            _joined([a for group in names for a in _listed(group)]) or _identities(record),
            (derived.date or "")[:7],
        ]
    while parts and not parts[-1]:
        parts.pop()
    return "|".join(parts)


def territories_of(actors: Any) -> list[str]:
    """Return the codes of the actors' countries, in order, each once."""
    codes = (getattr(a, "country_code", None) for a in _listed(actors))
    return list(dict.fromkeys(c for c in codes if isinstance(c, str) and c))


def _joined(actors: Any) -> str:
    return "+".join(sorted({_label(a) for a in _listed(actors)} - {""}))


def _label(actor: Any) -> str:
    if isinstance(actor, Actor):
        return actor.country_code or _plain(actor.name)
    if isinstance(actor, BaseModel):
        return "+".join(sorted({_plain(leaf.value) for leaf in leaves(actor, marked=Identity)}))
    return _plain(actor)


def _identities(record: Record) -> str:
    found = leaves(record, marked=Identity)
    return "+".join(sorted({getattr(leaf.owner, "country_code", None) or _plain(leaf.value) for leaf in found}))


def _plain(value: Any) -> str:
    return " ".join(str(value).casefold().replace("|", " ").replace("+", " ").split())


def _listed(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, (list, tuple)) else (value,)
