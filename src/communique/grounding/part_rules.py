"""The rules that read one time expression inside of another: a part of a period, a count from a day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from communique.grounding import periods
from communique.grounding.date_phrase import NeedsAnchorError, Tense
from communique.grounding.periods import Period

Reader = Callable[[list[str], dt.date | None, Tense | None], tuple[str, Period] | None]

_PART = re.compile(
    r"(?P<which>last|[no]\d+) (?:n(?P<n>\d+) (?P<units>day|week|month)(?:of)?|(?P<unit>day|week)of) (?P<inner>.+)"
)
_NTH_WEEKDAY = re.compile(r"(?P<which>last|o[1-5]) wd(?P<wd>\d) (?P<inner>m(?P<m>\d\d)|.+)")
_FROM_DAY = re.compile(r"(?:n(?P<n>\d+) (?P<unit>day|week|month|year)|day) (?P<side>after|before) (?P<inner>.+)")
_WHOLE = {"month", "year"}
"""Precision of the periods that have parts."""


def read_part(text: str, anchor: dt.date | None, tense: Tense | None, read: Reader) -> tuple[str, Period] | None:
    """Read "the first week of May", "the last three months of 2023", "the last Sunday of March", "two weeks before Easter".

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
        whole = _whole(match["inner"], anchor, tense, read)
        period = _part(match, whole) if whole else None
        return ("part_of_period", period) if period else None
    if match := _NTH_WEEKDAY.fullmatch(text):
        if match["m"]:
            day = _nearest_weekday(match, anchor, tense)
        else:
            whole = _whole(match["inner"], anchor, tense, read)
            day = _nth_weekday(match, whole) if whole and whole.precision == "month" and "/" not in whole.edtf else None
        return ("weekday_of_month", periods.day(day)) if day else None
    if match := _FROM_DAY.fullmatch(text):
        found = read(match["inner"].split(), anchor, tense)
        if found is None or found[1].precision != "day" or found[1].first != found[1].last:
            return None
        step = int(match["n"] or 1) * (1 if match["side"] == "after" else -1)
        return "count_from_day", periods.day(_moved(found[1].first, match["unit"] or "day", step))
    return None


def _whole(inner: str, anchor: dt.date | None, tense: Tense | None, read: Reader) -> Period | None:
    """Read the period that has parts; "the month" and "the year" are the current ones."""
    found = read(f"this {inner}".split() if inner in _WHOLE else inner.split(), anchor, tense)
    return found[1] if found and found[1].precision in _WHOLE and "~" not in found[1].edtf else None


def _nth_weekday(match: re.Match[str], month: Period) -> dt.date | None:
    days = [p.first for p in _units("day", month) if p.first.weekday() == int(match["wd"])]
    at = -1 if match["which"] == "last" else int(match["which"][1:]) - 1
    return days[at] if at < len(days) else None


def _nearest_weekday(match: re.Match[str], anchor: dt.date | None, tense: Tense | None) -> dt.date | None:
    """Return the last such day of a month without a year, or the next one, as the tense or its nearness says."""
    if anchor is None:
        raise NeedsAnchorError
    months = (periods.month(anchor.year + step, int(match["m"]), approximate=False) for step in (-2, -1, 0, 1, 2))
    days = [day for month in months if (day := _nth_weekday(match, month))]
    behind, ahead = max(d for d in days if d <= anchor), min(d for d in days if d >= anchor)
    near = tense is None and 2 * (ahead - anchor) < anchor - behind
    return ahead if tense == "future" or near else behind


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
