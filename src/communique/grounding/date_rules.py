"""The rules that read one time expression, from the canonical words of `communique.grounding.time_words`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from communique.grounding import periods
from communique.grounding.periods import Period

Tense = Literal["past", "future"]

_QUALIFIERS = {"early", "mid", "late", "within"}
_DIRECTIONS = {"last": -1, "this": 0, "next": 1}


class NeedsAnchorError(Exception):
    """The words are relative and there is nothing to count from."""


class DisagreeError(Exception):
    """The weekday isn't that of the date."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    direction: int | None
    approximate: bool
    qualified: bool
    count: Literal["ago", "hence"] | None
    given_anchor: dt.date | None
    tense: Tense | None

    @property
    def anchor(self) -> dt.date:
        if self.given_anchor is None:
            raise NeedsAnchorError
        return self.given_anchor

    @property
    def ahead(self) -> bool:
        return self.tense == "future"


def read_single(tokens: list[str], anchor: dt.date | None, tense: Tense | None) -> tuple[str, Period] | None:
    """Read one expression without "to" or "and": the rule's name and the period, or None.

    Raises:
        NeedsAnchorError: The words are relative and there is no anchor.
        DisagreeError: They name a weekday that the date isn't.
        ValueError, OverflowError: There is no such date.
    """
    text = re.sub(r"\bin (n\d+ (?:day|week|month|year))\b", r"hence \1", " ".join(tokens))
    rest = [t for t in text.split() if t != "in"]
    qualifiers = [t for t in rest if t in _QUALIFIERS]
    directions = {t for t in rest if t in _DIRECTIONS}
    counts = [t for t in rest if t in {"ago", "hence"}]
    if len(directions) > 1 or len(counts) > 1 or (counts and (directions or qualifiers)):
        return None
    phrase = _Phrase(
        text=" ".join(t for t in rest if t not in {*_QUALIFIERS, *_DIRECTIONS, "ago", "hence"}),
        direction=_DIRECTIONS[directions.pop()] if directions else None,
        approximate=any(q != "within" for q in qualifiers),
        qualified=bool(qualifiers),
        count="ago" if counts == ["ago"] else "hence" if counts else None,
        given_anchor=anchor,
        tense=tense,
    )
    for name, pattern, rule in _RULES:
        match = pattern.fullmatch(phrase.text)
        period = rule(match, phrase) if match and (phrase.count is None or rule is _counted) else None
        if period is not None:
            return name, period
    return None


def _whole_date(match: re.Match[str], phrase: _Phrase) -> Period | None:
    if phrase.direction is not None:
        return None
    return _agreeing(dt.date.fromisoformat(match["iso"]), match)


def _day_of_year(match: re.Match[str], phrase: _Phrase) -> Period | None:
    month, day = int(match["m1"] or match["m2"]), int(match["d1"] or match["d2"])
    if match["y"]:
        return _agreeing(dt.date(int(match["y"]), month, day), match) if phrase.direction is None else None
    if match["year"]:
        if phrase.direction is None:
            return None
        return _agreeing(dt.date(phrase.anchor.year + phrase.direction, month, day), match)
    if phrase.direction == 0:
        return _agreeing(dt.date(phrase.anchor.year, month, day), match)
    ahead = phrase.ahead if phrase.direction is None else phrase.direction > 0
    strict = phrase.direction is not None
    step = 1 if ahead else -1
    # 29 February comes every eight years at worst.
    for year in range(phrase.anchor.year, phrase.anchor.year + 9 * step, step):
        if day > 28 and month == 2 and not calendar.isleap(year):
            continue
        found = dt.date(year, month, day)
        distance = (found - phrase.anchor).days * step
        if distance > 0 or (distance == 0 and not strict):
            return _agreeing(found, match)
    return None


def _agreeing(day: dt.date, match: re.Match[str]) -> Period:
    if match["wd"] and int(match["wd"]) != day.weekday():
        raise DisagreeError
    return periods.day(day)


def _month(match: re.Match[str], phrase: _Phrase) -> Period | None:
    month = int(match["m"])
    if match["y"]:
        return (
            periods.month(int(match["y"]), month, approximate=phrase.approximate)
            if phrase.direction is None
            else None
        )
    here = phrase.anchor
    if match["year"] or phrase.direction == 0:
        if phrase.direction is None:
            return None
        year = here.year + phrase.direction
    elif phrase.direction is None:
        year = here.year + (month < here.month) if phrase.ahead else here.year - (month > here.month)
    else:
        year = (
            here.year + (month <= here.month) if phrase.direction > 0 else here.year - (month >= here.month)
        )
    return periods.month(year, month, approximate=phrase.approximate)


def _year(match: re.Match[str], phrase: _Phrase) -> Period | None:
    return periods.year(int(match["y"]), approximate=phrase.approximate) if phrase.direction is None else None


def _decade(match: re.Match[str], phrase: _Phrase) -> Period | None:
    return (
        periods.decade(int(match["d"]) * 10, approximate=phrase.approximate)
        if phrase.direction is None
        else None
    )


def _season(match: re.Match[str], phrase: _Phrase) -> Period | None:
    name = match["s"]
    if match["y"]:
        return periods.season(name, int(match["y"]), approximate=phrase.approximate)
    if name == "winter":
        return None  # it has two years
    here = phrase.anchor
    start, end = periods.season_months(name)
    if match["year"]:
        shift = phrase.direction if phrase.direction is not None else None
        return (
            None if shift is None else periods.season(name, here.year + shift, approximate=phrase.approximate)
        )
    if phrase.direction == 0:
        year = here.year
    elif phrase.direction is None:
        year = here.year + (end < here.month) if phrase.ahead else here.year - (start > here.month)
    else:
        year = here.year + (start <= here.month) if phrase.direction > 0 else here.year - (end >= here.month)
    return periods.season(name, year, approximate=phrase.approximate)


def _quarter(match: re.Match[str], phrase: _Phrase) -> Period | None:
    return periods.quarter(int(match["y"]), int(match["q"])) if phrase.direction is None else None


def _today(match: re.Match[str], phrase: _Phrase) -> Period | None:
    if phrase.direction is not None:
        return None
    return _agreeing(phrase.anchor + dt.timedelta(days=int(match["shift"])), match)


def _weekday(match: re.Match[str], phrase: _Phrase) -> Period | None:
    wanted, here = int(match["wd"]), phrase.anchor
    if match["week"] or (phrase.direction == 0 and phrase.tense is None):
        if phrase.direction is None:
            return None
        return periods.day(here + dt.timedelta(days=wanted - here.weekday() + 7 * phrase.direction))
    back, ahead = (here.weekday() - wanted) % 7, (wanted - here.weekday()) % 7
    if phrase.direction in {None, 0}:
        return periods.day(here + dt.timedelta(days=ahead if phrase.ahead else -back))
    return periods.day(here + dt.timedelta(days=(ahead or 7) if phrase.direction == 1 else -(back or 7)))


def _unit(match: re.Match[str], phrase: _Phrase) -> Period | None:
    unit = match["unit"]
    direction = phrase.direction
    if unit == "weekend":
        return _weekend(phrase)
    if direction is None:
        if not phrase.approximate or unit == "week":
            return None
        direction = 0  # "at the end of the month"
    return periods.shifted(unit, phrase.anchor, direction, approximate=phrase.approximate)


def _weekend(phrase: _Phrase) -> Period:
    here = phrase.anchor
    saturday = here + dt.timedelta(days=5 - here.weekday())
    shift = phrase.direction or 0
    # "this weekend" in the past tense, said from Monday to Friday, is the one before.
    if (
        not shift
        and not phrase.ahead
        and saturday > here
        and not (phrase.direction == 0 and phrase.tense is None)
    ):
        shift = -1
    saturday += dt.timedelta(weeks=shift)
    return periods.days(saturday, saturday + dt.timedelta(days=1), "day")


def _counted(match: re.Match[str], phrase: _Phrase) -> Period | None:
    if phrase.count is None or (phrase.count == "hence" and phrase.tense == "past"):
        return None  # "in two weeks", of the past, is how long it took
    step = int(match["n"]) * (1 if phrase.count == "hence" else -1)
    if match["unit"] == "day":
        return periods.day(phrase.anchor + dt.timedelta(days=step))
    return periods.shifted(match["unit"], phrase.anchor, step, approximate=False)


_WD = r"(?:wd(?P<wd>\d) )?"
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str], _Phrase], Period | None]], ...] = (
    ("whole_date", re.compile(_WD + r"(?P<iso>\d{4}-\d\d-\d\d)"), _whole_date),
    (
        "day_and_month",
        re.compile(
            _WD
            + r"(?:n(?P<d1>\d+) (?:month )?m(?P<m1>\d\d)|m(?P<m2>\d\d) n(?P<d2>\d+))(?: y(?P<y>\d+)|(?P<year> year))?"
        ),
        _day_of_year,
    ),
    ("month", re.compile(r"(?:month )?m(?P<m>\d\d)(?: y(?P<y>\d+)|(?P<year> year))?"), _month),
    ("year", re.compile(r"(?:year )?y(?P<y>\d+)"), _year),
    ("decade", re.compile(r"d(?P<d>\d+)"), _decade),
    ("season", re.compile(r"(?P<s>spring|summer|autumn|winter)(?: y(?P<y>\d+)|(?P<year> year))?"), _season),
    ("quarter", re.compile(r"n(?P<q>[1-4]) quarter y(?P<y>\d+)"), _quarter),
    ("day_offset", re.compile(_WD + r"today(?P<shift>[+-]\d)"), _today),
    ("weekday", re.compile(r"wd(?P<wd>\d)(?P<week> week)?"), _weekday),
    ("calendar_period", re.compile(r"(?P<unit>week|weekend|month|year)"), _unit),
    ("count", re.compile(r"n(?P<n>\d+) (?P<unit>day|week|month|year)"), _counted),
)
