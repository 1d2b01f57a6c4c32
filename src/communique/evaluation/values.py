"""Comparing one value of a record, or one role: how many are found, too many, missed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from communique.evaluation.answers import Entry, strings
from communique.evaluation.assignment import assign
from communique.evaluation.counts import Found
from communique.evaluation.ruler import normal, same_actor, same_value
from communique.schemas.edtf import bounds

Day = tuple[int, ...]

_LEFT_ALONE, _EXTRA, _MISSED, _RIGHT, _WRONG = Found(), Found(fp=1), Found(fn=1), Found(tp=1), Found(fp=1, fn=1)
_UNCERTAIN = re.compile(r"[~?%]|-(XX|xx|uu)")


def compare_role(gold: Entry, given: Entry, role: str, language: str) -> Found:
    """Count the gold actors found, the predicted ones that fit nothing, and the gold actors missed.

    A form of the whole group stands for all its members; an optional actor counts neither way.
    """
    wanted, group = gold.required(role), strings(gold.row.get(f"{role}_group"))
    found: set[int] = set()
    extra = 0
    allowed = [actor.forms for actor in gold.actors.get(role, ()) if actor.optional]
    for forms in given.required(role):
        hits = {i for i, candidate in enumerate(wanted) if same_actor(forms, candidate, language)}
        if hits:
            found |= hits
        elif same_actor(forms, group, language):
            found.update(range(len(wanted)))
        elif not any(same_actor(forms, other, language) for other in allowed):
            extra += 1
    return Found(len(found), extra, len(wanted) - len(found))


def compare_place(gold: Entry, given: Entry) -> Found:
    """Compare places by their words; a place of `place_ok` counts neither way where the gold has none."""
    wanted, said, further = _name(gold.row.get("place")), _name(given.row.get("place")), gold.row.get("place_ok")
    may_be_left_out, accepted = isinstance(further, list) and None in further, strings(further)
    if not wanted:
        return _EXTRA if said and not same_value(None, said, accepted) else _LEFT_ALONE
    if not said:
        return _LEFT_ALONE if may_be_left_out else _MISSED
    return _RIGHT if same_value(wanted, said, accepted) else _WRONG


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


def compare_any(gold: Any, given: Any) -> Found:
    """Compare whatever a field of a record type of one's own holds, value by value in any order."""
    wanted, said = values_in(gold), values_in(given)
    pairs = assign([[float(_same(w, s)) for s in said] for w in wanted])
    return Found(len(pairs), len(said) - len(pairs), len(wanted) - len(pairs))


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


def interval(edtf: str) -> tuple[Day, Day] | None:
    """Return the first and the last day of an EDTF date or interval as number triples; None if it is none.

    The last day of a month is its 31st. A season has its northern months: `2023-24` is December 2023 to February 2024.
    """
    parts = [p for p in _UNCERTAIN.sub("", edtf.strip()).split("/") if p not in {"", ".."}]
    try:
        return _days(parts[0])[0], _days(parts[-1])[1]
    except (IndexError, ValueError):
        return None


def _days(date: str) -> tuple[Day, Day]:
    first, last = bounds(date)
    begin, end = (tuple(int(n) for n in (found or date)[:10].split("-")) for found in (first, last))
    return begin + (1,) * (3 - len(begin)), end + {1: (12, 31), 2: (31,)}.get(len(end), ())


def _name(place: Any) -> str:
    name = place.get("name") if isinstance(place, Mapping) else place
    return name if isinstance(name, str) else ""


def _times(entry: Entry) -> tuple[str, str]:
    """Return a record's time as written and as a date; "" for none."""
    derived = entry.row.get("derived")
    date = derived.get("date") if isinstance(derived, Mapping) else None
    when, date = (value if isinstance(value, str) else "" for value in (entry.row.get("when"), date))
    return when, date


def values_in(value: Any) -> list[Any]:
    """Return the single values in a field: of a list its items, of a part its name or its values.

    None and "" are none.
    """
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
