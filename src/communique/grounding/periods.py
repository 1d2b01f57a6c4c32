"""Periods of the calendar, how EDTF writes them, and a time expression taken apart for the rules that read one."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

from communique.schemas.edtf import SEASONS

_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "winter": 24}


class Period(NamedTuple):
    """Days from first to last, and how EDTF writes them.

    Attributes:
        first: First day.
        last: Last day.
        edtf: As EDTF writes it.
        precision: day, week, month, season, year or decade.
    """

    first: dt.date
    last: dt.date
    edtf: str
    precision: str


def day(date: dt.date) -> Period:
    """Return one day."""
    return Period(date, date, date.isoformat(), "day")


def days(first: dt.date, last: dt.date, precision: str) -> Period:
    """Return an interval of days."""
    return Period(first, last, f"{first.isoformat()}/{last.isoformat()}", precision)


def week(date: dt.date) -> Period:
    """Return the week, Monday to Sunday, that holds the day."""
    monday = date - dt.timedelta(days=date.weekday())
    return days(monday, monday + dt.timedelta(days=6), "week")


def month(year_number: int, number: int, *, approximate: bool) -> Period:
    """Return a month.

    Raises:
        ValueError: There is no such month or year.
    """
    first = dt.date(year_number, number, 1)
    last = first.replace(day=calendar.monthrange(year_number, number)[1])
    return Period(first, last, f"{year_number:04d}-{number:02d}" + "~" * approximate, "month")


def year(number: int, *, approximate: bool) -> Period:
    """Return a year.

    Raises:
        ValueError: There is no such year.
    """
    return Period(dt.date(number, 1, 1), dt.date(number, 12, 31), f"{number:04d}" + "~" * approximate, "year")


def decade(start: int, *, approximate: bool) -> Period:
    """Return a decade by its first year: `199X`.

    Raises:
        ValueError: There is no such year.
    """
    text = f"{start // 10:03d}X" + "~" * approximate
    return Period(dt.date(start, 1, 1), dt.date(start + 9, 12, 31), text, "decade")


def season(name: str, year_number: int, *, approximate: bool) -> Period:
    """Return a season, northern months; EDTF's 21 to 24. A winter counts to the year it begins in.

    Raises:
        ValueError: There is no such year.
    """
    code = _SEASONS[name]
    start, end = SEASONS[code]
    last = month(year_number + (end < start), end, approximate=False).last
    return Period(dt.date(year_number, start, 1), last, f"{year_number:04d}-{code}" + "~" * approximate, "season")


def season_months(name: str) -> tuple[int, int]:
    """Return the first and the last month of a season."""
    return SEASONS[_SEASONS[name]]


def months(year_number: int, number: int, count: int) -> Period:
    """Return a quarter or a half of a year as an interval of months: the part of that number of so many months.

    Raises:
        ValueError: There is no such year.
    """
    first = month(year_number, count * (number - 1) + 1, approximate=False)
    last = month(year_number, count * number, approximate=False)
    return Period(first.first, last.last, f"{first.edtf}/{last.edtf}", "month")


def easter(year_number: int) -> dt.date:
    """Return Easter Sunday of the western churches (Gauss's rule in Lichtenberg's form).

    Raises:
        ValueError: There is no such year.
    """
    century = year_number // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    age = year_number % 19
    seed = (19 * age + moon) % 30
    full = 21 + seed - (seed + age // 11) // 29
    sunday = 7 - (year_number + year_number // 4 + sun) % 7
    return dt.date(year_number, 3, 1) + dt.timedelta(days=full + 7 - (full - sunday) % 7 - 1)


def shifted(unit: str, date: dt.date, count: int, *, approximate: bool) -> Period:
    """Return the week, month, quarter or year that lies `count` of them after the one that holds the day.

    Raises:
        ValueError: There is no such date.
        OverflowError: There is no such date.
    """
    if unit == "week":
        return week(date + dt.timedelta(weeks=count))
    if unit == "month":
        years, index = divmod(date.month - 1 + count, 12)
        return month(date.year + years, index + 1, approximate=approximate)
    if unit == "quarter":
        years, index = divmod((date.month - 1) // 3 + count, 4)
        return months(date.year + years, index + 1, 3)
    return year(date.year + count, approximate=approximate)


Tense = Literal["past", "future"]


class NeedsAnchorError(Exception):
    """The words are relative and there is nothing to count from."""


class DisagreeError(Exception):
    """The weekday isn't that of the date."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A time expression without its directions and qualifiers.

    Attributes:
        text: The words that are left.
        direction: -1 last, 0 this, 1 next, None without.
        approximate: early, mid or late.
        qualified: approximate, or earlier or later within a period.
        count: Whether a count goes back or ahead.
        given_anchor: Day to count from, if there is one.
        tense: Whether the event lies before or after publication.
    """

    text: str
    direction: int | None
    approximate: bool
    qualified: bool
    count: Literal["ago", "hence"] | None
    given_anchor: dt.date | None
    tense: Tense | None

    @property
    def anchor(self) -> dt.date:
        """Day to count from.

        Raises:
            NeedsAnchorError: There is none.
        """
        if self.given_anchor is None:
            raise NeedsAnchorError
        return self.given_anchor

    @property
    def ahead(self) -> bool:
        """Whether the event lies ahead."""
        return self.tense == "future"

    def near_ahead(self, ahead: int, behind: int) -> bool:
        """Tell whether what has no tense is so much nearer ahead that it is meant: on 7 November, "10 November".

        Args:
            ahead: Days or months to the next one.
            behind: Days or months since the last one.
        """
        return self.tense is None and 2 * ahead < behind
