"""EDTF, as `Derived.date` has it, and the plain dates that it begins and ends with."""

from __future__ import annotations

import re
from collections.abc import Mapping

SEASONS: Mapping[int, tuple[int, int]] = {21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 2)}
"""First and last month of EDTF's spring, summer, autumn and winter, in the north; a winter ends in the next year."""

Day = tuple[int, ...]

_SEASON = re.compile(r"(\d{4})-(2[1-4])")
_DECADE = re.compile(r"(\d{3})X")
_PLAIN = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?")
_UNCERTAIN = re.compile(r"[~?%]|-(XX|xx|uu)")


def bounds(edtf: str | None) -> tuple[str | None, str | None]:
    """Return the first and the last day of an EDTF date, or the month or year that they lie in, as ISO 8601 writes them.

    `2023-09~` gives `2023-09` twice, `2023-24` `2023-12` and `2024-02`, `199X` `1990` and `1999`. An end that is open, or
    no date, is None.
    """
    ends = [_ends(part.strip().rstrip("~?%")) for part in (edtf or "").split("/")]
    return ends[0][0], ends[-1][1]


def _ends(part: str) -> tuple[str | None, str | None]:
    if season := _SEASON.fullmatch(part):
        year, (first, last) = int(season[1]), SEASONS[int(season[2])]
        return f"{year:04d}-{first:02d}", f"{year + (last < first):04d}-{last:02d}"
    if decade := _DECADE.fullmatch(part):
        return f"{decade[1]}0", f"{decade[1]}9"
    plain = part if _PLAIN.fullmatch(part) else None
    return plain, plain


def interval(edtf: str) -> tuple[Day, Day] | None:
    """Return the first and the last day of an EDTF date or interval as number triples; None if it is none.

    The last day of a month is its 31st. An open end is that of the other side.
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
