"""Standard output, whatever its encoding: what was paid for is never lost over a letter."""

from __future__ import annotations

import codecs
import json
import re
import sys

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def tolerant() -> None:
    """Let standard output show a letter that its encoding lacks as an escape, instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """Write JSON, and a line end. It is UTF-8, or, where the output is of another encoding, ASCII with escapes.

    Args:
        text: Valid JSON; what isn't ASCII can only stand in its strings.
    """
    odd = _SURROGATE if _is_utf8() else _NOT_ASCII
    sys.stdout.write(odd.sub(lambda match: json.dumps(match.group())[1:-1], text) + "\n")


def _is_utf8() -> bool:
    try:
        return codecs.lookup(sys.stdout.encoding or "utf-8").name in {"utf-8", "utf-8-sig"}
    except (LookupError, AttributeError):
        return False
