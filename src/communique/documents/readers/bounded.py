"""Read files with bounds: neither a gzip bomb nor a line of gigabytes fills the memory."""

from __future__ import annotations

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, AnyStr

from communique.documents.readers.reader import ReadError

HEAD = 4096  # bytes that tell what a file is
FREE = 1 << 20  # bytes that may come out of a compressed file before its ratio counts: short pages compress well
_STEP = 1 << 16
_IN_MEMORY = 16 << 20
_GZIP_BEGINS = b"\x1f\x8b"
_MEMBER_BEGINS = b"\x1f\x8b\x08"
_GZIP = 31  # window bits of zlib: 15, and a header of gzip


class _Inflating(io.RawIOBase):
    """Reads the bytes of a gzip file, inflated once: a gzip inside stays one."""

    def __init__(self, file: io.BufferedReader, max_ratio: int) -> None:
        super().__init__()
        self._file, self._stream = file, gzip.GzipFile(fileobj=file)
        self._ratio, self._made = max_ratio, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._stream.read(len(buffer))
        except (EOFError, zlib.error) as error:
            raise gzip.BadGzipFile(f"damaged gzip file: {error}") from error
        buffer[: len(chunk)] = chunk
        self._made += len(chunk)
        _check_ratio(self._made, self._file.tell(), self._ratio)
        return len(chunk)

    def close(self) -> None:
        self._file.close()
        super().close()


def _check_ratio(made: int, taken: int, max_ratio: int) -> None:
    if made > max(FREE, taken * max_ratio):
        raise ReadError("bomb", f"one compressed byte expands to more than {max_ratio}")


def head_of(path: Path, max_ratio: int) -> bytes:
    """Return the first bytes of a file, inflated where it is gzip; none of a gzip file that is damaged there."""
    try:
        with open_inflated(path, max_ratio) as stream:
            return stream.read(HEAD)
    except gzip.BadGzipFile:
        return b""


def open_inflated(path: Path, max_ratio: int) -> io.BufferedReader:
    """Open a file for reading bytes, inflated where it is gzip.

    Raises:
        OSError: The file can't be opened; while it is read: it is damaged.
        ReadError: While it is read: a compressed byte became more than `max_ratio` bytes.
    """
    file = path.open("rb")
    return io.BufferedReader(_Inflating(file, max_ratio)) if file.peek(2)[:2] == _GZIP_BEGINS else file


def read_all(path: Path, max_bytes: int, max_ratio: int, limit: str = "") -> bytes:
    """Read a whole file as `open_inflated` does; more than `max_bytes`, or than `limit` in words, is a ReadError."""
    with open_inflated(path, max_ratio) as stream:
        raw = stream.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise ReadError("too_long", f"more than {limit or f'{max_bytes:,} bytes'}")
    return raw


def bounded_lines(stream: IO[AnyStr], limit: int) -> Iterator[AnyStr | None]:
    r"""Yield the lines of a stream with their ends; None for one of more than `limit` bytes or characters.

    In bytes only `\n` ends a line, in text what its `newline` says.
    """
    while line := stream.readline(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while line and not _is_whole(line):
            line = stream.readline(_STEP)
        yield None


def _is_whole(line: str | bytes) -> bool:
    return line.endswith(b"\n") if isinstance(line, bytes) else line.endswith(("\n", "\r"))


def gzip_members(path: Path, max_ratio: int) -> Iterator[IO[bytes] | ReadError]:
    """Yield a file that can be searched for each member of a gzip file, or the file itself where it is not compressed.

    Each is good until the next one. A bomb or a damaged member comes as an error and leaves its neighbours whole.
    """
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if head != _GZIP_BEGINS:
            yield file
            return
        start: int | None = 0
        while start is not None:
            file.seek(start)
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as member:
                try:
                    end = _inflate(file, member, max_ratio)
                except ReadError as error:
                    yield error
                    start = _next_member(file, start + 1)
                    continue
                member.seek(0)
                yield member
            file.seek(end)
            start = end if file.read(2) == _GZIP_BEGINS else _next_member(file, end)


def _inflate(file: IO[bytes], out: IO[bytes], max_ratio: int) -> int:
    """Inflate one member; return where it ends."""
    start = file.tell()
    inflate = zlib.decompressobj(_GZIP)
    taken = made = 0
    pending = b""
    while not inflate.eof:
        chunk = pending or file.read(_STEP)
        if not chunk:
            raise ReadError("unreadable", "a member is cut off")
        try:
            piece = inflate.decompress(chunk, 16 * _STEP)
        except zlib.error as error:
            raise ReadError("unreadable", f"a damaged member: {error}") from error
        pending = inflate.unconsumed_tail
        taken += len(chunk) - len(pending) - len(inflate.unused_data)
        made += len(piece)
        _check_ratio(made, taken, max_ratio)
        out.write(piece)
    return start + taken


def _next_member(file: IO[bytes], start: int) -> int | None:
    """Find the next place where a member begins that yields something."""
    while (at := find(file, _MEMBER_BEGINS, start)) is not None:
        file.seek(at)
        try:
            if zlib.decompressobj(_GZIP).decompress(file.read(_STEP), 16):
                return at
        except zlib.error:
            pass
        start = at + 1
    return None


def find(file: IO[bytes], needle: bytes, start: int) -> int | None:
    """Return the first place at or behind `start` where the bytes stand in a file, or None."""
    overlap = len(needle) - 1
    while True:
        file.seek(start)
        chunk = file.read(_STEP)
        at = chunk.find(needle)
        if at >= 0:
            return start + at
        if len(chunk) <= overlap:
            return None
        start += len(chunk) - overlap
