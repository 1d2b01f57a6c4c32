"""What is written to standard output and standard error.

Ids, paths and messages may come from anywhere: nothing in them steers the terminal. What was paid for is never lost
over a letter that the output's encoding lacks.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def notice(line: str) -> None:
    """Print one line on standard error, control and bidi characters as symbols."""
    print(harmless(line), file=sys.stderr, flush=True)  # noqa: T201


def harmless(line: str) -> str:
    """Return one line that a terminal only shows."""
    from communique.sinks.plain_text import visible

    return visible(" ".join(line.splitlines()), one_line=True)


def same_ids_line(ids: Sequence[str]) -> str:
    """Return what is said about ids that stand for more than one text."""
    named = ", ".join(repr(name) for name in ids[:3]) + (", …" if len(ids) > 3 else "")
    return f"one id for more than one text: {named}; all are kept, told apart by document.sha256"


def tolerant() -> None:
    """Let standard output show a letter that its encoding lacks as an escape, instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """Write valid JSON and a line end: as UTF-8, or as ASCII with escapes where the output has another encoding."""
    odd = _SURROGATE if _is_utf8() else _NOT_ASCII
    sys.stdout.write(odd.sub(lambda match: json.dumps(match.group())[1:-1], text) + "\n")


def write_rows(rows: Iterable[Mapping[str, Any]], line: str, *, as_json: bool) -> None:
    """Write rows as a JSON array, or each as a line that a terminal only shows.

    Args:
        rows: With the keys that the line names.
        line: Format of a line.
        as_json: Which of the two.
    """
    if as_json:
        write_json(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    for row in rows:
        sys.stdout.write(harmless(line.format(**row).rstrip()) + "\n")


def _is_utf8() -> bool:
    try:
        return codecs.lookup(sys.stdout.encoding or "utf-8").name in {"utf-8", "utf-8-sig"}
    except (LookupError, AttributeError):
        return False
