"""What is compared of each record type: how alike two records are, and what their fields have right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from communique.evaluation.answers import Entry, strings
from communique.evaluation.counts import Found, assign
from communique.evaluation.ruler import Sentences, normal, same_form, same_value
from communique.schemas import Identity, Record, stated_fields
from communique.schemas.edtf import interval

ACTOR_WEIGHT, EVIDENCE_WEIGHT = 0.6, 0.4
LEAST_EVIDENCE, LEAST_EVIDENCE_WITHOUT_ACTORS = 0.25, 0.5
LEAST_SIMILARITY = 0.6
LEAST_ALIKE = 0.5
"""Share of the identifying values that a record of one's own must have right to be paired."""

_LEFT_ALONE, _EXTRA, _MISSED, _RIGHT, _WRONG = Found(), Found(fp=1), Found(fn=1), Found(tp=1), Found(fp=1, fn=1)


def compare_role(gold: Entry, given: Entry, role: str, language: str) -> Found:
    """Count the gold actors found, the predicted ones that fit nothing, and the gold actors missed.

    A form of the whole group stands for all its members; an optional actor counts neither way.
    """

    def same(given: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
        return any(same_form(p, g, language) for p in given for g in wanted)

    wanted, group = gold.required(role), strings(gold.row.get(f"{role}_group"))
    allowed = [actor.forms for actor in gold.actors.get(role, ()) if actor.optional]
    found: set[int] = set()
    extra = 0
    for forms in given.required(role):
        hits = {i for i, candidate in enumerate(wanted) if same(forms, candidate)}
        if hits:
            found |= hits
        elif same(forms, group):
            found.update(range(len(wanted)))
        elif not any(same(forms, other) for other in allowed):
            extra += 1
    return Found(len(found), extra, len(wanted) - len(found))


def compare_place(gold: Entry, given: Entry) -> Found:
    """Compare places by their words; a place of `place_ok` counts neither way where the gold has none."""
    wanted, said, further = _place(gold), _place(given), gold.row.get("place_ok")
    may_be_left_out = gold.row.get("place_null_ok") or (isinstance(further, list) and None in further)
    accepted = strings(further)
    if not wanted:
        return _EXTRA if said and not same_value(None, said, accepted) else _LEFT_ALONE
    if not said:
        return _LEFT_ALONE if may_be_left_out else _MISSED
    return _RIGHT if same_value(wanted, said, accepted) else _WRONG


def _place(entry: Entry) -> str:
    place = entry.row.get("place")
    name = place.get("name") if isinstance(place, Mapping) else place
    return name if isinstance(name, str) else ""


def compare_time(gold: Entry, given: Entry) -> Found:
    """Compare times: as intervals where the prediction is resolved, else by its words."""
    wanted, said = _times(gold), _times(given)
    if not any(said):
        return _MISSED if any(wanted) else _LEFT_ALONE
    accepted = strings(gold.row.get("when_ok"))
    if said[1]:
        dates = [wanted[1], *(other for other in accepted if interval(other))]
        right = any(same_time(date, said[1]) for date in dates if date)
    else:
        right = same_value(wanted[0], said[0], accepted)
    if any(wanted):
        return _RIGHT if right else _WRONG
    return _LEFT_ALONE if right else _EXTRA


def _times(entry: Entry) -> tuple[str, str]:
    """Return a record's time as written and as a date; "" for none."""
    derived = entry.row.get("derived")
    date = entry.row.get("when_resolved") or (derived.get("date") if isinstance(derived, Mapping) else None)
    when, date = (value if isinstance(value, str) else "" for value in (entry.row.get("when"), date))
    return when, date


def same_time(gold: str, given: str) -> bool:
    """Tell whether a predicted date lies in the gold interval, or spans it within the same months.

    A wider prediction counts only if it is no longer as written: `2024-03` for `2024-03-12`, not another interval.
    """
    wanted, mine = interval(gold), interval(given)
    if not wanted or not mine:
        return normal(gold) == normal(given)
    if wanted[0] <= mine[0] and mine[1] <= wanted[1]:
        return True
    around = mine[0] <= wanted[0] and wanted[1] <= mine[1]
    same_months = mine[0][:2] == wanted[0][:2] and mine[1][:2] == wanted[1][:2]
    return around and same_months and len(given) <= len(gold)


def compare_any(gold: Any, given: Any) -> Found:
    """Compare whatever a field of a record type of one's own holds, value by value in any order."""
    wanted, said = values_in(gold), values_in(given)
    pairs = assign([[float(_same(w, s)) for s in said] for w in wanted])
    return Found(len(pairs), len(said) - len(pairs), len(wanted) - len(pairs))


def values_in(value: Any) -> list[Any]:
    """Return the values in a field: of a list its items, of a part its name or its values; None and "" are none."""
    if isinstance(value, (list, tuple)):
        return [v for item in value for v in values_in(item)]
    if isinstance(value, Mapping):
        name = value.get("name")
        return [name] if name else [v for item in value.values() for v in values_in(item)]
    return [] if value is None or value == "" else [value]


def _same(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    if isinstance(wanted, (int, float)) and isinstance(given, (int, float)):
        return float(wanted) == float(given)
    first, second = str(wanted), str(given)
    if any(c.isdigit() for c in first + second):  # "7" is no part of "7.1"
        return normal(first) == normal(second)
    return same_value(first, second)


_VALUES: Mapping[str, Callable[[Entry, Entry], Found]] = {"place": compare_place, "when": compare_time}


@dataclass(frozen=True)
class Kind:
    """A standard record type: actors and evidence decide which records belong together.

    Similarity is 0.6 × actor overlap (mean F1 over the identifying roles) + 0.4 × evidence overlap (shared sentences /
    the smaller set; a prediction that quotes more than twice the gold's sentences plus three is measured against half
    its own). Two records may pair if the actors overlap at all, the evidence by a quarter, and the similarity is 0.6 or
    more. A gold record without actors needs half the evidence.
    """

    plural: str
    identity: tuple[str, ...]  # fields that decide which records belong together
    more: tuple[str, ...] = ()  # fields that are scored besides
    state: str = ""  # field whose accuracy is told; "" for none
    same: Mapping[str, str] = field(default_factory=dict)  # states that gold doesn't tell from another one

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

    def _class(self, state: Any) -> Any:
        return self.same.get(state, state) if isinstance(state, str) else state

    def line(self, slot: str) -> str:
        """Return in which line of the table of slots a field is counted."""
        return "actors" if slot in self.identity else slot


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

    @property
    def roles(self) -> tuple[str, ...]:
        """None: its fields are read as they stand."""
        return ()

    @classmethod
    def of(cls, record_type: type[Record]) -> OwnKind:
        """Make one of a class."""
        scored = stated_fields(record_type)
        identity = [n for n, found in scored if any(isinstance(m, Identity) for m in found)] or [n for n, _ in scored]
        return cls(record_type.plural, tuple(identity), tuple(n for n, _ in scored if n not in identity))

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


def _evidence_overlap(wanted: Sentences, cited: Sentences) -> float:
    if not wanted or not cited:
        return 0.0
    # Quoting half the article is no evidence: the more a prediction cites beyond measure, the less each hit counts.
    measured = len(cited) <= 2 * len(wanted) + 3
    return min(1.0, len(wanted & cited) / (min(len(wanted), len(cited)) if measured else len(cited) / 2))
