"""Gold in the words that were used before the schema's: the corpora shared between projects are written so.

| older | in the schema's words |
| --- | --- |
| an actor as a list of forms; `ROLE_optional` | `name`, `aliases`; an actor with `"optional": true` |
| `denied_by`; `reported_by` | `responses` of type `denial`; `attributions` |
| `when_as_written`, `when_resolved`; `place_null_ok` | `when`, `derived.date`; null in `place_ok` |
| `act`; `activity`, `status` of a sanctions matter | `claim`; `concern`, `stage` |
| `stance`: asserted, speculated, reported | `commitment`: asserted, possible, unspecified |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ROLES = ("participants", "accusers", "accused", "raised_by", "subjects")
_RENAMED = {"act": "claim", "stance": "commitment", "stance_ok": "commitment_ok", "when_as_written": "when"}
_RENAMED_OF_SANCTIONS = {"activity": "concern", "status": "stage", "status_ok": "stage_ok"}
_COMMITMENT = {"speculated": "possible", "reported": "unspecified"}


def in_schema_words(record: Mapping[str, Any], plural: str) -> dict[str, Any]:
    """Return a gold record in the words of the schema; one that is written so already stays as it is.

    Args:
        record: The record.
        plural: Plural key of its type; one of the standard types.
    """
    sanctions = plural == "sanctions_concerns" and not {"concern", "stage"} & set(record)
    renamed = _RENAMED | (_RENAMED_OF_SANCTIONS if sanctions else {})
    row = {renamed.get(key, key): value for key, value in record.items()}
    for role in _ROLES:
        if role in row or f"{role}_optional" in row:
            optional = [{**actor, "optional": True} for actor in _actors(row.pop(f"{role}_optional", ()))]
            row[role] = [*_actors(row.get(role)), *optional]
    for older, new in (("denied_by", "responses"), ("reported_by", "attributions")):
        for key, more in ((older, {}), (f"{older}_optional", {"optional": True})):
            if key in row:
                actors = _actors(row.pop(key))
                told = {"type": "denial", "responders": actors} if new == "responses" else {"source": actors}
                row[new] = [*_listed(row.get(new)), *([told | more] if actors else [])]
    if isinstance(row.get("place"), str):
        row["place"] = {"name": row["place"]}
    if row.pop("place_null_ok", None):
        row["place_ok"] = [*_listed(row.get("place_ok")), None]
    if "when_resolved" in row:
        row["derived"] = {"date": row.pop("when_resolved")}
    if isinstance(row.get("regime"), str):
        row["regime"] = [row["regime"]]
    if "commitment" in row:
        row["commitment"] = _COMMITMENT.get(str(row["commitment"]), row["commitment"])
    if "commitment_ok" in row:
        row["commitment_ok"] = [_COMMITMENT.get(str(value), value) for value in _listed(row["commitment_ok"])]
    return row


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _actors(value: Any) -> list[dict[str, Any]]:
    return [actor for actor in map(_actor, _listed(value)) if actor]


def _actor(forms: Any) -> dict[str, Any]:
    if isinstance(forms, Mapping):
        return dict(forms)
    first, *others = [form for form in _listed(forms) if isinstance(form, str)] or [""]
    return ({"name": first} if first else {}) | ({"aliases": others} if others else {})
