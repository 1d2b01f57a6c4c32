"""What a `FakeServer` puts on the wire: answers in three protocols of chat, and faults by name."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any, Literal

MESSAGES = "/messages"  # end of the path of Anthropic's protocol
RESPONSES = "/responses"  # end of the path of OpenAI's Responses API
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_CHUNK = b"x" * 65_536
_HUGE = 400 * 1024 * 1024

Answer = Callable[[dict[str, Any]], dict[str, Any] | str]
"""Gives the content of an answer, an object or a string, for the body of a request."""


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
    way: Literal["answer", "hang", "slow_loris", "reset", "cut", "huge"] = "answer"
    pace: float = 0.05
    finish_reason: str = ""
    content: str | None = None
    refusal: str | None = None


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


def openai_answer(path: str, body: dict[str, Any], text: str, fault: Fault, thinking: int = 0) -> dict[str, Any]:
    """Return an answer of OpenAI's in the form of a path, by a model that thinks for so many tokens before it answers.

    As with the real ones, thinking counts against the limit of the answer; the effort `none` turns it off.
    """
    effort = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")
    limit = next((body[name] for name in _LIMITS if name in body), 1 << 30)
    thought = min(0 if effort == "none" else thinking, limit)
    said = text if len(text) // 4 <= limit - thought else text[: 4 * (limit - thought)]
    finish = "length" if said != text else fault.finish_reason or "stop"
    form = _response if path.endswith(RESPONSES) else _chat
    told = form(body, said, finish, fault.refusal, thought)
    return told | {"model": body.get("model", ""), "usage": _usage(path, prompt_tokens(body), len(said) // 4, thought)}


def _usage(path: str, sent: int, said: int, thought: int) -> dict[str, Any]:
    into, out = ("input", "output") if path.endswith(RESPONSES) else ("prompt", "completion")
    return {
        f"{into}_tokens": sent,
        f"{into}_tokens_details": {"cached_tokens": 0},
        f"{out}_tokens": said + thought,
        f"{out}_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": sent + said + thought,
    }


def _response(_body: dict[str, Any], text: str, finish: str, refusal: str | None, thought: int) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if refusal:
        part = {"type": "refusal", "refusal": refusal}
    message = {"id": "msg_fake", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    reasoning = {"id": "rs_fake", "type": "reasoning", "summary": []}
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(finish)
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": 0,
        "status": "incomplete" if why else "completed",
        "error": None,
        "incomplete_details": {"reason": why} if why else None,
        "output": [reasoning] * bool(thought) + [message] * bool(text or refusal),
    }


def _chat(body: dict[str, Any], text: str, finish: str, refusal: str | None, _thought: int) -> dict[str, Any]:
    """Return a chat answer; a request with tools is answered by a call of the first."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": refusal}
    if (tools := body.get("tools")) and text and not refusal:
        call = {"name": tools[0]["function"]["name"], "arguments": text}
        message |= {"content": None, "tool_calls": [{"id": "call-fake", "type": "function", "function": call}]}
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return {"id": "chatcmpl-fake", "object": "chat.completion", "created": 0, "choices": [choice]}


def anthropic_message(body: dict[str, Any], text: str, fault: Fault, thinking: int = 0) -> dict[str, Any]:
    """Return a message; a request with tools is answered by a call of the first, if the text is a JSON object.

    The model thinks for so many tokens before it answers; they count against the limit of the answer.
    """
    thought = min(thinking, body.get("max_tokens", thinking))
    if thought and len(text) // 4 > body["max_tokens"] - thought:
        text, fault = text[: 4 * (body["max_tokens"] - thought)], replace(fault, finish_reason="length")
    stop = "refusal" if fault.refusal else _STOPS.get(fault.finish_reason, "end_turn")
    block: dict[str, Any] = {"type": "text", "text": text or "-" * (not thought)}
    if tools := body.get("tools"):
        try:
            block = {"type": "tool_use", "id": "toolu_fake", "name": tools[0]["name"], "input": json.loads(text)}
            stop = "tool_use" if stop == "end_turn" else stop
        except ValueError:
            pass  # no arguments can be made of it: it stays text
    thoughts = [{"type": "thinking", "thinking": "", "signature": "fake"}] * bool(thought)
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": thoughts + [block] * (block.get("text") != ""),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": prompt_tokens(body), "output_tokens": len(text) // 4 + thought},
    }


def error_of(path: str, fault: Fault) -> dict[str, Any]:
    """Return the body of an error, in the form that the path's protocol has."""
    message = fault.code or "error"
    if path.endswith(MESSAGES):
        return {"type": "error", "error": {"type": fault.code or "api_error", "message": message}}
    return {"error": {"message": message, "type": "error", "param": None, "code": fault.code or None}}


def content_of(answer: dict[str, Any] | str) -> str:
    """Return the content of an answer as text."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def empty_answer(body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the asked shape that holds nothing."""
    properties = schema_of(body).get("properties", {})
    return {key: [] if value.get("type") == "array" else None for key, value in properties.items()}


def schema_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema that a request asks for, as a format of the answer or as a tool's arguments."""
    found = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    found = found or ((body.get("text") or body.get("output_config") or {}).get("format") or {}).get("schema")
    for tool in body.get("tools") or ():
        found = found or tool.get("input_schema") or (tool.get("function") or {}).get("parameters")
    return found or {}


def turns_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turns of a request, whichever its protocol."""
    return body.get("messages") or body.get("input") or []


def prompt_tokens(body: dict[str, Any]) -> int:
    """Return the tokens of a request's turns, at four characters each."""
    turns = [body.get("system", ""), *(turn.get("content", "") for turn in turns_of(body))]
    return sum(len(str(said)) for said in turns) // 4


async def send(writer: asyncio.StreamWriter, payload: bytes, fault: Fault) -> None:
    """Send a response in the way of a fault. Raises ConnectionAbortedError where the connection is to be closed now."""
    start = head_of(fault.status, fault.headers, len(payload))
    if fault.way == "hang":
        await asyncio.Event().wait()
    elif fault.way == "slow_loris":
        writer.write(start)
        for byte in payload:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(fault.pace)
    elif fault.way == "huge":
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(_HUGE // len(_CHUNK)):
            writer.write(f"{len(_CHUNK):x}\r\n".encode() + _CHUNK + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    else:
        half = payload[: len(payload) // 2]
        sent = {
            "answer": start + payload,
            "reset": start + half,
            "cut": head_of(fault.status, fault.headers, len(half)) + half,
        }
        writer.write(sent[fault.way])
        await writer.drain()
        if fault.way == "reset":
            raise ConnectionAbortedError


def head_of(status: int, headers: Mapping[str, str], length: int) -> bytes:
    """Return the head of a response; a header `date+N` becomes an HTTP date N seconds ahead."""
    sent = {"content-type": "application/json", **headers, "content-length": str(length)}
    lines = "".join(f"{name}: {_dated(value)}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\n{lines}\r\n".encode()


def _dated(value: str) -> str:
    if not value.startswith("date"):
        return value
    return formatdate(time.time() + float(value.removeprefix("date")), usegmt=True)
