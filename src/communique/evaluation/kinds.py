"""What is compared of each record type, and how alike two records of it are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from communique.evaluation.answers import Entry, strings
from communique.evaluation.counts import Found
from communique.evaluation.ruler import Sentences
from communique.evaluation.values import compare_any, compare_place, compare_role, compare_time, values_in
from communique.schemas import Identity, Record, stated_fields

ACTOR_WEIGHT, EVIDENCE_WEIGHT = 0.6, 0.4
LEAST_EVIDENCE, LEAST_EVIDENCE_WITHOUT_ACTORS = 0.25, 0.5
LEAST_SIMILARITY = 0.6
LEAST_ALIKE = 0.5
"""Share of the identifying values that a record of one's own must have right to be paired."""

_VALUES: Mapping[str, Callable[[Entry, Entry], Found]] = {"place": compare_place, "when": compare_time}


@dataclass(frozen=True, slots=True)
class Kind:
    """A standard record type: actors and evidence decide which records belong together.

    Similarity is 0.6 × actor overlap (mean F1 over the identifying roles) + 0.4 × evidence overlap (shared sentences /
    the smaller set; a prediction that quotes more than twice the gold's sentences plus three is measured against half
    its own). Two records may pair if the actors overlap at all, the evidence by a quarter, and the similarity is 0.6 or
    more. A gold record without actors needs half the evidence.

    Attributes:
        plural: Plural key.
        identity: Fields that decide which records belong together.
        more: Fields that are scored besides.
        state: Field whose accuracy is told; "" for none.
        same: States that count as another one, since gold doesn't tell them apart.
    """

    plural: str
    identity: tuple[str, ...]
    more: tuple[str, ...] = ()
    state: str = ""
    same: Mapping[str, str] = field(default_factory=dict)

    @property
    def roles(self) -> tuple[str, ...]:
        """The fields of actors; none where fields are read as they stand."""
        return tuple(name for name in (*self.identity, *self.more) if name not in _VALUES)

    def similarity(self, gold: Entry, given: Entry, language: str, wanted: Sentences, cited: Sentences) -> float:
        """Return how alike two records are, 0 if they may not pair; `wanted` and `cited` are the sentences of their evidence."""
        named = [role for role in self.identity if gold.required(role)]
        overlaps = [compare_role(gold, given, role, language).f1 or 0.0 for role in named]
        evidence = _evidence_overlap(wanted, cited)
        if not overlaps:
            return evidence if evidence >= LEAST_EVIDENCE_WITHOUT_ACTORS else 0.0
        actors = sum(overlaps) / len(overlaps)
        score = ACTOR_WEIGHT * actors + EVIDENCE_WEIGHT * evidence
        return score if actors and evidence >= LEAST_EVIDENCE and score >= LEAST_SIMILARITY else 0.0

    def slots(self, gold: Entry, given: Entry, language: str) -> dict[str, Found]:
        """Return what was counted for each field of two records that belong together."""
        # Whom a meeting is credited to is annotated only where the article stresses it.
        roles = [role for role in self.roles if role != "attributions" or gold.required(role)]
        found = {role: compare_role(gold, given, role, language) for role in roles}
        return found | {name: _VALUES[name](gold, given) for name in self.more if name in _VALUES}

    def state_is_right(self, gold: Entry, given: Entry) -> bool:
        """Tell whether status, commitment or stage is one that the gold accepts."""
        accepted = [gold.row.get(self.state), *strings(gold.row.get(f"{self.state}_ok"))]
        return self._class(given.row.get(self.state)) in map(self._class, accepted)

    def line(self, slot: str) -> str:
        """Return in which line of the table of slots a field is counted."""
        return "actors" if slot in self.identity else slot

    def _class(self, state: Any) -> Any:
        return self.same.get(state, state) if isinstance(state, str) else state


STANDARD: tuple[Kind, ...] = (
    Kind(
        "meetings", ("participants",), ("place", "when", "attributions"), "status",
        {"ongoing": "held", "broken_off": "held", "refused": "cancelled"},
    ),
    Kind("allegations", ("accusers", "accused"), ("denied_by",), "commitment", {"probable": "possible"}),
    Kind(
        "sanctions_concerns", ("raised_by", "subjects"), (), "stage",
        {"eased": "imposed", "lifted": "imposed", "refused": "proposed"},
    ),
)  # fmt: skip


class OwnKind(Kind):
    """A record type of one's own: fields marked `Identity` decide which records belong together, or else all.

    A field that the gold leaves out is not scored; evidence is not compared.
    """

    __slots__ = ()

    @classmethod
    def of(cls, record_type: type[Record]) -> OwnKind:
        """Make one of a class."""
        scored = stated_fields(record_type)
        identity = [n for n, found in scored if any(isinstance(m, Identity) for m in found)] or [n for n, _ in scored]
        return cls(record_type.plural, tuple(identity), tuple(n for n, _ in scored if n not in identity))

    @property
    def roles(self) -> tuple[str, ...]:
        """None: its fields are read as they stand."""
        return ()

    def similarity(self, gold: Entry, given: Entry, language: str, wanted: Sentences, cited: Sentences) -> float:
        """Return which share of the identifying values is right."""
        stated = [n for n in self.identity if values_in(gold.row.get(n))]
        share = sum((compare_any(gold.row[n], given.row.get(n)) for n in stated), Found()).f1 or 0.0
        return share if share >= LEAST_ALIKE else 0.0

    def slots(self, gold: Entry, given: Entry, language: str) -> dict[str, Found]:
        """Return what was counted for each field that the gold states."""
        stated = [n for n in (*self.identity, *self.more) if n in gold.row]
        return {n: compare_any(gold.row[n], given.row.get(n)) for n in stated}

    def line(self, slot: str) -> str:
        """Return the field under the name of its type."""
        return f"{self.plural}.{slot}"


def kinds_of(record_types: Iterable[type[Record]] | None) -> tuple[Kind, ...]:
    """Return how such record types are scored; the standard ones if None."""
    return STANDARD if record_types is None else tuple(OwnKind.of(t) for t in record_types)


def _evidence_overlap(wanted: Sentences, cited: Sentences) -> float:
    if not wanted or not cited:
        return 0.0
    # Quoting half the article is no evidence: the more a prediction cites beyond measure, the less each hit counts.
    measured = len(cited) <= 2 * len(wanted) + 3
    return min(1.0, len(wanted & cited) / (min(len(wanted), len(cited)) if measured else len(cited) / 2))
