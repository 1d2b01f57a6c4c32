"""Lines for people on standard error. Ids, paths and messages may come from anywhere: nothing in them steers the terminal."""

from __future__ import annotations

import sys


def notice(line: str) -> None:
    """Print one line on standard error, control and bidi characters as symbols."""
    print(harmless(line), file=sys.stderr, flush=True)  # noqa: T201


def harmless(line: str) -> str:
    """Return one line that a terminal only shows."""
    from communique.sinks.visible import visible

    return visible(" ".join(line.splitlines()), one_line=True)
