"""How a name is compared with a list: OpenSanctions' `logic-v2`, and bands that turn its scores into a state."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from communique.errors import ConfigurationError, MissingExtraError
from communique.screening.entries import entity, names_of
from communique.screening.index import NameIndex
from communique.screening.output import Answer, Candidate

if TYPE_CHECKING:
    from followthemoney.proxy import EntityProxy


_TYPE_PENALTY = 0.3
"""Taken off where the article says person and the list says company, or the like."""
_SHOWN = 5
"""Candidates that are kept, best first; those below `undecided` are left out."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Where a score ends in which state. The defaults are those of `docs/design/0015-known-names.md`.

    Attributes:
        same: Least score of SAME where article and list agree on a country.
        alone: Least score of SAME where they don't, because one of them names none. It never suffices for a public body:
            every state has an interior ministry.
        undecided: Least score of UNDECIDED; below, it is NO_MATCH.
        gap: Least lead over the next entry for SAME.
    """

    same: float = 0.8
    alone: float = 0.9
    undecided: float = 0.7
    gap: float = 0.1

    def __post_init__(self) -> None:
        """Raise ConfigurationError if the bands contradict each other."""
        if not 0 < self.undecided <= self.same <= self.alone <= 1 or not 0 <= self.gap <= 1:
            raise ConfigurationError(
                f"the bands {self.undecided}, {self.same} and {self.alone}, gap {self.gap} make no sense",
                hint="0 < undecided <= same <= alone <= 1, and 0 <= gap <= 1",
            )


def ask(index: NameIndex, schema: str, names: tuple[str, ...], country: str | None, bands: Bands) -> Answer:
    """Return what a list holds of a name.

    Args:
        index: The list.
        schema: FollowTheMoney schema of the actor.
        names: Its name and other full names of it; a single word beside a name of several is no full name.
        country: ISO 3166-1 alpha-2 code, or None.
        bands: Where a score ends in which state.
    """
    key = (schema, names, country, bands)
    if key not in index.asked:
        index.asked[key] = _answer(index, schema, names, (country or "").lower(), bands)
    answer: Answer = index.asked[key]
    return answer


def _answer(index: NameIndex, schema: str, names: tuple[str, ...], country: str, bands: Bands) -> Answer:
    written = [name.encode("utf-8", "replace").decode() for name in names]  # no half of a character
    properties = {"name": written, "country": [country] if country else []}
    query = _query(schema, properties)
    taken_apart = names_of(query, of_list=False)
    scored = [_candidate(query, properties, key, entry) for key, entry in index.near(taken_apart)]
    found = sorted(scored, key=lambda c: (c.score, c.id))
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
        "one_word": top.type == "Person" and all(len(name.parts) < 2 for name in taken_apart),
        "contradiction": other,
    }
    why = tuple(reason for reason, holds in against.items() if holds)
    return Answer(state="UNDECIDED" if why else "SAME", why=why, gap=gap, candidates=kept)


def _query(schema: str, properties: Mapping[str, list[str]]) -> EntityProxy:
    return entity(sha256(repr((schema, properties)).encode("utf-8", "replace")).hexdigest(), schema, properties)


def _candidate(
    query: EntityProxy, properties: Mapping[str, list[str]], key: str, entry: Mapping[str, Any]
) -> Candidate:
    logic, config, weights = _logic()
    listed = entity(key, entry["schema"], entry["properties"])
    fits = query.schema.can_match(listed.schema)
    found = logic.compare(query if fits else _query(listed.schema.name, properties), listed, config)
    parts = {n: round(r.score * weights[n], 3) for n, r in found.explanations.items() if r.score * weights[n]}
    if not fits and found.score:
        parts["type_mismatch"] = -_TYPE_PENALTY
    by_name = [found.explanations[n] for n in ("name_match", "weak_alias_match") if n in parts]
    named = max(by_name, key=lambda r: r.score, default=None)
    return Candidate(
        id=entry["id"],
        caption=entry["caption"],
        type=listed.schema.name,
        score=round(max(0.0, found.score - (0.0 if fits else _TYPE_PENALTY)), 3),
        parts=parts,
        written=(named.query if named else None) or properties["name"][0],
        listed=(named.candidate if named else None) or entry["caption"],
        words=(named.detail if named else None) or "",
        countries=tuple(sorted(set(listed.countries))),
        topics=tuple(entry["properties"].get("topics", ())),
    )


@functools.cache
def _logic() -> tuple[Any, Any, dict[str, float]]:
    try:
        from nomenklatura.matching.logic_v2.model import LogicV2
    except ImportError as error:
        raise MissingExtraError.of("screening", "screening") from error
    return LogicV2, LogicV2.default_config(), {feature.name: feature.weight for feature in LogicV2.features}
