"""What gold and predictions are compared as: one entry per record, whatever shape it was written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Actor = tuple[str, ...]
"""The forms of one actor, fullest first."""

PAIRING_ROLES: Mapping[str, tuple[str, ...]] = {
    "meetings": ("participants",),
    "allegations": ("accusers", "accused"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
"""By record type, the roles that decide which records belong together."""

SCORED_ROLES: Mapping[str, tuple[str, ...]] = {
    "meetings": ("participants", "reported_by"),
    "allegations": ("accusers", "accused", "denied_by"),
    "sanctions_concerns": ("raised_by", "subjects"),
}
"""By record type, the roles whose actors are scored once records are paired."""

STATE_FIELDS: Mapping[str, str] = {
    "meetings": "status",
    "allegations": "stance",
    "sanctions_concerns": "status",
}
"""By record type, the closed list whose accuracy is measured."""

KINDS = tuple(PAIRING_ROLES)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as far as it is compared.

    Attributes:
        roles: Actors by role; `ROLE_optional` holds the actors that may be listed or not.
        groups: Forms by role that stand for all its actors.
        place: Place as written.
        when_as_written: Time as written.
        when_resolved: EDTF date.
        state: Status or stance.
        accepted: By field, further accepted values.
        place_may_be_null: Leaving the place out is no miss.
        evidence: Quotations.
        optional: Missing it costs nothing.
        verdict: Of our own checks; None for records of another make.
    """

    roles: Mapping[str, tuple[Actor, ...]] = field(default_factory=dict)
    groups: Mapping[str, Actor] = field(default_factory=dict)
    place: str | None = None
    when_as_written: str | None = None
    when_resolved: str | None = None
    state: str | None = None
    accepted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place_may_be_null: bool = False
    evidence: tuple[str, ...] = ()
    optional: bool = False
    verdict: str | None = None

    def actors(self, role: str) -> tuple[Actor, ...]:
        """Return the actors of a role."""
        return self.roles.get(role, ())

    def optional_actors(self, role: str) -> tuple[Actor, ...]:
        """Return the actors that may be listed in a role or not."""
        return self.roles.get(role + "_optional", ())

    def group(self, role: str) -> Actor:
        """Return the forms that stand for all actors of a role."""
        return self.groups.get(role, ())


@dataclass(frozen=True, slots=True)
class Answer:
    """The records of one document, by someone.

    Attributes:
        id: The document's id.
        entries: By record type.
        language: ISO 639-1 code; matters for gold only, where inflecting languages are compared more leniently.
    """

    id: str
    entries: Mapping[str, tuple[Entry, ...]]
    language: str = "en"

    def of(self, kind: str) -> tuple[Entry, ...]:
        """Return the entries of one record type."""
        return self.entries.get(kind, ())

    @property
    def is_empty(self) -> bool:
        """Whether there is no record of any type."""
        return not any(self.entries.values())


def from_gold_shape(row: Mapping[str, Any], document_id: str) -> Answer:
    """Read the gold's shape: three lists of records, actors as lists of forms.

    An actor may also be a bare form, or an object with `name` and `aliases`.
    """
    entries = {kind: tuple(_entry(r, kind) for r in objects(row.get(kind))) for kind in KINDS}
    return Answer(document_id, entries, str(row.get("language") or "en"))


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the JSON objects of a list."""
    return [r for r in value if isinstance(r, Mapping)] if isinstance(value, (list, tuple)) else []


def strings(value: Any) -> tuple[str, ...]:
    """Return the strings of a list; a bare string counts as a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, (list, tuple)) else ()


def actors(value: Any) -> tuple[Actor, ...]:
    """Return the actors of a role as lists of forms."""
    several: Iterable[Any] = value if isinstance(value, (list, tuple)) else (value,)
    return tuple(forms for forms in map(_forms, several) if forms)


def _forms(actor: Any) -> Actor:
    if isinstance(actor, Mapping):
        name = actor.get("name") or actor.get("canonical") or actor.get("text")
        return strings([name, *strings(actor.get("aliases"))])
    return strings(actor)


def _entry(record: Mapping[str, Any], kind: str) -> Entry:
    state = STATE_FIELDS[kind]
    names = [name for role in SCORED_ROLES[kind] for name in (role, role + "_optional")]
    return Entry(
        roles={name: actors(record[name]) for name in names if record.get(name)},
        groups={role: strings(record.get(role + "_group")) for role in SCORED_ROLES[kind]},
        place=_text(record.get("place")),
        when_as_written=_text(record.get("when_as_written")),
        when_resolved=_text(record.get("when_resolved")),
        state=_text(record.get(state)),
        accepted={name: strings(record.get(name + "_ok")) for name in ("place", "when", state)},
        place_may_be_null=bool(record.get("place_null_ok")),
        evidence=strings(record.get("evidence")),
        optional=bool(record.get("optional")),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
