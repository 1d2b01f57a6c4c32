"""What the first bytes of a file say it is."""

from __future__ import annotations

import re

HEAD = 4096
"""Bytes that are looked at."""

_READERS = ((b"%PDF-", "pdf"), (b"PAR1", "parquet"), (b"WARC/", "warc"))

_BINARIES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "an ELF program"),
    (b"MZ\x90", "a Windows program"),
    (b"\xcf\xfa\xed\xfe", "a macOS program"),
    (b"\xca\xfe\xba\xbe", "a Java class or macOS program"),
    (b"\0asm", "a WebAssembly program"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls, .ppt)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\0", "xz-compressed"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "an MP3 recording"),
    (b"RIFF", "a RIFF recording or picture"),
    (b"{\\rtf", "an RTF file"),
    (b"filedesc://", "an ARC archive, older than WARC: convert it, such as with warcio recompress"),
)

_HTML = re.compile(rb"\s*(<!--.{0,1000}?-->\s*)*<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL)
_XHTML = re.compile(rb"\s*<\?xml[^>]*>.{0,500}<html[\s>]", re.IGNORECASE | re.DOTALL)
_FEED = re.compile(rb"\s*(<\?xml[^>]*>)?.{0,1500}?<(rss|feed|rdf:rdf)[\s>]", re.IGNORECASE | re.DOTALL)
_JSON = re.compile(rb'\s*(\[\s*)?\{\s*"[^"\n]{1,200}"\s*:')
_ENVELOPE = re.compile(rb"From \S.{5,200}\d{4}\r?\n(?=[!-9;-~]+:)")
"""The line above each message of a folder of mail."""
_FIELDS = re.compile(rb"([!-9;-~]+):.*\r?\n(?:[ \t].*\r?\n)*", re.IGNORECASE)
_OF_MAIL = {b"from", b"date", b"subject", b"return-path", b"delivered-to", b"snapshot-content-location"}
_OF_MAIL_ALONE = {b"mime-version", b"message-id", b"received"}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def reader_of(head: bytes) -> str | None:
    """Return the name of the reader for a file of this beginning, or None for text and for what is not known.

    Args:
        head: First bytes, after a mark of UTF-8 and gzip are taken off.
    """
    for magic, name in _READERS:
        if head.startswith(magic):
            return name
    if head.startswith(_ZIP):
        return "docx"
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head) or _XHTML.match(head):
        return "html"
    if head.lstrip()[:1] == b"<" and _FEED.match(head):
        return "feed"
    envelope = _ENVELOPE.match(head)
    if _is_mail(head[envelope.end() if envelope else 0 :]):
        return "mbox" if envelope else "eml"
    return None


def _is_mail(head: bytes) -> bool:
    """Tell whether a header of mail comes first, which the pages that browsers save have too."""
    names: set[bytes] = set()
    at = 0
    while field := _FIELDS.match(head, at):
        names.add(field.group(1).lower())
        at = field.end()
    whole = at >= len(head) or head[at : at + 2].startswith((b"\n", b"\r\n")) or len(head) >= HEAD
    return whole and bool(names & _OF_MAIL_ALONE) and len(names & (_OF_MAIL | _OF_MAIL_ALONE)) > 1


def is_json(head: bytes) -> bool:
    """Tell whether what would be read as text begins with a JSON object, whose braces and keys are no article."""
    return bool(_JSON.match(head.removeprefix(b"\xef\xbb\xbf")))


def binary_kind(head: bytes) -> str | None:
    """Return what kind of binary file this is, for people, or None."""
    if head[4:12] in {b"ftypisom", b"ftypmp42", b"ftypM4A ", b"ftypqt  ", b"ftypheic", b"ftypavif"}:
        return "a video, recording or picture"
    return next((what for magic, what in _BINARIES if head.startswith(magic)), None)
