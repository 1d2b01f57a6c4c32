"""The names of records compared with a list: OpenSanctions' `logic-v2`, and bands that turn its scores into a state."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from communique.errors import ConfigurationError
from communique.schemas import Actor, Mentioned, Part, Record, VerifiedSummary, leaves
from communique.screening.index import Entry, ListVersion, NameIndex
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.ftm import schema_of
from communique.sinks.json_files import read_lines

if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy

_TYPE_PENALTY = 0.3  # where the article says person and the list says company, or the like
_SHOWN = 5  # candidates that are kept, best first
_WHY = {
    "score": "the spelling differs",
    "country": "no country confirms it",
    "gap": "several entries have such a name",
    "one_word": "one word is not a full name",
    "contradiction": "country or type are another",
}


class Candidate(Part):
    """An entry of the list whose name is like the name in the article.

    Attributes:
        type: FollowTheMoney schema; `id`, `caption`, `countries` (codes) and `topics` (such as `sanction`) are the entry's, too.
        score: 0 to 1, made of `parts`: `name_match`, and what is taken off, such as `country_mismatch`.
        written: The name that was compared, the actor's or another full form of it, with the entry's name `listed`;
            `words` says how their words were matched.
    """

    id: str
    caption: str
    type: str
    score: float
    parts: dict[str, float]
    written: str
    listed: str
    words: str
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Answer(Part):
    """What a list holds of a name.

    `SAME`: the name matches one entry, and no other nearly as well. `UNDECIDED`: a person has to look. `NO_MATCH`: no
    entry has such a name. None of them says that the actor is the listed one.
    """

    state: Literal["SAME", "UNDECIDED", "NO_MATCH"]
    why: tuple[str, ...] = ()  # what keeps it from `SAME`, a key of `_WHY`
    gap: float | None = None  # by how much the score of the first candidate, the best, is above that of the next entry
    candidates: tuple[Candidate, ...] = ()


class Screening(Answer):
    """A mention of an actor, and what a list holds of its name.

    Attributes:
        document_sha256: SHA-256 of the document's text.
        record_type: Plural key of the record's type.
        field: Path of the name in the record, such as `participants[0].name`.
        name: As written, with the `kind` and the `country_code` (ISO 3166-1 alpha-2) that the record has.
    """

    document_id: str
    document_sha256: str
    record_id: str
    record_type: str
    field: str
    name: str
    kind: str | None = None
    country_code: str | None = None
    list: ListVersion

    @property
    def entries(self) -> str:
        """The candidates in one line: caption, id and countries of each."""
        return ", ".join(f"“{c.caption}” ({', '.join((c.id, *c.countries))})" for c in self.candidates)

    @property
    def statement(self) -> str:
        """What may be said of it, in a sentence or two."""
        of = f"of {self.list.name} ({self.list.date})"
        if self.state == "NO_MATCH":
            return f"No entry {of} has such a name."
        if self.state == "SAME":
            return f"The name matches list entry {self.entries} {of}. A person decides whether it is the same one."
        several, why = len(self.candidates) > 1, ", ".join(_WHY[reason] for reason in self.why)
        return f"The name is like list {'entries' if several else 'entry'} {self.entries} {of}. Undecided: {why}."


@dataclass(frozen=True)
class Bands:
    """Where a score ends in which state; ConfigurationError if they contradict each other.

    Attributes:
        same: Least score of SAME where article and list agree on a country.
        alone: The same where one of them names none. It never suffices for a public body: every state has an interior ministry.
        undecided: Least score of UNDECIDED; below, it is NO_MATCH.
        gap: Least lead over the next entry for SAME.
    """

    same: float = 0.8
    alone: float = 0.9
    undecided: float = 0.7
    gap: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.undecided <= self.same <= self.alone <= 1 or not 0 <= self.gap <= 1:
            order = "0 < undecided <= same <= alone <= 1, and 0 <= gap <= 1"
            raise ConfigurationError(f"these bands make no sense: {self}", hint=order)


def mentions(record: Record) -> Iterator[tuple[str, Actor]]:
    """Yield (path, actor) for every name in a record, whatever its type; the path is such as `participants[0].name`."""
    for leaf in leaves(record, marked=Mentioned):
        if isinstance(leaf.value, str) and leaf.value.strip():
            yield leaf.path, leaf.owner if isinstance(leaf.owner, Actor) else Actor(name=leaf.value)


def screen(summary: VerifiedSummary, index: NameIndex, bands: Bands | None = None) -> Iterator[Screening]:
    """Yield what a list holds of every name in a summary's records."""
    info = summary.document
    for record_type, group in summary.records.items():
        for record, path, actor in ((one, *mention) for one in group for mention in mentions(one)):
            full = [alias for alias in actor.aliases if len(alias.split()) > 1]
            schema = schema_of(actor, info.language or "en")  # none for a group, and for a country of any kind
            schema = schema or ("Organization" if actor.kind == "group" else "Territory")
            answer = ask(index, schema, (actor.name, *full), actor.country_code, bands or Bands())
            where = {"document_id": info.id, "document_sha256": info.sha256, "record_id": record.id, "field": path}
            who = {"name": actor.name, "kind": actor.kind, "country_code": actor.country_code}
            yield Screening(**dict(answer), **where, **who, record_type=record_type, list=index.version)


@functools.lru_cache(maxsize=10_000)  # in news the same names come again
def ask(index: NameIndex, schema: str, names: tuple[str, ...], country: str | None, bands: Bands) -> Answer:
    """Return what a list holds of an actor: FollowTheMoney schema, name and other full names, ISO 3166-1 alpha-2 code."""
    from followthemoney.names import entity_names

    country = (country or "").lower()
    written = [name.encode("utf-8", "replace").decode() for name in names]  # no half of a character
    query = _entity(schema, {"name": written, "country": [country] if country else []})
    parsed = entity_names(query, infer_initials=True, consolidate=False)
    found = sorted(_candidates(query, index.near(parsed)), key=lambda c: (c.score, c.id))
    ranked = sorted({c.id: c for c in found}.values(), key=lambda c: (-c.score, c.id))  # listed twice is one entry
    kept = tuple(c for c in ranked[:_SHOWN] if c.score >= bands.undecided)
    if not kept:
        return Answer(state="NO_MATCH")
    top = kept[0]
    gap = round(top.score - (ranked[1].score if len(ranked) > 1 else 0.0), 3)
    other = any(part.endswith("_mismatch") for part in top.parts)
    alone = not other and country not in top.countries
    against = {
        "score": top.score < bands.same,
        "country": alone and top.score >= bands.same and (top.score < bands.alone or schema == "PublicBody"),
        "gap": gap < bands.gap,
        # A single word is a surname wherever a person may be meant; a company or a state may have a name of one word.
        "one_word": top.type == "Person" and all(len(name.parts) < 2 for name in parsed),
        "contradiction": other,
    }
    why = tuple(reason for reason, holds in against.items() if holds)
    return Answer(state="UNDECIDED" if why else "SAME", why=why, gap=gap, candidates=kept)


def _candidates(query: EntityProxy, near: Iterable[Entry]) -> Iterator[Candidate]:
    """Yield the entries that have a name at all like that of the query."""
    from nomenklatura.matching.logic_v2.model import LogicV2

    config = LogicV2.default_config()
    for entry in near:
        listed = _entity(entry["schema"], entry["properties"])
        fits, asked, known = query.schema.can_match(listed.schema), query, listed
        if listed.schema.is_a("Territory"):  # logic-v2 compares no names of these, but a body's are like them
            asked, known = (_entity("Organization", entity.properties) for entity in (query, listed))
        elif not fits:
            asked = _entity(listed.schema.name, query.properties)
        found = LogicV2.compare(asked, known, config)
        told = found.explanations
        by_name = [told[name] for name in ("name_match", "weak_alias_match") if name in told]
        if not found.score or not by_name:
            continue
        best = max(by_name, key=lambda result: result.score)
        parts = {f.name: round(told[f.name].score * f.weight, 3) for f in LogicV2.features if f.name in told}
        parts |= {} if fits else {"type_mismatch": -_TYPE_PENALTY}
        yield Candidate(
            id=entry["id"],
            caption=entry["caption"],
            type=listed.schema.name,
            score=round(max(0.0, found.score - _TYPE_PENALTY * (not fits)), 3),
            parts={name: part for name, part in parts.items() if part},
            written=best.query or query.names[0],
            listed=best.candidate or entry["caption"],
            words=best.detail or "",
            countries=tuple(sorted(set(listed.countries))),
            topics=tuple(entry["properties"].get("topics", ())),
        )


def _entity(schema: str, properties: Mapping[str, list[str]]) -> EntityProxy:
    """Return an entity; nomenklatura caches what it finds of one by its id, so another content has another id."""
    from followthemoney import model

    return model.get_proxy({"id": repr((schema, properties)), "schema": schema, "properties": dict(properties)})


def read_screenings(path: Path | str) -> Iterator[Screening]:
    """Yield the screenings of a file, one at a time; raises UnreadableDocumentError with the number of a wrong line."""
    return read_lines(path, Screening.model_validate_json, "screening", "pass a file that `communique screen` wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what a report's cards say of a file of screenings, held in memory, for `SinkOptions.notes`.

    A record whose id or text is another one has no note. Raises as `read_screenings`.
    """
    mentions: dict[tuple[str, str, str], dict[tuple[str, str], Screening]] = defaultdict(dict)
    for one in read_screenings(path):
        mentions[one.document_id, one.document_sha256, one.record_id][one.name, one.state] = one

    def of(summary: VerifiedSummary, record: Record) -> Iterator[CardNote]:
        own = mentions.get((summary.document.id, summary.document.sha256, record.id), {})
        for one in own.values():
            if one.state != "NO_MATCH":
                yield CardNote("Known names", one.name, f"{one.state.lower()} name", "look", one.statement)
        none = [one for one in own.values() if one.state == "NO_MATCH"]
        if none:
            yield CardNote("Known names", ", ".join(s.name for s in none), "no match", "plain", none[0].statement)

    return of
