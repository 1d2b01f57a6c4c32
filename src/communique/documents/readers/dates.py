"""Days as sources write them: ISO 8601, mail, seconds since 1970, numbers that have one reading, names of months."""

from __future__ import annotations

import datetime as dt
import functools
import re
from email.utils import parsedate_to_datetime

from communique.documents.document import parse_date

_MOST = 80
_SECONDS = re.compile(r"(\d{9,10})(\.\d+|\d{3})?")
_COMPLETE = re.compile(r"(?<!\d)\d{4}(?!\d)|\d[-./]\d{1,2}[-./]\d\d(?!\d)")
_ORDERS = ("DMY", "MDY", "YMD")
_EARLIEST = 1900


@functools.lru_cache(maxsize=4096)
def as_date(value: str | None) -> dt.date | None:
    """Return the day as written, whatever the zone; None for what is no day, or may be two ("03/04/2026")."""
    text = " ".join((value or "").split())[:_MOST]
    if not text:
        return None
    try:
        return parse_date(text)
    except ValueError:
        pass
    if seconds := _SECONDS.fullmatch(text):
        return dt.datetime.fromtimestamp(int(seconds.group(1)), dt.UTC).date()
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _named(text) if _COMPLETE.search(text) else None


def _named(text: str) -> dt.date | None:
    """Read a date with dateparser, which knows the months of 200 languages and comes with the extra `readers`."""
    try:
        import dateparser
    except ModuleNotFoundError:
        return None
    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        found = {dateparser.parse(text, settings={**settings, "DATE_ORDER": order}) for order in _ORDERS}
    except (ValueError, OverflowError, RecursionError):
        return None
    days = {each.date() for each in found if each and each.year >= _EARLIEST}
    return days.pop() if len(days) == 1 else None
