"""From bytes to text: marks first, then UTF-8, then UTF-16 by its pattern of NULs.

What is binary is told, not guessed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from communique.errors import ConfigurationError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_INSIDE_WORDS = re.compile(rb"[A-Za-z][\x80-\xff]{1,2}(?=[a-z])")
_FEW_LOST = 3
_SAMPLE = 65_536
_STRANGE = {"Cc", "Cn", "Co", "Cs"}
_MOST_STRANGE = 0.02
_FEW_NULS = 0.1
_MOST_CONTROLS = 0.1
_MOST_REPLACED = 0.05


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, and what was done to read it."""

    text: str
    notes: tuple[str, ...] = ()


class NotTextError(ValueError):
    """These bytes are no text.

    Args:
        reason: `binary` or `wrong_encoding`.
        detail: One line for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def check_encoding(name: str) -> str:
    """Return the name of an encoding of text as Python knows it.

    Raises:
        ConfigurationError: There is no such encoding.
    """
    try:
        info = codecs.lookup(name)
        b"\0\0\0\0".decode(name, "replace")  # refuses codecs that don't make text, such as base64
    except (LookupError, UnicodeError) as error:
        raise ConfigurationError(
            f"unknown text encoding {name!r}", hint="use one such as utf-8, cp1252 or gb18030"
        ) from error
    return info.name


def guess_encoding(sample: bytes) -> str:
    """Return the encoding of the beginning of a text: that of its mark, `utf-16-le` or `-be` by pattern, else `utf-8`.

    Args:
        sample: The first bytes, at most 64 KiB are looked at.
    """
    for mark, name in MARKS:
        if sample.startswith(mark):
            return name
    sample = sample[:_SAMPLE]
    sample = sample[: len(sample) // 2 * 2]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    most = max(odd, even)
    if odd == even or (most < len(sample) * _FEW_NULS and _is_utf8(sample.replace(b"\0", b""))):
        return "utf-8"
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = sample.decode(name, "replace")
    return name if _strange(text) <= 1 + len(text) * _MOST_STRANGE else "utf-8"


def _is_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    return text[:-4].count("\ufffd") + _strange(text) <= len(text) * _MOST_STRANGE


def _strange(text: str) -> int:
    return sum((unicodedata.category(c) in _STRANGE and c not in "\n\r\t") or c == "\ufffd" for c in text)


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Decode a text; bytes that don't fit become U+FFFD and are counted in a note.

    Args:
        raw: All bytes of the text.
        encoding: Its encoding; None means to find out.

    Raises:
        NotTextError: The bytes are binary, or too many of them don't fit the encoding.
        ConfigurationError: There is no such encoding.
    """
    name = check_encoding(encoding) if encoding else guess_encoding(raw)
    if encoding is None and name == "utf-8" and b"\0" in raw:
        raise NotTextError("binary", "contains NUL bytes, so it is not text")
    try:
        text, notes = raw.decode(name), ()
    except UnicodeError:
        text = raw.decode(name, "replace")
        count = text.count("\ufffd") - (raw.count("\ufffd".encode()) if name.startswith("utf-8") else 0)
        if count > 3 and (count > len(text) * _MOST_REPLACED or _is_lost(raw, name)):
            raise NotTextError(
                "wrong_encoding", f"{count:,} of {len(text):,} characters are not valid {name}"
            ) from None
        return Decoded(_checked(text), (f"{count} invalid {name} sequences replaced",))
    return Decoded(_checked(text), notes)


def _is_lost(raw: bytes, name: str) -> bool:
    """Tell whether letters inside words are lost: a text in an old encoding, not one with a few bad bytes."""
    return name == "utf-8" and len(_INSIDE_WORDS.findall(raw)) > _FEW_LOST and is_other(raw, name)


def is_other(raw: bytes, name: str) -> bool:
    """Tell whether bytes are of another encoding: more of their characters beyond ASCII are not of this one than are.

    Args:
        raw: The text, or its beginning; a last character that is cut off counts for nothing.
        name: The encoding that it should have.
    """
    text = codecs.getincrementaldecoder(name)("replace").decode(raw)
    bad = text.count("\ufffd")
    return bad * 2 > len(text) - sum(map(str.isascii, text))


def _checked(text: str) -> str:
    sample = text[:_SAMPLE]
    controls = sum(c < " " and c not in "\t\n\r\f\x1b" for c in sample)
    if controls > len(sample) * _MOST_CONTROLS:
        raise NotTextError("binary", "at least a tenth of it is control characters, so it is not text")
    return text
