"""The rules that read one time expression, from the canonical words of `communique.grounding.time_words`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

from communique.grounding import day_rules, periods
from communique.grounding.periods import Period, Phrase, Tense

_QUALIFIERS = {"early", "mid", "late", "within"}
_DIRECTIONS = {"last": -1, "this": 0, "next": 1}
_OUTSIDE = {*_QUALIFIERS, *_DIRECTIONS, "ago", "hence"}
"""What is read before the rules."""
_PLACE = re.compile(
    r"(wd\d)|([no]\d+)|(quarter|half)|(m\d\d|month|spring|summer|autumn|winter)|(year|y\d+)|(today[+-]\d)"
)
"""Parts of a date, the smallest first: the order in which the rules have them."""
_WEEKDAY, _NUMBER = 1, 2
_COUNT = re.compile(r"n\d+ (?:month|year)|(?:month|year) n\d+")
_DAY = re.compile(r"[no]\d+ m\d\d wd|(?:m\d\d [no]|o)(?:[6-9]|\d\d) wd")
"""A number that is a day although a weekday is said: "13 Eylül Çarşamba", not "one Monday" or "May's first Monday"."""


def read_single(tokens: list[str], anchor: dt.date | None, tense: Tense | None) -> tuple[str, Period] | None:
    """Read one expression without "to" or "and": the rule's name and the period, or None.

    Raises:
        NeedsAnchorError: The words are relative and there is no anchor.
        DisagreeError: They name a weekday that the date isn't.
        ValueError, OverflowError: There is no such date.
    """
    text = re.sub(r"\bin (n\d+ (?:day|week|month|year|quarter|decade))\b", r"hence \1", " ".join(tokens))
    rest = [t for t in text.split() if t != "in"]
    if nested := day_rules.read_part(" ".join(rest), anchor, tense, read_single):
        return nested
    qualifiers = [t for t in rest if t in _QUALIFIERS]
    directions = {t for t in rest if t in _DIRECTIONS}
    if len(directions) == 2 and any(t.startswith("wd") for t in rest):
        directions.discard("this")  # "este miércoles pasado"
    counts = [t for t in rest if t in {"ago", "hence"}]
    if len(directions) > 1 or len(counts) > 1 or (counts and (directions or qualifiers)):
        return None
    phrase = Phrase(
        text=" ".join(_smallest_first([t for t in rest if t not in _OUTSIDE])),
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


def _smallest_first(tokens: Sequence[str]) -> Sequence[str]:
    """Put the parts of a date in the order of the rules: Chinese has the year first, Turkish the weekday last."""
    places = [match.lastindex or 0 if (match := _PLACE.fullmatch(token)) else 0 for token in tokens]
    if not all(places) or len(set(places)) < len(places) or _COUNT.fullmatch(" ".join(tokens)):
        return tokens
    if _WEEKDAY in places and _NUMBER in places and not _names_a_day(tokens, places.index(_NUMBER)):
        return tokens
    return [token for _, token in sorted(zip(places, tokens, strict=True))]


def _names_a_day(tokens: Sequence[str], number: int) -> bool:
    """Tell whether the number beside a weekday is a day: it stands beside the month in a date with its year, or as in `_DAY`."""
    if _DAY.match(" ".join(tokens)):
        return True
    beside = tokens[max(number - 1, 0) : number + 2]
    year = any(t[0] == "y" and t != "year" for t in tokens)
    return year and any(t[0] == "m" and t != "month" for t in beside)


def _month(match: re.Match[str], phrase: Phrase) -> Period | None:
    month = int(match["m"])
    said = match["y"] or match["before"]
    if said:
        return periods.month(int(said), month, approximate=phrase.approximate) if phrase.direction is None else None
    here = phrase.anchor
    if match["year"] or phrase.direction == 0:
        if phrase.direction is None:
            return None
        year = here.year + phrase.direction
    elif phrase.direction is None:
        behind = (here.month - month) % 12
        ahead = phrase.ahead or phrase.near_ahead(12 - behind, behind)
        year = here.year + (month < here.month) if ahead else here.year - (month > here.month)
    else:
        year = here.year + (month <= here.month) if phrase.direction > 0 else here.year - (month >= here.month)
    return periods.month(year, month, approximate=phrase.approximate)


def _year(match: re.Match[str], phrase: Phrase) -> Period | None:
    return periods.year(int(match["y"]), approximate=phrase.approximate) if phrase.direction is None else None


def _decade(match: re.Match[str], phrase: Phrase) -> Period | None:
    if match["short"] and int(match["short"]) < 3:
        return None  # the twenties of which century
    start = int(match["d"] or match["long"] or f"19{match['short']}") * 10
    return periods.decade(start, approximate=phrase.approximate) if phrase.direction is None else None


def _season(match: re.Match[str], phrase: Phrase) -> Period | None:
    name = match["s"]
    if match["y"]:
        return periods.season(name, int(match["y"]), approximate=phrase.approximate)
    if name == "winter":
        return None  # it has two years
    here = phrase.anchor
    start, end = periods.season_months(name)
    if match["year"]:
        shift = phrase.direction
        return None if shift is None else periods.season(name, here.year + shift, approximate=phrase.approximate)
    if phrase.direction == 0:
        year = here.year
    elif phrase.direction is None:
        behind, until = (here.month - end) % 12, (start - here.month) % 12
        within = start <= here.month <= end
        ahead = phrase.ahead or (not within and phrase.near_ahead(until, behind))
        year = here.year + (end < here.month) if ahead else here.year - (start > here.month)
    else:
        year = here.year + (start <= here.month) if phrase.direction > 0 else here.year - (end >= here.month)
    return periods.season(name, year, approximate=phrase.approximate)


def _part_of_year(match: re.Match[str], phrase: Phrase) -> Period | None:
    number, months = int(match["n"]), 3 if match["part"] == "quarter" else 6
    if number * months > 12:
        return None
    said = match["y"] or match["before"]
    if said:
        return periods.months(int(said), number, months) if phrase.direction is None else None
    here = phrase.anchor
    if phrase.direction is not None and not match["year"]:
        return None  # "the last two quarters"
    if phrase.tense is None or match["year"]:
        return periods.months(here.year + (phrase.direction or 0), number, months)
    current = (here.month - 1) // months + 1
    year = here.year + (number < current) if phrase.ahead else here.year - (number > current)
    return periods.months(year, number, months)


def _unit(match: re.Match[str], phrase: Phrase) -> Period | None:
    unit = match["unit"]
    direction = phrase.direction
    if unit == "weekend":
        return _weekend(phrase)
    if direction is None:
        if not phrase.qualified:
            return None
        direction = 0  # "at the end of the month"
    return periods.shifted(unit, phrase.anchor, direction, approximate=phrase.approximate)


def _weekend(phrase: Phrase) -> Period:
    here = phrase.anchor
    saturday = here + dt.timedelta(days=5 - here.weekday())
    shift = phrase.direction or 0
    # "this weekend" in the past tense, said from Monday to Friday, is the one before.
    meant = phrase.direction == 0 and phrase.tense is None
    near = meant or phrase.near_ahead((saturday - here).days, here.weekday() + 1)
    if not shift and not phrase.ahead and saturday > here and not near:
        shift = -1
    saturday += dt.timedelta(weeks=shift)
    return periods.days(saturday, saturday + dt.timedelta(days=1), "day")


def _counted(match: re.Match[str], phrase: Phrase) -> Period | None:
    if phrase.count is None or (phrase.count == "hence" and phrase.tense == "past"):
        return None  # "in two weeks", of the past, is how long it took
    step = int(match["n"]) * (1 if phrase.count == "hence" else -1)
    if match["unit"] == "day":
        return periods.day(phrase.anchor + dt.timedelta(days=step))
    return periods.shifted(match["unit"], phrase.anchor, step, approximate=False)


def _stretch(match: re.Match[str], phrase: Phrase) -> Period | None:
    """Read "the last three months": from that day up to publication; quarters are whole ones."""
    if not phrase.direction:
        return None
    unit, count = match["unit"], int(match["n"]) * phrase.direction
    here = phrase.anchor
    days = {"day": 1, "week": 7}.get(unit)
    if unit == "quarter":
        ends = sorted((phrase.direction, count))
        first, last = (periods.shifted(unit, here, step, approximate=False) for step in ends)
        return periods.Period(first.first, last.last, f"{first.edtf[:7]}/{last.edtf[-7:]}", "month")
    if days:
        other = here + dt.timedelta(days=count * days)
    else:
        month = periods.shifted(
            "month",
            here,
            count * {"month": 1, "year": 12, "decade": 120}[unit],
            approximate=False,
        )
        other = month.first + dt.timedelta(days=min(here.day, month.last.day) - 1)
    tomorrow = here + dt.timedelta(days=1)
    return periods.days(tomorrow, other, "day") if other > here else periods.days(other, here, "day")


_WD = r"(?:wd(?P<wd>\d) )?"
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str], Phrase], Period | None]], ...] = (
    ("whole_date", re.compile(_WD + r"(?P<iso>\d{4}-\d\d-\d\d)"), day_rules.whole_date),
    (
        "day_and_month",
        re.compile(
            _WD
            + r"(?:[no](?P<d1>\d+) (?:month )?m(?P<m1>\d\d)|m(?P<m2>\d\d) [no](?P<d2>\d+))"
            + r"(?: (?:year )?y(?P<y>\d+)|(?P<year> year))?"
        ),
        day_rules.day_of_year,
    ),
    (
        "week_of",
        re.compile(
            "week(?:of)? "
            + _WD
            + r"(?:[no](?P<d1>\d+) m(?P<m1>\d\d)|m(?P<m2>\d\d) [no](?P<d2>\d+))(?: y(?P<y>\d+)|(?P<year> year))?"
        ),
        day_rules.week_of,
    ),
    ("week_number", re.compile(r"week n(?P<n>\d+)(?: y(?P<y>\d+))?"), day_rules.week_number),
    ("weekday_and_day", re.compile(r"wd(?P<wd>\d) [no](?P<d>\d+)"), day_rules.day_and_weekday),
    ("day_of_month", re.compile(r"o(?P<d>\d+)(?P<month> month)?"), day_rules.day_of_month),
    ("easter", re.compile(r"easter(?P<shift>[+-]\d+)(?: y(?P<y>\d+)|(?P<year> year))?"), day_rules.easter),
    (
        "month",
        re.compile(r"(?:y(?P<before>\d+) )?(?:month )?m(?P<m>\d\d)(?: (?:year )?y(?P<y>\d+)|(?P<year> year))?"),
        _month,
    ),
    ("year", re.compile(r"(?:year )?y(?P<y>\d+)"), _year),
    (
        "decade",
        re.compile(r"d(?P<d>\d{3})|(?:decade )?(?:y(?P<long>\d{3})0|n(?P<short>\d)0) decade"),
        _decade,
    ),
    (
        "season",
        re.compile(r"(?P<s>spring|summer|autumn|winter)(?: (?:year )?y(?P<y>\d+)|(?P<year> year))?"),
        _season,
    ),
    (
        "part_of_year",
        re.compile(
            r"(?:y(?P<before>\d+) )?[no](?P<n>[1-4]) (?P<part>quarter|half)(?: (?:year )?y(?P<y>\d+)|(?P<year> year))?"
        ),
        _part_of_year,
    ),
    ("day_offset", re.compile(_WD + r"today(?P<shift>[+-]\d)"), day_rules.today),
    ("weekday", re.compile(r"(?P<before>week )?wd(?P<wd>\d)(?P<week> week)?"), day_rules.weekday),
    ("calendar_period", re.compile(r"(?P<unit>week|weekend|month|quarter|year)"), _unit),
    ("count", re.compile(r"n(?P<n>\d+) (?P<unit>day|week|month|year)"), _counted),
    ("stretch", re.compile(r"n(?P<n>\d+) (?P<unit>day|week|month|quarter|year|decade)"), _stretch),
)
