"""Resolve time words to EDTF dates by named rules, from the publication date only.

Nothing here asks what day it is: without an anchor only words that hold a whole date have one.

What the rules decide (EDTF is ISO 8601-2):
- A weekday without more is the last such day up to publication, that day included (news of Wednesday says "on
  Wednesday"); for what is planned, the next one from publication on. "last" and "next" leave that day out.
- A day, month, season or day of a month ("12日") without year and without a tense is the last one, unless the next one is
  much nearer: published on 7 November, "10 November" is three days ahead. A weekday beside it says which is meant.
- A week is Monday to Sunday, a weekend Saturday and Sunday, as an interval: `2023-12-04/2023-12-10`. "The first week of
  May" is the first that has its Thursday in May, "the last two quarters" are whole ones.
- "early", "mid", "late" give the month or year as approximate: `2023-09~`. "earlier this month" is the month.
- "three weeks ago" is that whole week, "two months ago" that month: the words are no finer.
- "two days earlier", "the day before", "since Monday" hang on something else than publication: no rule.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from communique.grounding.date_rules import read_single
from communique.grounding.periods import DisagreeError, NeedsAnchorError, Period, Tense
from communique.grounding.time_words import canonical

NO_ANCHOR = "no publication date given; nothing resolved"
_PRECISIONS = ("day", "week", "month", "season", "year", "decade")
_MONTH = re.compile(r"m\d\d")
_YEAR = re.compile(r"y\d+")
_LIKE_ANCHOR = re.compile(r"wd\d|(?:n\d+ m\d\d|m\d\d n\d+)|m\d\d")


@dataclass(frozen=True, slots=True)
class Resolution:
    """What time words mean.

    Attributes:
        date: EDTF date, or None.
        precision: day, week, month, season, year or decade; of an interval, that of its ends.
        not_after: ISO date of the last day it can be.
        rule: Name of the rule.
        note: Why there is no date, or what is odd about it.
        first: First day of the period.
        last: Last day of the period.
    """

    date: str | None = None
    precision: str | None = None
    not_after: str | None = None
    rule: str | None = None
    note: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None


@lru_cache(maxsize=4096)
def resolve(words: str, anchor: dt.date | None, language: str = "en", *, tense: Tense | None = None) -> Resolution:
    """Resolve time words.

    Args:
        words: As the article has them.
        anchor: Date of publication; without it relative words have no date.
        language: ISO 639-1 code. The words stand in the language's folder; any language that CLDR knows has its months
            and weekdays; English words are tried last.
        tense: Whether the event lies before or after publication; None counts as past, the habit of news, where the
            next one isn't much nearer.
    """
    bound = anchor.isoformat() if anchor and tense == "past" else None
    try:
        found = None
        for lang in dict.fromkeys((language, "en")):
            # A hyphen joins words ("mid-October") or stands for "to" ("June-August").
            for form in dict.fromkeys((words, words.replace("-", " - "))):
                tokens = canonical(form, lang)
                found = found or (_read(list(tokens), anchor, tense) if tokens else None)
            if found:
                break
    except NeedsAnchorError:
        return Resolution(note=NO_ANCHOR)
    except DisagreeError:
        return Resolution(not_after=bound, note=f'"{words}": weekday and date disagree')
    except (ValueError, OverflowError):
        return Resolution(not_after=bound, note=f'"{words}": no such date exists')
    if found is None:
        return Resolution(not_after=bound, note=NO_ANCHOR if anchor is None else f'"{words}": no rule for these words')
    rule, period = found
    last = min(period.last, anchor) if anchor and tense == "past" and period.first <= anchor else period.last
    odd = anchor and ((tense == "past" and period.first > anchor) or (tense == "future" and period.last < anchor))
    return Resolution(
        date=period.edtf,
        precision=period.precision,
        not_after=last.isoformat(),
        rule=rule,
        note=f'"{words}" is {"after" if tense == "past" else "before"} publication, at odds with the tense'
        if odd
        else None,
        first=period.first,
        last=period.last,
    )


def _read(tokens: list[str], anchor: dt.date | None, tense: Tense | None) -> tuple[str, Period] | None:
    between = "between" in tokens
    tokens = [t for t in tokens if t not in {"from", "between", "while"}]
    for end in (0, -1):  # "until March 5", with the word behind it in Hungarian
        if tokens and tokens[end] == "to":
            del tokens[end]
    cuts = [i for i, t in enumerate(tokens) if t in {"to", "and"}]
    if not cuts:
        return read_single(tokens, anchor, tense)
    if len(cuts) > 1:
        return None
    cut = cuts[0]
    return _span(tokens[:cut], tokens[cut + 1 :], anchor, tense, gap=between or tokens[cut] == "to")


def _span(
    left: list[str], right: list[str], anchor: dt.date | None, tense: Tense | None, *, gap: bool
) -> tuple[str, Period] | None:
    left, right = _complete(left, right)
    if tense == "future":
        one = read_single(left, anchor, tense)
        two = read_single(right, _inner_anchor(right, one, anchor), tense)
    else:
        two = read_single(right, anchor, tense)
        one = read_single(left, _inner_anchor(left, two, anchor), tense)
    if one is None or two is None or "/" in one[1].edtf + two[1].edtf:
        return None
    first, second = one[1], two[1]
    if second.first <= first.last or (not gap and second.first != first.last + dt.timedelta(days=1)):
        return None
    precision = max(first.precision, second.precision, key=_PRECISIONS.index)
    period = Period(first.first, second.last, f"{first.edtf}/{second.edtf}", precision)
    return f"span_{precision}", period


def _complete(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """Give each end the month and year that only the other one states: "June 25 and 26", "November to February 2017"."""
    if any(t.startswith(("today", "easter", "wd")) for t in (*left, *right)):
        return left, right
    begins, ends = (next((int(t[1:]) for t in side if _MONTH.fullmatch(t)), 0) for side in (left, right))
    years = [[t for t in side if _YEAR.fullmatch(t)] for side in (left, right)]
    if begins and not ends:
        right = [f"m{begins:02d}", *right]
    elif ends and not begins and not years[0]:
        left = [*left, f"m{ends:02d}"]
    if years[1] and not years[0]:
        left = [*left, f"y{int(years[1][0][1:]) - (begins > ends > 0)}"]
    return left, right


def _inner_anchor(tokens: list[str], other: tuple[str, Period] | None, anchor: dt.date | None) -> dt.date | None:
    """Return what one end of a span counts from: the other end, where its words would else count from publication."""
    if other and anchor and _LIKE_ANCHOR.fullmatch(" ".join(tokens)):
        return other[1].first
    return anchor
