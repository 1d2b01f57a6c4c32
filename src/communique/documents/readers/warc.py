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
from communique.documents.readers.bounded import FREE, find, gzip_members
from communique.documents.readers.html import HtmlReader
from communique.documents.readers.opening import reader_of
from communique.documents.readers.reader import ReadError, ReadOptions, Skipped

_BEGIN = b"WARC/"
_HTML = {"text/html", "application/xhtml+xml"}
_HEADER = 65_536
_HEAD = 1024
_MARKUP = re.compile(rb"<[!/?a-z][a-z0-9\s/>-]{2}", re.IGNORECASE)
_DAMAGED = (OSError, ValueError, RuntimeError, AttributeError)
_BLOCK = 1 << 16


class WarcReader:
    """Reads the HTML responses of an archive; address and, where the page has none, the date come from the record.

    A record whose Content-Length is wrong fails alone: reading goes on at the next record that can be seen.
    """

    suffixes = (".warc",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the pages in order; records of every kind count from 1."""
        source = options.source or str(path)
        number = 0
        for segment in gzip_members(path, options.max_ratio):
            for found in [segment] if isinstance(segment, ReadError) else _records(segment):
                number += 1
                where = f"{source}:{number}"
                if isinstance(found, ReadError):
                    yield Skipped(where, found.reason, found.detail)
                else:
                    yield from _page(found, where, options)


def _records(file: IO[bytes]) -> Iterator[Any]:
    """Yield the records of a file, each freshly parsed from its place, or why one can't be read."""
    at = find(file, _BEGIN, 0)
    if at is None:
        yield ReadError("unreadable", "there is no WARC record")
    while at is not None:
        try:
            end = _end(file, at)
        except ReadError as error:
            yield error
            at = _next(file, at + len(_BEGIN))
            continue
        yield functools.partial(_record, file, at)
        at = find(file, _BEGIN, end)


def _record(file: IO[bytes], at: int) -> Any:
    """Parse the record at a place of a file; None where there is none."""
    file.seek(at)
    several = ArchiveIterator(cast("Any", file), parse_http=False, stream_detect=False, max_header_len=_HEADER)
    return next(iter(several), None)


def _end(file: IO[bytes], at: int) -> int:
    """Return where the record at `at` ends.

    Raises:
        ReadError: Its Content-Length can't be true.
    """
    file.seek(at)
    head = file.read(_HEADER)
    stop = min((i + len(s) for s in (b"\r\n\r\n", b"\n\n") if (i := head.find(s)) >= 0), default=-1)
    if stop < 0:
        raise ReadError("unreadable", "a record whose header doesn't end")
    length = next((v for k, _, v in (line.partition(b":") for line in head[:stop].split(b"\n"))
        if k.strip().lower() == b"content-length"), b"").strip()  # fmt: skip
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


def _next(file: IO[bytes], start: int) -> int | None:
    r"""Find the next record behind a broken one: a line that begins it, behind a blank line."""
    found = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := find(file, mark + _BEGIN, start)) is not None]
    return min(found, default=None)


def _page(again: Callable[[], Any], where: str, options: ReadOptions) -> Iterator[Document | Skipped]:
    """Yield the page of the record that `again` parses anew each time; nothing if it is no HTML response."""
    try:
        record = again()
        if record is None or record.record_type not in (WarcRecordType.response, WarcRecordType.resource):
            return
        kind, charset, status = _envelope(record, "none")
        if kind and kind not in _HTML:
            return
        raw = _body(again, options)
    except ReadError as error:
        yield Skipped(where, error.reason, error.detail)
        return
    except _DAMAGED as error:
        yield Skipped(where, "unreadable", f"a damaged record: {' '.join(str(error).split())[:200]}")
        return
    if not kind and reader_of(raw[:4096]) != "html":
        return
    if not 200 <= status < 300:
        yield Skipped(where, "http_status", f"the response is HTTP {status}")
        return
    url = record.headers.get("WARC-Target-URI", "").strip("<>") or None
    day = record.headers.get("WARC-Date")
    dated = {"published": day, "published_basis": "WARC header", "seen": day}
    yield from HtmlReader().read_bytes(raw, where, options, url=url, charset=charset, **dated)


def _body(again: Callable[[], Any], options: ReadOptions) -> bytes:
    """Return the body of a record as its header says that it is packed, else as it is: archives unpack, headers stay.

    Raises:
        ReadError: It outgrows its limits.
        OSError: It is packed as its header says, and damaged.
    """
    trouble: Exception | None = None
    for packed in ("all", "transfer", "content", "none"):
        record = again()
        try:
            _envelope(record, packed)
            raw = _payload(record, options)
        except _DAMAGED as error:
            trouble = trouble or error
            continue
        if trouble is None or _MARKUP.search(raw, 0, _HEAD):
            return raw
        with contextlib.suppress(zlib.error):  # deflate without its header, as old servers sent it
            most = max(FREE, record.content_length * options.max_ratio)
            found = zlib.decompressobj(-15).decompress(raw, most)
            if _MARKUP.search(found, 0, _HEAD):
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


def _payload(record: Any, options: ReadOptions) -> bytes:
    """Read the body, inflated.

    Raises:
        ReadError: It outgrows its limits.
    """
    parts: list[bytes] = []
    size = 0
    most = min(options.max_container, max(FREE, record.content_length * options.max_ratio))
    while chunk := record.reader.read(_BLOCK):
        size += len(chunk)
        if size > most:
            raise ReadError("bomb", f"{record.content_length:,} bytes of the record expand to more than {most:,}")
        parts.append(chunk)
    return b"".join(parts)
