"""The records of one document as they are compared, read from gold or from our own output.

Gold has the words of the schema, and a few keys more: the annotation guide tells them (docs/reference/vocabulary.md).
Corpora shared between projects are written in the words that were used before the schema's:

| older | in the schema's words |
| --- | --- |
| an actor as a list of forms; `ROLE_optional` | `name`, `aliases`; an actor with `"optional": true` |
| `denied_by`; `reported_by` | `responses` of type `denial`; `attributions` |
| `when_as_written`, `when_resolved`; `place_null_ok` | `when`, `derived.date`; null in `place_ok` |
| `act`; `activity`, `status` of a sanctions matter | `claim`; `concern`, `stage` |
| `stance`: asserted, speculated, reported | `commitment`: asserted, possible, unspecified |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from communique.schemas.sanctions_concern import stage_of
from communique.schemas.stored import from_version_1

Fields = Mapping[str, Any]

_ROLES = ("participants", "accusers", "accused", "raised_by", "subjects")
_RENAMED = {"act": "claim", "stance": "commitment", "stance_ok": "commitment_ok", "when_as_written": "when"}
_RENAMED_OF_SANCTIONS = {"activity": "concern", "status": "stage", "status_ok": "stage_ok"}
_COMMITMENT = {"speculated": "possible", "reported": "unspecified"}


class Named(NamedTuple):
    """An actor: its forms, fullest first, and whether gold lets it be left out."""

    forms: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as far as it is compared.

    Attributes:
        row: The record in the words of the schema.
        evidence: Quotations.
        verdict: Of our own checks; None for records of another make.
        actors: By role; those who deny are `denied_by`, those who are credited `attributions`.
    """

    row: Fields
    evidence: tuple[str, ...] = ()
    verdict: str | None = None
    actors: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)

    @property
    def optional(self) -> bool:
        """Whether missing it costs nothing."""
        return bool(self.row.get("optional"))

    def required(self, role: str) -> list[tuple[str, ...]]:
        """Return the forms of each actor of a role that gold asks for."""
        return [actor.forms for actor in self.actors.get(role, ()) if not actor.optional]


@dataclass(frozen=True, slots=True)
class Answer:
    """The records of one document by plural key, by someone; `language` is its ISO 639-1 code."""

    records: Mapping[str, tuple[Entry, ...]]
    language: str = "en"

    @property
    def quotations(self) -> list[str]:
        """All quotations that are given as evidence."""
        return [q for entries in self.records.values() for entry in entries for q in entry.evidence]


def is_summary(row: Fields) -> bool:
    """Tell whether a JSON object is our own output."""
    return isinstance(row.get("document"), Mapping)


def read_answer(row: Fields, roles: Mapping[str, tuple[str, ...]]) -> Answer:
    """Read a row of gold or predictions.

    Args:
        row: Gold, an answer to the full prompt with quotations for evidence, or our output, lean or full, of any version.
        roles: By plural key, the fields whose values are actors; a record type without any is read as it stands.
    """
    ours = is_summary(row)
    if ours and str(row.get("schema_version")).startswith("1."):
        row = from_version_1(dict(row))
    language = (row["document"] if ours else row).get("language")
    sentences = {e.get("sentence"): e for e in objects(row.get("sentences"))} if ours else {}
    records = {
        plural: tuple(_entry(record, plural, names, sentences, ours=ours) for record in objects(row.get(plural)))
        for plural, names in roles.items()
    }
    return Answer(records, str(language or "en"))


def objects(value: Any) -> list[Fields]:
    """Return the JSON objects of a list."""
    return [r for r in value if isinstance(r, Mapping)] if isinstance(value, (list, tuple)) else []


def strings(value: Any) -> tuple[str, ...]:
    """Return the strings of a list; a bare string counts as a list of one."""
    several = (value,) if isinstance(value, str) else value
    return tuple(v for v in several if isinstance(v, str)) if isinstance(several, (list, tuple)) else ()


def _entry(
    record: Fields, plural: str, roles: tuple[str, ...], sentences: Mapping[Any, Fields], *, ours: bool
) -> Entry:
    row = _in_schema_words(record, plural) if roles else dict(record)
    if roles and "stage" not in row and ("breach" in row or "measure" in row):
        row["stage"] = stage_of(str(row.get("breach", "none")), str(row.get("measure", "none")))
    if roles and ours and plural == "allegations" and not (row.get("commitment") and row.get("accusers")):
        row["commitment"] = "unspecified"  # nobody's word; lean output leaves it out
    cited = row.get("evidence")
    if sentences and isinstance(cited, list):
        cited = [sentences.get(e, e) if isinstance(e, int) else e for e in cited]
    quoted = [e.get("exact") for e in objects(cited)] or cited
    return Entry(
        row=row,
        evidence=tuple(q for q in strings(quoted) if q),
        verdict=str(row.get("verdict") or "draft") if ours else None,
        actors={role: tuple(_actors(row, role)) for role in roles},
    )


def _actors(row: Fields, role: str) -> Iterator[Named]:
    if role == "denied_by":
        told = [(r.get("responders"), r) for r in objects(row.get("responses")) if r.get("type") == "denial"]
    elif role == "attributions":
        told = [(a.get("source"), a) for a in objects(row.get(role))]
    else:
        told = [(row.get(role), {})]
    for several, part in told:
        for actor in several if isinstance(several, (list, tuple)) else (several,):
            whole: Fields = actor if isinstance(actor, Mapping) else {"aliases": actor}
            if forms := strings([whole.get("name"), *strings(whole.get("aliases"))]):
                yield Named(forms, bool(part.get("optional") or whole.get("optional")))


def _in_schema_words(record: Mapping[str, Any], plural: str) -> dict[str, Any]:
    """Return a gold record in the words of the schema; one that is written so already stays as it is."""
    sanctions = plural == "sanctions_concerns" and not {"concern", "stage"} & set(record)
    renamed = _RENAMED | (_RENAMED_OF_SANCTIONS if sanctions else {})
    row = {renamed.get(key, key): value for key, value in record.items()}
    for role in _ROLES:
        if role in row or f"{role}_optional" in row:
            optional = [{**actor, "optional": True} for actor in _older_actors(row.pop(f"{role}_optional", ()))]
            row[role] = [*_older_actors(row.get(role)), *optional]
    for older, new in (("denied_by", "responses"), ("reported_by", "attributions")):
        for key, more in ((older, {}), (f"{older}_optional", {"optional": True})):
            if key in row:
                actors = _older_actors(row.pop(key))
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


def _older_actors(value: Any) -> list[dict[str, Any]]:
    return [actor for actor in map(_older_actor, _listed(value)) if actor]


def _older_actor(forms: Any) -> dict[str, Any]:
    if isinstance(forms, Mapping):
        return dict(forms)
    first, *others = [form for form in _listed(forms) if isinstance(form, str)] or [""]
    return ({"name": first} if first else {}) | ({"aliases": others} if others else {})
