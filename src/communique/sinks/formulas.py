"""Cells that a spreadsheet would run: an apostrophe before them makes them text, and `unescape` takes it away again."""

from __future__ import annotations

import re

_LINE_START = "(?:^|(?<=[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]))"
_BLANK = "[^\\S\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]"
_DANGER = f"'*(?:[\t\x00]|(?:{_BLANK}|[\x00\u200b\u2060\ufeff])*[=+\\-@＝＋－＠﹦﹢﹣﹫])"
_RISKY = re.compile(f"{_LINE_START}(?={_DANGER})")
_ESCAPED = re.compile(f"{_LINE_START}'(?={_DANGER})")


def escape(value: str) -> str:
    """Return the cell with an apostrophe before every line that a spreadsheet could take for a formula.

    A line is risky when it begins with tab or NUL, or when `= + - @` or a full-width form of them stands first after
    white space. Lines that already begin with an apostrophe before such a character get one more, so that nothing is
    ambiguous: `unescape(escape(value)) == value` for every value.
    """
    if value[:1].isalnum() and value.isprintable():  # one line that begins with a letter: nearly all cells
        return value
    return _RISKY.sub("'", value)


def unescape(value: str) -> str:
    """Return what `escape` was given."""
    return _ESCAPED.sub("", value)
