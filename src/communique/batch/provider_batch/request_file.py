"""A file of requests as the provider takes it: JSON Lines, within its bounds, on disk before anything is sent."""

from __future__ import annotations

import glob
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from communique.backends.provider_batch_replay import Missing
from communique.batch.filesystem import sync_folder
from communique.batch.provider_batch.ledger import Asked
from communique.errors import DocumentTooLongError

MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
"""OpenAI's bounds on one file; Anthropic's on a batch are higher."""


@dataclass(slots=True)
class RequestFile:
    """Requests of the next batch. The file lies beside the journal."""

    journal: Path
    model: str  # a batch takes requests to one model
    custom_id: Callable[[bytes, str], str]
    line: Callable[[str, str, Missing], bytes]  # as the provider takes it, for the name of the batch and a key
    max_requests: int = MAX_REQUESTS
    max_bytes: int = MAX_BYTES
    name: str = field(default_factory=lambda: f"communique-{uuid.uuid4().hex}", init=False)
    requests: dict[str, Asked] = field(default_factory=dict, init=False)  # by key
    tokens: int = field(default=0, init=False)  # an upper guess of what the requests take
    _bytes: int = field(default=0, init=False)
    _stream: BinaryIO | None = field(default=None, init=False)

    @property
    def _path(self) -> Path:
        return batch_file(self.journal, self.name, "requests")

    def holds(self, key: bytes, missing: Missing) -> bool:
        """Tell whether a request is in it."""
        return self.custom_id(key, missing.turn) in self.requests

    def add(self, key: bytes, missing: Missing) -> bool:
        """Add a request; False if there is no more room.

        Raises:
            DocumentTooLongError: No file has room for it.
        """
        custom_id = self.custom_id(key, missing.turn)
        line = self.line(self.name, custom_id, missing)
        if len(line) > self.max_bytes:
            raise DocumentTooLongError(
                f"a request of {len(line):,} bytes is larger than a batch file may be",
                hint="use smaller windows",
            )
        if len(self.requests) >= self.max_requests or self._bytes + len(line) > self.max_bytes:
            return False
        if self._stream is None:
            self._stream = self._path.open("wb")
        self._stream.write(line)
        self._bytes += len(line)
        self.tokens += missing.tokens
        self.requests[custom_id] = Asked(custom_id, key, missing.tokens)
        return True

    def close(self) -> None:
        """Put it on disk, whole."""
        if self._stream is not None and not self._stream.closed:
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            sync_folder(self._path.parent)

    def discard(self) -> None:
        """Throw it away."""
        if self._stream is not None:
            self._stream.close()
            self._path.unlink(missing_ok=True)


def batch_file(journal: Path, name: str, kind: Literal["requests", "answers"]) -> Path:
    """Return where the requests of a batch lie until they are sent, or its answers until they are stored."""
    return journal.with_name(f"{journal.name}.{name}.{kind}.jsonl")


def sweep(journal: Path, keep: set[str]) -> None:
    """Remove what a killed run left, except the requests of batches that are still to be sent."""
    kept = {batch_file(journal, name, "requests") for name in keep}
    for path in journal.parent.glob(f"{glob.escape(journal.name)}.communique-*.jsonl"):
        if path not in kept:
            with suppress(OSError):
                path.unlink()
