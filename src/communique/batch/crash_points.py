"""Crash points: `COMMUNIQUE_CRASH_AT=commit:3` ends the process, as kill -9 would, at the third commit. For tests."""

from __future__ import annotations

import os
from collections import Counter

_PASSED: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """End the process here, at once, if the environment says so."""
    wanted = os.environ.get("COMMUNIQUE_CRASH_AT")
    if not wanted:
        return
    point, _, count = wanted.partition(":")
    if point == name:
        _PASSED[name] += 1
        if _PASSED[name] == int(count or 1):
            os._exit(137)
