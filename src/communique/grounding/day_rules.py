"""The rules that read one day or week, and those that read one expression inside another ("the last week of May")."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator

from communique.grounding import periods
from communique.grounding.periods import DisagreeError, NeedsAnchorError, Period, Phrase, Tense


def whole_date(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "2023-09-13", with or without a weekday."""
    if phrase.direction is not None:
        return None
    return _agreeing(dt.date.fromisoformat(match["iso"]), match)


def day_of_year(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read a day and a month, with or without a year: the weekday, the direction or the tense chooses it."""
    month, day = int(match["m1"] or match["m2"]), int(match["d1"] or match["d2"])
    if match["y"]:
        return _agreeing(dt.date(int(match["y"]), month, day), match) if phrase.direction is None else None
    if match["year"]:
        if phrase.direction is None:
            return None
        return _agreeing(dt.date(phrase.anchor.year + phrase.direction, month, day), match)
    if phrase.direction == 0:
        return _agreeing(dt.date(phrase.anchor.year, month, day), match)
    behind, ahead = (_occurrence(month, day, phrase, step) for step in (-1, 1))
    if phrase.direction is not None:
        return _agreeing(ahead if phrase.direction > 0 else behind, match)
    if match["wd"]:  # the weekday says which of the two is meant
        fitting = [day for day in (behind, ahead) if day.weekday() == int(match["wd"])]
        if not fitting:
            raise DisagreeError
        return periods.day(fitting[0])
    if phrase.near_ahead((ahead - phrase.anchor).days, (phrase.anchor - behind).days):
        return periods.day(ahead)
    return periods.day(ahead if phrase.ahead else behind)


def _occurrence(month: int, day: int, phrase: Phrase, step: int) -> dt.date:
    """Return the nearest such day in one direction; the anchor itself counts where no direction was said."""
    # 29 February comes every eight years at worst.
    for year in range(phrase.anchor.year, phrase.anchor.year + 9 * step, step):
        if day > 28 and month == 2 and not calendar.isleap(year):
            continue
        found = dt.date(year, month, day)
        distance = (found - phrase.anchor).days * step
        if distance > 0 or (distance == 0 and phrase.direction is None):
            return found
    raise ValueError("no such day")


def day_of_month(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "the 15th", "the coming 15th" and "the 15th of next month"."""
    day, here = int(match["d"]), phrase.anchor
    if match["month"]:
        if phrase.direction is None:
            return None
        month = periods.shifted("month", here, phrase.direction, approximate=False)
        return periods.day(month.first.replace(day=day))
    if not 1 <= day <= 31 or phrase.direction == 0:
        return None
    if phrase.direction:  # "this coming 20th"
        after = here + dt.timedelta(days=phrase.direction)
        return periods.day(next(d for d in _days_from(after, phrase.direction) if d.day == day))
    found = {step: next(d for d in _days_from(here, step) if d.day == day) for step in (-1, 1)}
    forward = phrase.ahead or phrase.near_ahead((found[1] - here).days, (here - found[-1]).days)
    return periods.day(found[1 if forward else -1])


def _days_from(day: dt.date, step: int) -> Iterator[dt.date]:
    return (day + dt.timedelta(days=step * distance) for distance in range(400))


def day_and_weekday(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "Tuesday the 13th": the nearest such day."""
    if phrase.direction is not None:
        return None
    steps = {"past": (-1,), "future": (1,), None: (-1, 1)}[phrase.tense]
    for days in zip(*(_days_from(phrase.anchor, step) for step in steps), strict=True):
        for found in days:
            if found.day == int(match["d"]) and found.weekday() == int(match["wd"]):
                return periods.day(found)
    return None


def week_of(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "the week of April 10"."""
    day = day_of_year(match, phrase)
    return periods.week(day.first) if day else None


def week_number(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "week 31"."""
    year = int(match["y"]) if match["y"] else phrase.anchor.year
    return periods.week(dt.date.fromisocalendar(year, int(match["n"]), 1)) if phrase.direction is None else None


def easter(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read a feast by its distance from Easter."""
    shift = dt.timedelta(days=int(match["shift"]))
    if match["y"]:
        return periods.day(periods.easter(int(match["y"])) + shift) if phrase.direction is None else None
    days = [periods.easter(year) + shift for year in range(phrase.anchor.year - 1, phrase.anchor.year + 2)]
    if match["year"] or phrase.direction == 0:
        return periods.day(days[1 + (phrase.direction or 0)])
    behind, ahead = max(d for d in days if d <= phrase.anchor), min(d for d in days if d >= phrase.anchor)
    if phrase.direction is not None:
        return periods.day(ahead if phrase.direction > 0 else behind)
    forward = phrase.ahead or phrase.near_ahead((ahead - phrase.anchor).days, (phrase.anchor - behind).days)
    return periods.day(ahead if forward else behind)


def _agreeing(day: dt.date, match: re.Match[str]) -> Period:
    if match["wd"] and int(match["wd"]) != day.weekday():
        raise DisagreeError
    return periods.day(day)


def today(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read today, yesterday and the like, with or without a weekday."""
    if phrase.direction is not None:
        return None
    return _agreeing(phrase.anchor + dt.timedelta(days=int(match["shift"])), match)


def weekday(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read a weekday: without a direction the last one up to publication, or the next one."""
    wanted, here = int(match["wd"]), phrase.anchor
    if match["week"] or match["before"] or (phrase.direction == 0 and phrase.tense is None):
        if phrase.direction is None:
            return None
        return periods.day(here + dt.timedelta(days=wanted - here.weekday() + 7 * phrase.direction))
    back, ahead = (here.weekday() - wanted) % 7, (wanted - here.weekday()) % 7
    if phrase.direction in {None, 0}:
        return periods.day(here + dt.timedelta(days=ahead if phrase.ahead else -back))
    return periods.day(here + dt.timedelta(days=(ahead or 7) if phrase.direction == 1 else -(back or 7)))


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
