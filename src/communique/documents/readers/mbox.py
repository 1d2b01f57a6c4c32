"""A folder of mail in one file (.mbox)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from communique.documents.document import Document
from communique.documents.readers.eml import read_message
from communique.documents.readers.gzip_limits import open_inflated
from communique.documents.readers.lines import bounded_lines
from communique.documents.readers.reader import ReadOptions, Skipped

_LONGEST_LINE = 1 << 20


class MboxReader:
    """Reads each message as one article, in the sandbox. A line `From ` behind a blank line begins a message."""

    name = "mbox"
    suffixes = (".mbox",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the messages in order; they count from 1."""
        source = options.source or str(path)
        for number, raw in enumerate(_messages(path, options), 1):
            where = f"{source}:{number}"
            if raw is None:
                yield Skipped(where, "too_long", f"a message of more than {options.max_container:,} bytes")
            else:
                yield from read_message(raw, where, options)


def _messages(path: Path, options: ReadOptions) -> Iterator[bytes | None]:
    """Yield the bytes of each message; None for one over the limit.

    One at a time: mailbox.mbox reads them unbounded.
    """
    lines: list[bytes] = []
    size, begun, blank = 0, False, True
    with open_inflated(path, options.max_ratio) as stream:
        for line in bounded_lines(stream, _LONGEST_LINE):
            if line is not None and blank and line.startswith(b"From "):
                if begun:
                    yield b"".join(lines) if size <= options.max_container else None
                lines, size, begun, blank = [], 0, True, False
                continue
            begun = begun or bool(line and line.strip())
            size += options.max_container + 1 if line is None else len(line)
            if size > options.max_container:
                lines = []
            else:
                lines.append((line or b"").removeprefix(b">") if (line or b"").startswith(b">From ") else line or b"")
            blank = line in {b"\n", b"\r\n"}
    if begun:
        yield b"".join(lines) if size <= options.max_container else None
