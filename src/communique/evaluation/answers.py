"""The records of one document as they are compared, read from gold or from our own output.

Gold has the words of the schema, and a few keys more: the annotation guide tells them (docs/reference/vocabulary.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from communique.evaluation.older_words import in_schema_words
from communique.schemas.sanctions_concern import stage_of
from communique.schemas.version_1 import from_version_1

Fields = Mapping[str, Any]


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
    row = in_schema_words(record, plural) if roles else dict(record)
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
