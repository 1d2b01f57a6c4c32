"""The rules that read one time expression inside of another: a part of a period, a count from a day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from communique.grounding import periods
from communique.grounding.date_phrase import Tense
from communique.grounding.periods import Period

Reader = Callable[[list[str], dt.date | None, Tense | None], tuple[str, Period] | None]

_PART = re.compile(
    r"(?P<which>last|[no]\d+) (?:n(?P<n>\d+) (?P<units>day|week|month)(?:of)?|(?P<unit>day|week)of) (?P<inner>.+)"
)
_FROM_DAY = re.compile(r"(?:n(?P<n>\d+) (?P<unit>day|week|month|year)|day) (?P<side>after|before) (?P<inner>.+)")
_WHOLE = {"month": "month", "year": "year"}
"""Periods that have parts, by the precision of their rule, and their units."""


def read_part(text: str, anchor: dt.date | None, tense: Tense | None, read: Reader) -> tuple[str, Period] | None:
    """Read "the first week of May", "the last three months of 2023" and "two weeks before Christmas".

    A week belongs to the month or year that holds its Thursday, as in ISO 8601. "The first days of May" are no such
    part: without a number only what a language lists as `dayof` and `weekof` is one.

    Args:
        text: Canonical words of one expression.
        anchor: Day to count from.
        tense: Whether the event lies before or after publication.
        read: Reads the expression inside.

    Raises:
        NeedsAnchorError: The words are relative and there is no anchor.
        ValueError, OverflowError: There is no such date.
    """
    if match := _PART.fullmatch(text):
        inner = match["inner"] if match["inner"] not in _WHOLE.values() else f"this {match['inner']}"
        found = read(inner.split(), anchor, tense)
        whole = found[1] if found else None
        if whole is None or whole.precision not in _WHOLE or "~" in whole.edtf:
            return None
        period = _part(match, whole)
        return ("part_of_period", period) if period else None
    if match := _FROM_DAY.fullmatch(text):
        found = read(match["inner"].split(), anchor, tense)
        if found is None or found[1].precision != "day" or found[1].first != found[1].last:
            return None
        step = int(match["n"] or 1) * (1 if match["side"] == "after" else -1)
        return "count_from_day", periods.day(_moved(found[1].first, match["unit"] or "day", step))
    return None


def _part(match: re.Match[str], whole: Period) -> Period | None:
    count = int(match["n"] or 1)
    from_end = match["which"] == "last"
    if match["n"] and not from_end and match["which"] != "o1":
        return None  # "the second two weeks"
    unit = match["units"] or match["unit"]
    units = _units(unit, whole)
    start = len(units) - count if from_end else int(match["which"][1:]) - 1
    if start < 0 or not 0 < count <= len(units) - start or units[start] == whole:
        return None
    first, last = units[start], units[start + count - 1]
    if first == last:
        return first
    if unit == "month":
        return Period(first.first, last.last, f"{first.edtf}/{last.edtf}", "month")
    return periods.days(first.first, last.last, unit)


def _units(unit: str, whole: Period) -> list[Period]:
    """Return the days, weeks or months of a period."""
    days = [whole.first + dt.timedelta(days=n) for n in range((whole.last - whole.first).days + 1)]
    if unit == "day":
        return [periods.day(day) for day in days]
    if unit == "week":
        return [periods.week(day) for day in days if day.isoweekday() == 4]
    return [periods.month(day.year, day.month, approximate=False) for day in days if day.day == 1]


def _moved(day: dt.date, unit: str, step: int) -> dt.date:
    """Return the day so many units away; where the month is shorter, its last."""
    if unit in {"day", "week"}:
        return day + dt.timedelta(days=step * (7 if unit == "week" else 1))
    month = periods.shifted("month", day, step * (12 if unit == "year" else 1), approximate=False)
    return month.first + dt.timedelta(days=min(day.day, month.last.day) - 1)
