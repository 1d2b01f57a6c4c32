"""From bytes to text: text files (plain text and Markdown, one article each), and what pages and mail are encoded in.

Marks come first, then UTF-8, then UTF-16 by its pattern of NULs. What is binary is told, not guessed.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from communique.documents.document import Document
from communique.documents.readers.bounded import HEAD, read_all
from communique.documents.readers.reader import Article, ReadError, ReadOptions, Skipped, check_encoding

OTHER = "set its encoding, such as --encoding cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A byte in a word that is a letter, or an apostrophe, in the encodings of Windows.
_LOST = re.compile("[A-Za-z][\udcc0-\udcfe]|[\udcc0-\udcfe][A-Za-z]|[A-Za-z]\udc92[A-Za-z]")
_BAD = re.compile("[\udc80-\udcff]")
_FEW_BAD = 3
_SAMPLE = 65_536
_STRANGE = {"Cc", "Cn", "Co", "Cs"}
_MOST_STRANGE = 0.02
_FEW_NULS = 0.1
_MOST_CONTROLS = 0.1
_MOST_REPLACED = 0.05
_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_WHATWG = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-9": "cp1254", "utf-16": "utf-8", "utf-16-le": "utf-8",
    "utf-16-be": "utf-8"}  # fmt: skip
"""What browsers read under these names: a page that says UTF-16 in ASCII is not UTF-16."""
_CONTROLS = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:0*(\d{1,3})|[xX]0*([0-9a-fA-F]{1,2}))(?!\w);?")
_ENOUGH_TO_DETECT = 400  # bytes


class Decoded(NamedTuple):
    """Text, and what was done to read it."""

    text: str
    notes: tuple[str, ...] = ()


class TextReader:
    """Reads a text file as one article; Markdown is read as it stands."""

    suffixes = (".txt", ".md", ".markdown", ".text")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the article, or why it can't be read."""
        limit = f"the limit of {options.max_chars:,} characters"  # as it was given
        decoded = decode(read_all(path, options.max_bytes, options.max_ratio, limit), options.encoding)
        yield Article(decoded.text, notes=decoded.notes).to_document(options.source or str(path), options)


def guess_encoding(sample: bytes, named: str | None = None) -> str:
    """Return the encoding of a text: as it is named, or that of its mark, `utf-16-le` or `-be` by pattern, else `utf-8`.

    Raises:
        ConfigurationError: There is none of that name.
    """
    if named:
        return check_encoding(named)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    sample = sample[:_SAMPLE]
    sample = sample[: len(sample) // 2 * 2]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if odd == even:
        return "utf-8"
    if max(odd, even) < len(sample) * _FEW_NULS:
        text = sample.replace(b"\0", b"").decode("utf-8", "replace")
        if text[:-4].count("\ufffd") + _strange(text) <= len(text) * _MOST_STRANGE:
            return "utf-8"
    name = "utf-16-le" if odd > even else "utf-16-be"
    text = sample.decode(name, "replace")
    return name if _strange(text) <= 1 + len(text) * _MOST_STRANGE else "utf-8"


def _strange(text: str) -> int:
    return sum((unicodedata.category(c) in _STRANGE and c not in "\n\r\t") or c == "\ufffd" for c in text)


def decode(raw: bytes, encoding: str | None = None) -> Decoded:
    """Decode a text; bytes that don't fit become U+FFFD and are counted in a note. No `encoding` means to find out.

    Raises:
        ReadError: The bytes are binary, or too many of them don't fit the encoding.
        ConfigurationError: There is no such encoding.
    """
    name = guess_encoding(raw, encoding)
    if encoding is None and name == "utf-8" and b"\0" in raw:
        raise ReadError("binary", "contains NUL bytes, so it is not text")
    text, bad = _replaced(raw, name)
    unnamed = encoding is None and name.startswith("utf-8")
    if (bad > _FEW_BAD and bad > len(text) * _MOST_REPLACED) or (
        bad and unnamed and loses_letters(raw.decode(name, "surrogateescape"))
    ):
        raise ReadError("wrong_encoding", f"{bad:,} of {len(text):,} characters are not valid {name}: {OTHER}")
    sample = text[:_SAMPLE]
    if sum(c < " " and c not in "\t\n\r\f\x1b" for c in sample) > len(sample) * _MOST_CONTROLS:
        raise ReadError("binary", "at least a tenth of it is control characters, so it is not text")
    return Decoded(text, (f"{bad} invalid {name} sequences replaced",) if bad else ())


def _replaced(raw: bytes, name: str) -> tuple[str, int]:
    """Decode bytes; return the text and how many U+FFFD stand for what doesn't fit."""
    with contextlib.suppress(UnicodeError):
        return raw.decode(name), 0
    text = raw.decode(name, "replace")
    return text, text.count("\ufffd") - (raw.count("\ufffd".encode()) if name.startswith("utf-8") else 0)


def loses_letters(text: str) -> bool:
    """Tell whether a text, decoded with `surrogateescape`, is of another encoding and not UTF-8 with a few bad bytes."""
    bad = len(_BAD.findall(text))
    return bad * 2 > len(text) - sum(map(str.isascii, text)) and (bad > _FEW_BAD or bool(_LOST.search(text)))


def is_other(raw: bytes, name: str) -> bool:
    """Tell whether bytes are of another encoding: more of their characters beyond ASCII are not of this one than are.

    A last character that is cut off counts for nothing.
    """
    text = codecs.getincrementaldecoder(name)("replace").decode(raw)
    return text.count("\ufffd") * 2 > len(text) - sum(map(str.isascii, text))


def decode_page(raw: bytes, charset: str | None = None, *, named: bool = False) -> Decoded:
    """Decode a page as browsers do: its mark, the envelope's charset, its own, UTF-8, then what the bytes look like.

    A page that says UTF-8 and holds none is read as what its bytes look like, with a note. Control characters go, with
    a note too; references to those of Windows ("&#146;") are what their author saw. If the user named the charset, no
    mark overrules it.
    """
    name, notes = find_encoding(raw, charset, named=named)
    text, bad = _replaced(raw, name)
    text, controls = without_controls(text)
    notes += (f"{bad} invalid {name} sequences replaced",) if bad else ()
    return Decoded(text, notes + ((f"{controls} control characters dropped",) if controls else ()))


def without_controls(text: str) -> tuple[str, int]:
    """Return HTML without control characters, raw or by reference, as lxml refuses them; and how many they were."""
    return _CONTROLS.subn("", _REFERENCE.sub(_referred, text).replace("\f", " "))


def _referred(match: re.Match[str]) -> str:
    """Return what a numeric reference to a control character stands for: itself, or a character of Windows."""
    code = int(match.group(1)) if match.group(1) else int(match.group(2), 16)
    if 0x80 <= code < 0xA0:
        return bytes([code]).decode("cp1252", "replace").replace("\ufffd", "\x01")
    return "\x01" if code < 0x20 and code not in {9, 10, 12, 13} else match.group()


def find_encoding(
    raw: bytes, charset: str | None, *, named: bool = False, what: str = "page"
) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a page, or of a message, and a note where it isn't what that says."""
    guess = guess_encoding(raw)
    if guess != "utf-8" and not named:
        return guess, ()
    own = _CHARSET.search(raw[:HEAD])
    said = next(filter(None, map(_known, (charset, own and own.group(1).decode("ascii", "replace")))), None)
    if named and said:
        return said, ()
    with contextlib.suppress(UnicodeDecodeError):
        if not raw.decode().isascii():
            return "utf-8", ()
    if said and not (said == "utf-8" and is_other(raw, said)):
        return said, ()
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:200_000]).best()
    name = best.encoding if best else "cp1252"
    name = _WHATWG.get(name, name) if len(raw) > _ENOUGH_TO_DETECT else "cp1252"
    return name, (f"the {what} says {said}, read as {name}",) if said else ()


def _known(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label).name if label else None
    except LookupError:
        return None
    return _WHATWG.get(name, name) if name else None
