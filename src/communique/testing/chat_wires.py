"""The forms in which a `FakeServer` puts an answer: OpenAI's chat, with or without a tool, and Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from communique.testing.faults import Fault

MESSAGES = "/messages"
"""End of the path of Anthropic's protocol."""

Answer = Callable[[dict[str, Any]], dict[str, Any] | str]
"""Gives the content of an answer, an object or a string, for the body of a request."""

_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def openai_chat(body: dict[str, Any], text: str, fault: Fault) -> dict[str, Any]:
    """Return a chat answer; a request with tools is answered by a call of the first."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": fault.refusal}
    tools = body.get("tools")
    if tools and not fault.refusal:
        call = {"name": tools[0]["function"]["name"], "arguments": text}
        message |= {
            "content": None,
            "tool_calls": [{"id": "call-fake", "type": "function", "function": call}],
        }
    finish = fault.finish_reason or "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    used = {"prompt_tokens": _prompt_tokens(body), "completion_tokens": len(text) // 4}
    used["total_tokens"] = sum(used.values())
    head = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", ""),
    }
    return head | {"choices": [choice], "usage": used}


def anthropic_message(body: dict[str, Any], text: str, fault: Fault) -> dict[str, Any]:
    """Return a message; a request with tools is answered by a call of the first, if the text is a JSON object."""
    stop = "refusal" if fault.refusal else _STOPS.get(fault.finish_reason, "end_turn")
    block: dict[str, Any] = {"type": "text", "text": text or "-"}
    tools = body.get("tools")
    if tools:
        try:
            block = {
                "type": "tool_use",
                "id": "toolu_fake",
                "name": tools[0]["name"],
                "input": json.loads(text),
            }
            stop = "tool_use" if stop == "end_turn" else stop
        except ValueError:
            pass  # no arguments can be made of it: it stays text
    return {
        "id": "msg_fake",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": [block],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": _prompt_tokens(body), "output_tokens": len(text) // 4},
    }


def error_of(path: str, fault: Fault) -> dict[str, Any]:
    """Return the body of an error, in the form that the path's protocol has."""
    if path.endswith(MESSAGES):
        return {
            "type": "error",
            "error": {"type": fault.code or "api_error", "message": fault.code or "error"},
        }
    message = {"message": fault.code or "error", "type": "error", "param": None, "code": fault.code or None}
    return {"error": message}


def content_of(answer: dict[str, Any] | str) -> str:
    """Return the content of an answer as text."""
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def empty_answer(body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the asked shape that holds nothing."""
    properties = schema_of(body).get("properties", {})
    return {key: [] if value.get("type") == "array" else None for key, value in properties.items()}


def schema_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema that a request asks for, as a response format or as a tool's arguments."""
    found = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    for tool in body.get("tools") or ():
        found = found or tool.get("input_schema") or (tool.get("function") or {}).get("parameters")
    return found or {}


def key_of(headers: dict[str, str]) -> str:
    """Return the API key of a request: a bearer token, or Anthropic's own header."""
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")


def _prompt_tokens(body: dict[str, Any]) -> int:
    return sum(len(str(m.get("content", ""))) for m in body.get("messages", [])) // 4
