"""The members of a compressed archive, each inflated by itself: a bomb or a damaged member leaves its neighbours whole."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from communique.documents.readers.gzip_limits import FREE
from communique.documents.readers.signatures import is_gzip

_STEP = 1 << 16
_IN_MEMORY = 16 << 20
_MAGIC = b"\x1f\x8b\x08"
_GZIP = 31  # window bits of zlib: 15, and a header of gzip


def segments(path: Path, max_ratio: int) -> Iterator[IO[bytes] | str]:
    """Yield a file that can be searched for each member of a gzip file, or the file itself where it is not compressed.

    Args:
        path: The file.
        max_ratio: Most bytes that one compressed byte of a member may become.

    Yields:
        A file, good until the next one; or, as text, why a member can't be read.

    Raises:
        OSError: The file can't be opened.
    """
    with path.open("rb") as file:
        head = file.read(2)
        file.seek(0)
        if not is_gzip(head):
            yield file
            return
        start: int | None = 0
        while start is not None:
            file.seek(start)
            with tempfile.SpooledTemporaryFile(_IN_MEMORY) as member:
                end, trouble = _inflate(file, member, max_ratio)
                if trouble:
                    yield trouble
                else:
                    member.seek(0)
                    yield member
            if end is None:
                start = _next_member(file, start + 1)
            else:
                file.seek(end)
                start = end if is_gzip(file.read(2)) else _next_member(file, end)


def _inflate(file: IO[bytes], out: IO[bytes], max_ratio: int) -> tuple[int | None, str]:
    """Inflate one member; return where it ends and "", or None and what is wrong with it."""
    start = file.tell()
    inflate = zlib.decompressobj(_GZIP)
    taken = made = 0
    pending = b""
    while not inflate.eof:
        chunk = pending or file.read(_STEP)
        if not chunk:
            return None, "a member is cut off"
        try:
            piece = inflate.decompress(chunk, 16 * _STEP)
        except zlib.error as error:
            return None, f"a damaged member: {error}"
        pending = inflate.unconsumed_tail
        taken += len(chunk) - len(pending) - len(inflate.unused_data)
        made += len(piece)
        if made > max(FREE, taken * max_ratio):
            return None, f"bomb: one compressed byte expands to more than {max_ratio}"
        out.write(piece)
    return start + taken, ""


def _next_member(file: IO[bytes], start: int) -> int | None:
    """Find the next place where a member begins that yields something."""
    while (at := find(file, _MAGIC, start)) is not None:
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
