"""The records of one document as they are compared, read from gold or from our own output.

Gold has the words of the schema, and a few keys more (docs/reference/vocabulary.md). Corpora that were written before are
read, too: with their own names and values (`_RENAMED`, `_COMMITMENT`), an actor as a list of forms, `ROLE_optional`,
`denied_by`, `reported_by`, `when_resolved` and `place_null_ok`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from communique.schemas.sanctions_concern import stage_of
from communique.schemas.stored import from_version_1

Fields = Mapping[str, Any]

_RENAMED = {"act": "claim", "stance": "commitment", "stance_ok": "commitment_ok", "when_as_written": "when"}
_RENAMED_OF_SANCTIONS = {"activity": "concern", "status": "stage", "status_ok": "stage_ok"}
_COMMITMENT = {"speculated": "possible", "reported": "unspecified"}
_IN_PARTS = {
    "denied_by": ("responses", "responders", "denied_by"),
    "attributions": ("attributions", "source", "reported_by"),
}
"""Roles that are told in parts of a record: the parts, their actors, and the older field of such actors."""


class Named(NamedTuple):
    """An actor: its forms, fullest first, and whether gold lets it be left out."""

    forms: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as far as it is compared."""

    row: Fields  # in the words of the schema, but for its actors
    evidence: tuple[str, ...] = ()  # quotations
    verdict: str | None = None  # of our own checks; None for records of another make
    actors: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)  # by role, those of `_IN_PARTS` too

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
    """Read a row: gold, an answer to the full prompt with quotations for evidence, or our output, lean or full, of any version.

    `roles` are, by plural key, the fields whose values are actors; a record type without any is read as it stands.
    """
    ours = is_summary(row)
    if ours and str(row.get("schema_version")).startswith("1."):
        row = from_version_1(dict(row))
    language = (row["document"] if ours else row).get("language")
    sentences = {e.get("sentence"): e for e in objects(row.get("sentences"))} if ours else {}
    records: dict[str, tuple[Entry, ...]] = {}
    for plural, names in roles.items():
        rows = [_in_schema_words(r, plural, ours=ours) if names else r for r in objects(row.get(plural))]
        records[plural] = tuple(
            Entry(
                row=r,
                evidence=tuple(_quotations(r.get("evidence"), sentences)),
                verdict=str(r.get("verdict") or "draft") if ours else None,
                actors={role: tuple(_actors(r, role)) for role in names},
            )
            for r in rows
        )
    return Answer(records, str(language or "en"))


def objects(value: Any) -> list[Fields]:
    """Return the JSON objects of a list."""
    return [r for r in value if isinstance(r, Mapping)] if isinstance(value, (list, tuple)) else []


def strings(value: Any) -> tuple[str, ...]:
    """Return the strings of a list; a bare string counts as a list of one."""
    return tuple(v for v in _listed(value) if isinstance(v, str))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _quotations(cited: Any, sentences: Mapping[Any, Fields]) -> Iterator[str]:
    for one in _listed(cited):
        found = sentences.get(one, one) if isinstance(one, int) else one
        quoted = found.get("exact") if isinstance(found, Mapping) else found
        if quoted and isinstance(quoted, str):
            yield quoted


def _actors(row: Fields, role: str) -> Iterator[Named]:
    parts, inner, older = _IN_PARTS.get(role, ("", "", role))
    told = [
        (part.get(inner), part)
        for part in objects(row.get(parts))
        if role != "denied_by" or part.get("type") == "denial"
    ]
    told += [(row.get(older), {}), (row.get(f"{older}_optional"), {"optional": True})]
    for several, part in told:
        for actor in _listed(several):
            whole: Fields = actor if isinstance(actor, Mapping) else {"aliases": actor}
            if forms := strings([whole.get("name"), *strings(whole.get("aliases"))]):
                yield Named(forms, bool(part.get("optional") or whole.get("optional")))


def _in_schema_words(record: Fields, plural: str, *, ours: bool) -> Fields:
    sanctions = plural == "sanctions_concerns" and not {"concern", "stage"} & set(record)
    renamed = _RENAMED | (_RENAMED_OF_SANCTIONS if sanctions else {})
    row = {renamed.get(key, key): value for key, value in record.items()}
    if "stage" not in row and ("breach" in row or "measure" in row):
        row["stage"] = stage_of(str(row.get("breach", "none")), str(row.get("measure", "none")))
    if ours and plural == "allegations" and not (row.get("commitment") and row.get("accusers")):
        row["commitment"] = "unspecified"  # nobody's word; lean output leaves it out
    if "commitment" in row:
        row["commitment"] = _COMMITMENT.get(str(row["commitment"]), row["commitment"])
    if "commitment_ok" in row:
        row["commitment_ok"] = [_COMMITMENT.get(str(value), value) for value in _listed(row["commitment_ok"])]
    if isinstance(row.get("regime"), str):
        row["regime"] = [row["regime"]]
    return row
