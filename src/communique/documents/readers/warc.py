"""Web archives (WARC, WARC.gz): one article for each HTML response; other records are passed over."""

from __future__ import annotations

import contextlib
import functools
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, cast

from fastwarc.warc import ArchiveIterator, WarcRecordType

from communique.documents.document import Document
from communique.documents.readers.bounded import FREE, HEAD, find, gzip_members
from communique.documents.readers.html import HtmlReader
from communique.documents.readers.opening import reader_of
from communique.documents.readers.reader import ReadError, ReadOptions, Skipped

_BEGIN = b"WARC/"
_HTML = {"text/html", "application/xhtml+xml"}
_HEADER = 65_536
_LENGTH = re.compile(rb"^[ \t]*content-length[ \t]*:(.*)", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(rb"<[!/?a-z][a-z0-9\s/>-]{2}", re.IGNORECASE)
_DAMAGED = (OSError, ValueError, RuntimeError, AttributeError)
_BLOCK = 1 << 16
_MARKUP_WITHIN = 1024


class WarcReader:
    """Reads the HTML responses of an archive; address and, where the page has none, the date come from the record.

    A record whose Content-Length is wrong fails alone: reading goes on at the next record that can be seen.
    """

    suffixes = (".warc",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the pages in order; records of every kind count from 1."""
        number = 0
        for member in gzip_members(path, options.max_ratio):
            for found in [member] if isinstance(member, ReadError) else _records(member):
                number += 1
                where = f"{options.source or path}:{number}"
                page = found if isinstance(found, ReadError) else _page(found, options)
                if isinstance(page, ReadError):
                    yield Skipped(where, page.reason, page.detail)
                elif page is not None:
                    raw, hints = page
                    yield from HtmlReader().read_bytes(raw, where, options, **hints)


def _records(file: IO[bytes]) -> Iterator[Callable[[], Any] | ReadError]:
    """Yield what parses each record of a file afresh, or why one can't be read."""
    at = find(file, _BEGIN, 0)
    if at is None:
        yield ReadError("unreadable", "there is no WARC record")
    while at is not None:
        try:
            end = _end(file, at)
        except ReadError as error:
            yield error  # the next one is told by a blank line before it
            start = at + len(_BEGIN)
            blank = [(find(file, mark + _BEGIN, start), len(mark)) for mark in (b"\r\n\r\n", b"\n\n")]
            at = min((found + size for found, size in blank if found is not None), default=None)
            continue
        yield functools.partial(_record, file, at)
        at = find(file, _BEGIN, end)


def _record(file: IO[bytes], at: int) -> Any:
    """Parse the record at a place of a file; None where there is none."""
    file.seek(at)
    several = ArchiveIterator(cast("Any", file), parse_http=False, stream_detect=False, max_header_len=_HEADER)
    return next(iter(several), None)


def _end(file: IO[bytes], at: int) -> int:
    """Return where the record at `at` ends; a Content-Length that can't be true is a ReadError."""
    file.seek(at)
    head = file.read(_HEADER)
    stop = min((i + len(s) for s in (b"\r\n\r\n", b"\n\n") if (i := head.find(s)) >= 0), default=-1)
    if stop < 0:
        raise ReadError("unreadable", "a record whose header doesn't end")
    said = _LENGTH.search(head, 0, stop)
    length = said.group(1).strip() if said else b""
    if not length.isdigit() or len(length) > 15:
        raise ReadError("unreadable", f"a record whose Content-Length is {length[:40].decode('ascii', 'replace')!r}")
    end = at + stop + int(length)
    size = file.seek(0, 2)
    if end > size:
        raise ReadError("unreadable", f"Content-Length says {int(length):,} bytes, but there are {size - at - stop:,}")
    file.seek(end)
    behind = file.read(64)
    if behind.strip() and not behind.lstrip(b"\r\n").startswith(_BEGIN):
        raise ReadError("unreadable", f"Content-Length says {int(length):,} bytes, but no record begins after them")
    return end


def _page(again: Callable[[], Any], options: ReadOptions) -> tuple[bytes, dict[str, str | None]] | ReadError | None:
    """Return the page of the record that `again` parses, and hints for its reader; nothing if it is no HTML response."""
    try:
        record = again()
        if record is None or record.record_type not in (WarcRecordType.response, WarcRecordType.resource):
            return None
        kind, charset, status = _envelope(record, "none")
        if kind and kind not in _HTML:
            return None
        raw = _body(again, options)
    except ReadError as error:
        return error
    except _DAMAGED as error:
        return ReadError("unreadable", f"a damaged record: {' '.join(str(error).split())[:200]}")
    if not kind and reader_of(raw[:HEAD]) != "html":
        return None
    if not 200 <= status < 300:
        return ReadError("http_status", f"the response is HTTP {status}")
    url = record.headers.get("WARC-Target-URI", "").strip("<>") or None
    day = record.headers.get("WARC-Date")
    return raw, {"url": url, "charset": charset, "published": day, "published_basis": "WARC header", "seen": day}


def _body(again: Callable[[], Any], options: ReadOptions) -> bytes:
    """Return the body of a record as its header says that it is packed, else as it is: archives unpack, headers stay.

    One that outgrows its limits is a ReadError; one that is packed as its header says, and damaged, an OSError.
    """
    trouble: Exception | None = None
    for packed in ("all", "transfer", "content", "none"):
        record = again()
        try:
            _envelope(record, packed)
            most = max(FREE, record.content_length * options.max_ratio)
            raw = _payload(record, min(options.max_container, most))
        except _DAMAGED as error:
            trouble = trouble or error
            continue
        if trouble is None or _MARKUP.search(raw, 0, _MARKUP_WITHIN):
            return raw
        with contextlib.suppress(zlib.error):  # deflate without its header, as old servers sent it
            found = zlib.decompressobj(-15).decompress(raw, most)
            if _MARKUP.search(found, 0, _MARKUP_WITHIN):
                return found
    raise trouble or OSError("it can't be unpacked")


def _envelope(record: Any, packed: str) -> tuple[str, str | None, int]:
    """Return the media type of a record's payload, its charset and the HTTP status (200 where there is no HTTP)."""
    if record.record_type == WarcRecordType.resource:
        return _media_type(record.headers.get("Content-Type")), None, 200
    record.parse_http(quirks_mode=True, auto_decode=packed)
    if record.http_headers is None:  # such as the answer of a name server
        kind = _media_type(record.headers.get("Content-Type"))
        if not kind or kind == "application/http":
            raise ValueError("a response without an HTTP header")
        return kind, None, 200
    return _media_type(record.http_content_type), record.http_charset, record.http_headers.status_code or 0


def _media_type(header: str | None) -> str:
    return (header or "").partition(";")[0].strip().lower()


def _payload(record: Any, most: int) -> bytes:
    """Read the body, inflated; more than `most` bytes are a bomb."""
    parts: list[bytes] = []
    size = 0
    while chunk := record.reader.read(_BLOCK):
        size += len(chunk)
        if size > most:
            raise ReadError("bomb", f"{record.content_length:,} bytes of the record expand to more than {most:,}")
        parts.append(chunk)
    return b"".join(parts)
