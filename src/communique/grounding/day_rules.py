"""The rules that read one day or one week: dates, weekdays, today, feasts."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator

from communique.grounding import periods
from communique.grounding.date_phrase import DisagreeError, Phrase
from communique.grounding.periods import Period


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
    """Read "the 15th" and "the 15th of next month"."""
    day, here = int(match["d"]), phrase.anchor
    if phrase.direction is not None:
        if not match["month"]:
            return None
        month = periods.shifted("month", here, phrase.direction, approximate=False)
        return periods.day(month.first.replace(day=day))
    if match["month"] or not 1 <= day <= 31:
        return None
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
