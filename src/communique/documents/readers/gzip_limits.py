"""Open a file that may be gzip-compressed, with a cap on what it becomes."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

from communique.documents.readers.signatures import is_gzip

FREE = 1 << 20
"""Bytes that may come out of a compressed file before its ratio counts: short pages compress well."""

_HEAD = 1 << 16
_STEP = 64
_GZIP = 31  # window bits of zlib: 15, and a header of gzip


class BombError(ValueError):
    """A compressed file becomes more than its limit."""


class TooBigError(ValueError):
    """A file holds more bytes than may be read."""


class Inflating(io.RawIOBase):
    """Read the bytes of a file, inflated where it is gzip, once (a gzip inside stays one).

    Args:
        path: The file.
        max_ratio: Most bytes that one compressed byte may become.

    Raises:
        OSError: The file can't be opened.
    """

    def __init__(self, path: Path, max_ratio: int) -> None:
        super().__init__()
        self._file: BinaryIO = path.open("rb")
        self._ratio = max_ratio
        head = self._file.read(2)
        self._file.seek(0)
        self._stream: BinaryIO = gzip.GzipFile(fileobj=self._file) if is_gzip(head) else self._file  # type: ignore[assignment]
        self._made = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer.

        Raises:
            BombError: More came out than the ratio allows.
            OSError: The file is damaged or can't be read.
        """
        try:
            chunk = self._stream.read(len(buffer))
        except (EOFError, zlib.error) as error:
            raise gzip.BadGzipFile(f"damaged gzip file: {error}") from error
        buffer[: len(chunk)] = chunk
        self._made += len(chunk)
        if self._stream is not self._file and self._made > max(FREE, self._file.tell() * self._ratio):
            raise BombError(f"one compressed byte expands to more than {self._ratio}")
        return len(chunk)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def head_of(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, inflated where it is gzip; as many as come out where it is damaged.

    Raises:
        OSError: The file can't be opened.
    """
    with path.open("rb") as file:
        raw = file.read(max(size, _HEAD))
    if not is_gzip(raw):
        return raw[:size]
    inflate = zlib.decompressobj(_GZIP)
    head = b""
    for start in range(0, len(raw), _STEP):
        try:
            head += inflate.decompress(raw[start : start + _STEP], size)
        except zlib.error:
            break
        if len(head) >= size:
            break
    return head[:size]


def open_inflated(path: Path, max_ratio: int) -> io.BufferedReader:
    """Open a file for reading bytes; see `Inflating`.

    Raises:
        OSError: The file can't be opened.
    """
    return io.BufferedReader(Inflating(path, max_ratio))


def read_all(path: Path, max_bytes: int, max_ratio: int) -> bytes:
    """Read a whole file.

    Raises:
        OSError: The file can't be opened or is damaged.
        BombError: See `Inflating`.
        TooBigError: It holds more than `max_bytes`.
    """
    with open_inflated(path, max_ratio) as stream:
        raw = stream.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise TooBigError(f"more than {max_bytes:,} bytes")
    return raw
