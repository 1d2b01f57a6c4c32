"""The faults that a `FakeServer` can show, by name; and the ways in which it sends a response, or fails to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Literal

from communique.testing.loopback import HungUpError

_CHUNK = b"x" * 65_536
_HUGE = 400 * 1024 * 1024
Way = Literal["answer", "hang", "slow_loris", "reset", "cut", "huge"]


@dataclass(frozen=True, slots=True)
class Fault:
    """How a request is answered instead of well.

    Attributes:
        status: HTTP status.
        headers: More response headers. A `retry-after` of `date+N` becomes an HTTP date N seconds ahead.
        body: Raw body, or None for an error object made of `code`.
        code: Error code in that object.
        way: `answer` sends the whole response; `hang` sends nothing; `slow_loris` a byte every `pace` seconds; `reset`
            breaks the connection inside the body; `cut` ends the body early, with a length that fits; `huge` sends
            400 MB.
        pace: Seconds between bytes of `slow_loris`.
        finish_reason: Of an otherwise good answer; then `content` and `refusal` are what it holds.
        content: Content of that answer, or None for the scripted one.
        refusal: Refusal of that answer.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    code: str = ""
    way: Way = "answer"
    pace: float = 0.05
    finish_reason: str = ""
    content: str | None = None
    refusal: str | None = None

    def sent_headers(self) -> dict[str, str]:
        """Return the headers with the dates filled in."""
        return {name: _dated(value) for name, value in self.headers.items()}


def _dated(value: str) -> str:
    if not value.startswith("date"):
        return value
    return formatdate(time.time() + float(value.removeprefix("date")), usegmt=True)


_JSON = {"content-type": "application/json"}

FAULTS: dict[str, Fault] = {
    "400": Fault(400, code="invalid_value"),
    "401": Fault(401, code="invalid_api_key"),
    "403": Fault(403, code="forbidden"),
    "moderation": Fault(403, _JSON, b'{"error": {"code": 403, "message": "Your input was flagged", "metadata": {}}}'),
    "firewall": Fault(403, {"content-type": "text/html"}, b"<html>Access denied. See our model API keys.</html>"),
    "404_page": Fault(404, {"content-type": "text/html"}, b"<html>Not found. See our models of ships.</html>"),
    "azure_filter": Fault(400, code="content_filter"),
    "throttled200": Fault(200, _JSON, b'{"error": {"code": 429, "message": "Rate limit exceeded"}}'),
    "no_credit200": Fault(200, _JSON, b'{"error": {"code": 402, "message": "Insufficient credits"}}'),
    "404_model": Fault(404, code="model_not_found"),
    "404": Fault(404),
    "413": Fault(413),
    "context": Fault(400, code="context_length_exceeded"),
    "429": Fault(429, code="rate_limit_exceeded"),
    "429_seconds": Fault(429, {"retry-after": "0.3"}, code="rate_limit_exceeded"),
    "429_ms": Fault(429, {"retry-after-ms": "300"}, code="rate_limit_exceeded"),
    "429_date": Fault(429, {"retry-after": "date+2"}, code="rate_limit_exceeded"),
    "429_past": Fault(429, {"retry-after": "date-60"}, code="rate_limit_exceeded"),
    "429_garbage": Fault(429, {"retry-after": "soon"}, code="rate_limit_exceeded"),
    "429_long": Fault(429, {"retry-after": "86400"}, code="rate_limit_exceeded"),
    "quota": Fault(429, code="insufficient_quota"),
    "500": Fault(500),
    "502": Fault(502, {"content-type": "text/html"}, b"<html>bad gateway</html>"),
    "503": Fault(503),
    "503_seconds": Fault(503, {"retry-after": "0.3"}),
    "504": Fault(504),
    "529": Fault(529),
    "dont_retry": Fault(500, {"x-should-retry": "false"}),
    "hang": Fault(way="hang"),
    "slow_loris": Fault(way="slow_loris"),
    "reset": Fault(way="reset"),
    "cut": Fault(way="cut"),
    "huge": Fault(way="huge"),
    "html200": Fault(200, {"content-type": "text/html"}, b"<html>please log in</html>"),
    "empty200": Fault(200, {}, b""),
    "refusal": Fault(finish_reason="stop", content="", refusal="I can't help with that."),
    "content_filter": Fault(finish_reason="content_filter", content=""),
    "length": Fault(finish_reason="length", content='{"meetings": [{"ev'),
    "bad_json": Fault(finish_reason="stop", content='{"meetings": [nonsense'),
    "bad_schema": Fault(finish_reason="stop", content='{"answer": 42}'),
}
"""Faults by name, for `FakeServer.fail`."""


async def _whole(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    writer.write(start + payload)
    await writer.drain()


async def _hang(_writer: asyncio.StreamWriter, _start: bytes, _payload: bytes, _fault: Fault) -> None:
    await asyncio.Event().wait()


async def _slow_loris(writer: asyncio.StreamWriter, start: bytes, payload: bytes, fault: Fault) -> None:
    writer.write(start)
    for byte in payload:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(fault.pace)


async def _reset(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    writer.write(start + payload[: len(payload) // 2])
    await writer.drain()
    raise HungUpError


async def _cut(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    half = payload[: len(payload) // 2]
    lines = [line for line in start.split(b"\r\n") if line and not line.lower().startswith(b"content-length")]
    writer.write(b"\r\n".join([*lines, f"content-length: {len(half)}".encode(), b"", b""]) + half)
    await writer.drain()


async def _huge(writer: asyncio.StreamWriter, _start: bytes, _payload: bytes, _fault: Fault) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(_HUGE // len(_CHUNK)):
        writer.write(f"{len(_CHUNK):x}\r\n".encode() + _CHUNK + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")


SEND: dict[str, Callable[[asyncio.StreamWriter, bytes, bytes, Fault], Awaitable[None]]] = {
    "answer": _whole,
    "hang": _hang,
    "slow_loris": _slow_loris,
    "reset": _reset,
    "cut": _cut,
    "huge": _huge,
}
