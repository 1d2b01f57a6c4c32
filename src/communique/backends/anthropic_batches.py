"""Anthropic's Message Batches: all requests go up with the batch, answers come down as JSON Lines.

Nothing names a batch there, or keeps it from being created twice. What tells it is the beginning of its requests' keys,
which are seen in the answers only, once it has ended.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from os import SEEK_END
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from communique.backends.provider_batch import SLACK, BatchEndpoint, Planned, RemoteBatch, ours
from communique.backends.refusals import Refusal
from communique.backends.remote import Missing
from communique.errors import RequestRefusedError

if TYPE_CHECKING:
    from communique.backends.instructor_provider import InstructorBackend

_PATH = "/v1/messages/batches"
_HEAD, _TAIL = b'{"requests":[', b"]}"
_SILENCE = 60.0  # seconds without a byte from the server
_PATIENCE = 300.0  # the same while it takes a batch
_FIRST_LINE = 8 * 1024 * 1024
_MARK, _KEY = 24, 40
"""Characters of a key, of the 64 that there may be: the name of the batch, and our key of the request."""
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


class AnthropicBatches(BatchEndpoint):
    """Anthropic's batches, by the SDK's client of a backend, which closes it."""

    def __init__(self, backend: InstructorBackend) -> None:
        super().__init__(backend)
        self._backend = backend

    @property
    def _batches(self) -> Any:
        return self._backend.sdk().with_options(timeout=_SILENCE).messages.batches

    def line(self, name: str, custom_id: str, missing: Missing) -> bytes:
        """See `BatchEndpoint.line`."""
        key = urlsafe_b64encode(bytes.fromhex(custom_id.replace(".", ""))).decode()
        return f'{{"custom_id":"{_mark(name)}{key}","params":'.encode() + missing.body + b"}\n"

    async def _create(self, path: Path, planned: Planned) -> RemoteBatch:
        from anthropic.types.messages import MessageBatch

        with ours(path, "rb") as stream:
            length = len(_HEAD) + stream.seek(0, SEEK_END) - 1 + len(_TAIL)
            stream.seek(0)
            options: Any = {"headers": {"Content-Length": str(length)}, "timeout": _PATIENCE}
            self.asked.add(planned.name)
            post = self._backend.sdk().post
            try:
                return self._remote(await post(_PATH, cast_to=MessageBatch, content=_body(stream), options=options))
            except Exception as error:
                if not isinstance(self.refused(error), RequestRefusedError):
                    raise
                return RemoteBatch("", "failed", code=_code(error))

    async def _look(self, planned: Planned) -> RemoteBatch | None:
        """Return the batch that is ours, else one that may be, else None."""
        maybe = None
        async for batch in self._batches.list(limit=100):
            if batch.created_at.timestamp() < planned.at - SLACK:
                break
            found = self._remote(batch)
            if found.total != planned.requests or found.id in planned.others:
                continue
            if not found.ended:
                maybe = maybe or replace(found, certain=False)
            elif found.output_file and await self._is_marked(found.id, _mark(planned.name)):
                return found
        return maybe

    async def _is_marked(self, batch_id: str, mark: str) -> bool:
        """Tell by its first answer whether a batch has this mark."""
        line = b""
        try:
            async with self._content(batch_id) as answer:
                async for chunk in answer.iter_bytes(1 << 16):
                    line += chunk
                    if b"\n" in chunk or len(line) > _FIRST_LINE:
                        break
        except Exception as error:
            if getattr(error, "status_code", None) == 404:  # no answers: whosever it was, they have to be asked for
                return False
            raise
        return f'"{mark}'.encode() in line.partition(b"\n")[0]

    def _content(self, file_id: str) -> AbstractAsyncContextManager[Any]:
        stream: AbstractAsyncContextManager[Any] = self._batches.with_streaming_response.results(file_id)
        return stream

    @staticmethod
    def _remote(batch: Any) -> RemoteBatch:
        counts = batch.request_counts
        done = counts.succeeded + counts.errored + counts.canceled + counts.expired
        status = str(batch.processing_status)
        if status == "ended":
            status = "cancelled" if counts.canceled else "expired" if counts.expired else "completed"
        answers = batch.id if batch.results_url else ""
        return RemoteBatch(batch.id, status, output_file=answers, total=done + counts.processing, done=done)


def as_response(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of Anthropic's answers in the form that OpenAI's have, with our key.

    Raises:
        ValueError, LookupError, TypeError: It is no such line, or has no key of ours.
    """
    result, key = line["result"], line["custom_id"]
    if len(key) != _MARK + _KEY:
        raise ValueError("not a key of ours")
    digits = urlsafe_b64decode(key[_MARK:]).hex()
    told: dict[str, Any] = {"custom_id": f"{digits[:32]}.{digits[32:44]}.{digits[44:]}"}
    if result["type"] == "succeeded":
        return told | {"response": {"status_code": 200, "body": result["message"]}}
    if result["type"] == "errored":
        error = result["error"].get("error") or result["error"]
        return told | {"response": {"status_code": _STATUS.get(error["type"], 500), "body": {"error": error}}}
    code = "batch_cancelled" if result["type"] == "canceled" else f"batch_{result['type']}"
    return told | {"error": {"code": code}}


def _mark(name: str) -> str:
    """Return what the keys of a batch's requests begin with: 23 of the 32 random digits of its name, and a hyphen."""
    return f"{name.rpartition('-')[2][: _MARK - 1]}-"


def _code(error: Any) -> str:
    told = error.body.get("error") if isinstance(error.body, dict) else None
    return Refusal(error.status_code, told if isinstance(told, dict) else {}).code or f"HTTP {error.status_code}"


async def _body(lines: BinaryIO) -> AsyncIterator[bytes]:
    yield _HEAD
    for number, line in enumerate(lines):
        yield b"," * (number > 0) + line.rstrip(b"\n")
    yield _TAIL
