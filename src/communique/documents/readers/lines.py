"""Lines of a file with a bound on their length, so that one line of gigabytes costs no memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_STEP = 1 << 20


def bounded_lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    r"""Yield the lines of a stream; only `\n` ends a line.

    Args:
        stream: Bytes.
        limit: Longest line, bytes.

    Yields:
        The line with its end, or None for one that is longer than the limit.
    """
    while line := stream.readline(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_STEP)
        yield None
