"""The three forms in which a server says how long to wait: `retry-after-ms`, seconds, an HTTP date."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST = 7 * 86_400.0
"""Seconds; a longer wish is taken as this."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks us to wait, or None if it asks nothing that can be read.

    A date is taken against the response's own `Date`, so that a wrong clock on either side does no harm. What lies in
    the past is 0.

    Args:
        headers: Response headers, looked up in lower case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None:
        return _bounded(seconds)
    until = _timestamp(value)
    if until is None:
        return None
    return _bounded(until - (_timestamp(headers.get("date")) or time.time()))


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _timestamp(value: str | None) -> float | None:
    try:
        return parsedate_to_datetime(value or "").timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST)
