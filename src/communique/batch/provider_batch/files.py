"""Files on their way: requests as the provider takes them, on disk before anything is sent; and answers, sorted out."""

from __future__ import annotations

import glob
import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

from communique.backends.anthropic_batches import as_response
from communique.backends.chat_answer import usage_of
from communique.backends.refusals import Refusal, error_of
from communique.backends.remote import Missing
from communique.batch.filesystem import sync_folder
from communique.batch.provider_batch.ledger import Answer
from communique.documents.readers.bounded import bounded_lines
from communique.errors import DocumentTooLongError, PermanentBackendError

MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000
"""OpenAI's bounds on one file; Anthropic's on a batch are higher."""
MAX_LINE = 8 * 1024 * 1024
"""Bytes; the cap of a live answer too."""

_PASSING = frozenset({408, 409, 425, 429})
_ADAPTABLE = frozenset({"temperature", "max_tokens", "max_completion_tokens", "effort", "prompt_cache_key"})
"""Parameters that the chat backend learns to put otherwise; asked again, they are."""


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
    requests: dict[str, tuple[bytes, int]] = field(default_factory=dict, init=False)
    """By key: that of the document, and an upper guess of the tokens that the request takes."""
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
        self.requests[custom_id] = key, missing.tokens
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


def answers_of(path: Path) -> Iterator[Answer | None]:
    """Yield the answers in a file of the provider's, JSON Lines; None for a line that is none."""
    with path.open("rb") as stream:
        for raw in bounded_lines(stream, MAX_LINE):
            if raw is None or raw.strip():
                yield _answer(raw)


def _answer(raw: bytes | None) -> Answer | None:
    try:
        line = json.loads(raw or b"")
        line = as_response(line) if "result" in line else line
        custom_id = line["custom_id"]
        response = line.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body")
        refusal = Refusal(status, line.get("error") or (body or {}).get("error") or {})
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if not isinstance(custom_id, str):
        return None
    if status == 200 and isinstance(body, dict) and _is_answer(body):
        return Answer(custom_id, 200, json.dumps(body, separators=(",", ":")), usage_of(body))
    if status >= 400:
        hopeless = error_of(refusal, "the provider's batch", "", "the key and what it may do")
        if isinstance(hopeless, PermanentBackendError):
            return Answer(custom_id, 0, hopeless.reason, hopeless=hopeless)
    adaptable = refusal.param in _ADAPTABLE
    if 400 <= status < 500 and status not in _PASSING and not adaptable:
        return Answer(custom_id, status, json.dumps({"error": refusal.body}, separators=(",", ":")))
    reason = {"batch_expired": "expired", "batch_cancelled": "cancelled"}.get(refusal.code)
    return Answer(
        custom_id, 0, reason or ("throttled" if status == 429 else "bad_request" if adaptable else "server_error")
    )


def _is_answer(body: dict[str, Any]) -> bool:
    return bool(body.get("choices")) or body.get("object") == "response" or body.get("type") == "message"
