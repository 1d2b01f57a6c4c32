"""Untrusted text made safe to look at: every control character becomes a symbol that a person sees."""

from __future__ import annotations

import re

_NAMES = {
    0x061C: "ALM",
    0x200B: "ZWSP",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2028: "LS",
    0x2029: "PS",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0xFEFF: "BOM",
}
"""Usual abbreviations of the invisible characters that change what a reader sees."""

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_IN_LINE = re.compile(f"[\t\n]|{_UNSAFE.pattern}")


def visible(text: str, *, one_line: bool = False) -> str:
    """Return the text with control and bidi characters as symbols: ESC becomes `␛`, U+202E `⟨RLO⟩`.

    Nothing that a terminal, a log or a browser would act on is left; tab and newline stay unless one line is wanted.

    Args:
        text: Any text, lone surrogates included.
        one_line: Whether tab and newline are turned into symbols too (`␉`, `␊`), as a log needs.
    """
    return (_UNSAFE_IN_LINE if one_line else _UNSAFE).sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"⟨{_NAMES.get(code, f'U+{code:04X}')}⟩"
