"""The faults that a `FakeServer` can show, by name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Literal

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
