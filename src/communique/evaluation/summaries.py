"""Our own output, read as answers: how its fields map to what the gold compares.

| compared | in a summary |
| --- | --- |
| actors of a role | `name` and `aliases` of each actor |
| denied_by | responders of the responses of type `denial` |
| reported_by | sources of the attributions |
| place, when as written, when resolved | `place.name`, `when`, `derived.date` |
| status | `status` (`ongoing` counts as held), `stage` |
| stance | `commitment`: asserted; probable and possible are speculated; unspecified, or no accuser, is reported |
| evidence | the copied sentences |
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from communique.evaluation.answers import KINDS, SCORED_ROLES, Actor, Answer, Entry, actors, objects
from communique.schemas.version_1 import from_version_1

_STATE = {"ongoing": "held", "broken_off": "held", "refused": "cancelled", "eased": "imposed", "lifted": "imposed"}
"""What gold calls a state that it has no word for."""
_STANCE = {"asserted": "asserted", "probable": "speculated", "possible": "speculated"}


def is_summary(row: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is our own output rather than the gold's shape."""
    return isinstance(row.get("document"), Mapping)


def summary_ids(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids that a summary may go by: its own, and the name of its source without and with one suffix."""
    document = row["document"]
    source = str(document.get("source") or "").replace("\\", "/")
    name = PurePosixPath(urlsplit(source).path if "://" in source else source).name
    candidates = (str(document.get("id") or ""), PurePosixPath(name).stem, name.partition(".")[0], name)
    return tuple(dict.fromkeys(c for c in candidates if c))


def from_summary(row: Mapping[str, Any], document_id: str) -> Answer:
    """Read a summary: what `VerifiedSummary.model_dump(mode="json")` gives, also that of schema version 1."""
    if str(row.get("schema_version")).startswith("1."):
        row = from_version_1(dict(row))
    entries = {kind: tuple(_entry(r, kind) for r in objects(row.get(kind))) for kind in KINDS}
    return Answer(document_id, entries, str(row["document"].get("language") or "en"))


def _entry(record: Mapping[str, Any], kind: str) -> Entry:
    derived = record.get("derived")
    place = record.get("place")
    return Entry(
        roles={role: _role(record, role) for role in SCORED_ROLES[kind]},
        place=place.get("name") if isinstance(place, Mapping) else place,
        when_as_written=record.get("when") or None,
        when_resolved=(derived.get("date") or None) if isinstance(derived, Mapping) else None,
        state=gold_state(record, kind),
        evidence=tuple(str(e["exact"]) for e in objects(record.get("evidence")) if e.get("exact")),
        verdict=str(record.get("verdict") or "draft"),
    )


def _role(record: Mapping[str, Any], role: str) -> tuple[Actor, ...]:
    if role == "denied_by":
        denials = (r for r in objects(record.get("responses")) if r.get("type") == "denial")
        return _distinct(a for r in denials for a in actors(r.get("responders")))
    if role == "reported_by":
        return _distinct(a for r in objects(record.get("attributions")) for a in actors(r.get("source")))
    return actors(record.get(role))


def _distinct(several: Any) -> tuple[Actor, ...]:
    return tuple(dict.fromkeys(several))


def gold_state(record: Mapping[str, Any], kind: str) -> str | None:
    """Return what gold calls the status of a meeting, the stance of a claim, the stage of a sanctions matter."""
    if kind == "allegations":
        if not record.get("accusers"):
            return "reported"
        return _STANCE.get(str(record.get("commitment")), "reported")
    state = record.get("status" if kind == "meetings" else "stage")
    if kind != "meetings" and state == "refused":
        return "proposed"
    return _STATE.get(str(state), state)
