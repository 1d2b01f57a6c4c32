"""Lines for people on standard error.

Ids, paths and messages may come from anywhere: nothing in them steers the terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def notice(line: str) -> None:
    """Print one line on standard error, control and bidi characters as symbols."""
    print(harmless(line), file=sys.stderr, flush=True)  # noqa: T201


def same_ids_line(ids: Sequence[str]) -> str:
    """Return what is said about ids that stand for more than one text."""
    named = ", ".join(repr(name) for name in ids[:3]) + (", …" if len(ids) > 3 else "")
    return f"one id for more than one text: {named}; all are kept, told apart by document.sha256"


def harmless(line: str) -> str:
    """Return one line that a terminal only shows."""
    from communique.sinks.visible import visible

    return visible(" ".join(line.splitlines()), one_line=True)
