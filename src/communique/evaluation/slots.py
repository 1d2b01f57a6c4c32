"""Scoring the single values of paired records: place and time. The rules are those of the reference scorer."""

from __future__ import annotations

import re

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found
from communique.evaluation.wording import normal, same_value

Day = tuple[int, ...]

_LEFT_ALONE, _EXTRA, _MISSED, _RIGHT, _WRONG = (
    Found(),
    Found(fp=1),
    Found(fn=1),
    Found(tp=1),
    Found(fp=1, fn=1),
)
_UNCERTAIN = re.compile(r"[~?%]|-(XX|xx|uu)")


def compare_place(gold: Entry, given: Entry) -> Found:
    """Compare places by their words; a place of `place_ok` counts neither way where the gold has none."""
    accepted = gold.accepted.get("place", ())
    if gold.place is None:
        return _EXTRA if given.place and not same_value(None, given.place, accepted) else _LEFT_ALONE
    if not given.place:
        return _LEFT_ALONE if gold.place_may_be_null else _MISSED
    return _RIGHT if same_value(gold.place, given.place, accepted) else _WRONG


def compare_time(gold: Entry, given: Entry) -> Found:
    """Compare times: as intervals where the prediction is resolved, else by its words."""
    wanted = bool(gold.when_as_written or gold.when_resolved)
    if not given.when_as_written and not given.when_resolved:
        return _MISSED if wanted else _LEFT_ALONE
    right = _time_is_right(gold, given)
    if wanted:
        return _RIGHT if right else _WRONG
    return _LEFT_ALONE if right else _EXTRA


def _time_is_right(gold: Entry, given: Entry) -> bool:
    accepted = gold.accepted.get("when", ())
    if given.when_resolved:
        if gold.when_resolved and same_time(gold.when_resolved, given.when_resolved):
            return True
        return any(interval(other) and same_time(other, given.when_resolved) for other in accepted)
    return bool(given.when_as_written) and same_value(gold.when_as_written, given.when_as_written or "", accepted)


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
    """Return the first and the last day of an EDTF date or interval as number triples; None if it is none."""
    parts = [p for p in _UNCERTAIN.sub("", edtf.strip()).split("/") if p not in {"", ".."}]
    if not parts:
        return None
    try:
        return _first_day(parts[0]), _last_day(parts[-1])
    except ValueError:
        return None


def _first_day(date: str) -> Day:
    numbers = _numbers(date)
    return numbers + (1,) * (3 - len(numbers))


def _last_day(date: str) -> Day:
    numbers = _numbers(date)
    return numbers + ((12, 31), (31,), ())[len(numbers) - 1] if len(numbers) <= 3 else numbers


def _numbers(date: str) -> Day:
    return tuple(int(n) for n in date[:10].split("-"))
