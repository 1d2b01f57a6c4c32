"""The forms in which a `FakeServer` puts an answer: OpenAI's chat completions and responses, Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from communique.testing.faults import Fault

MESSAGES = "/messages"
"""End of the path of Anthropic's protocol."""
RESPONSES = "/responses"
"""End of the path of OpenAI's Responses API."""
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")

Answer = Callable[[dict[str, Any]], dict[str, Any] | str]
"""Gives the content of an answer, an object or a string, for the body of a request."""

_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def openai_answer(path: str, body: dict[str, Any], text: str, fault: Fault, thinking: int = 0) -> dict[str, Any]:
    """Return an answer of OpenAI's in the form of a path, by a model that thinks for so many tokens before it answers.

    As with the real ones, thinking counts against the limit of the answer; the effort `none` turns it off.
    """
    effort = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")
    limit = next((body[name] for name in _LIMITS if name in body), 1 << 30)
    thought = min(0 if effort == "none" else thinking, limit)
    said = text if len(text) // 4 <= limit - thought else text[: 4 * (limit - thought)]
    finish = "length" if said != text else fault.finish_reason or "stop"
    used = (prompt_tokens(body), len(said) // 4 + thought, thought)
    form = _response if path.endswith(RESPONSES) else _chat
    return form(body, said, finish, fault.refusal, used)


def _response(
    body: dict[str, Any], text: str, finish: str, refusal: str | None, used: tuple[int, int, int]
) -> dict[str, Any]:
    """Return an answer of the Responses API."""
    part = (
        {"type": "refusal", "refusal": refusal} if refusal else {"type": "output_text", "text": text, "annotations": []}
    )
    message = {"id": "msg_fake", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    reasoning = {"id": "rs_fake", "type": "reasoning", "summary": []}
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(finish)
    return {
        "id": "resp_fake",
        "object": "response",
        "created_at": 0,
        "model": body.get("model", ""),
        "status": "incomplete" if why else "completed",
        "error": None,
        "incomplete_details": {"reason": why} if why else None,
        "output": [reasoning] * bool(used[2]) + [message] * bool(text or refusal),
        "usage": {
            "input_tokens": used[0],
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": used[1],
            "output_tokens_details": {"reasoning_tokens": used[2]},
            "total_tokens": used[0] + used[1],
        },
    }


def _chat(
    body: dict[str, Any], text: str, finish: str, refusal: str | None, used: tuple[int, int, int]
) -> dict[str, Any]:
    """Return a chat answer; a request with tools is answered by a call of the first."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": refusal}
    tools = body.get("tools")
    if tools and text and not refusal:
        call = {"name": tools[0]["function"]["name"], "arguments": text}
        message |= {
            "content": None,
            "tool_calls": [{"id": "call-fake", "type": "function", "function": call}],
        }
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    usage: dict[str, Any] = {
        "prompt_tokens": used[0],
        "completion_tokens": used[1],
        "total_tokens": used[0] + used[1],
        "completion_tokens_details": {"reasoning_tokens": used[2]},
    }
    head = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", ""),
    }
    return head | {"choices": [choice], "usage": usage}


def anthropic_message(body: dict[str, Any], text: str, fault: Fault, thinking: int = 0) -> dict[str, Any]:
    """Return a message; a request with tools is answered by a call of the first, if the text is a JSON object.

    The model thinks for so many tokens before it answers; they count against the limit of the answer.
    """
    thought = min(thinking, body.get("max_tokens", thinking))
    if thought and len(text) // 4 > body["max_tokens"] - thought:
        text, fault = text[: 4 * (body["max_tokens"] - thought)], replace(fault, finish_reason="length")
    stop = "refusal" if fault.refusal else _STOPS.get(fault.finish_reason, "end_turn")
    block: dict[str, Any] = {"type": "text", "text": text or "-" * (not thought)}
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
        "content": [{"type": "thinking", "thinking": "", "signature": "fake"}] * bool(thought)
        + [block] * (block.get("text") != ""),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": prompt_tokens(body), "output_tokens": len(text) // 4 + thought},
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
    """Return the JSON Schema that a request asks for, as a format of the answer or as a tool's arguments."""
    found = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    found = found or ((body.get("text") or body.get("output_config") or {}).get("format") or {}).get("schema")
    for tool in body.get("tools") or ():
        found = found or tool.get("input_schema") or (tool.get("function") or {}).get("parameters")
    return found or {}


def key_of(headers: dict[str, str]) -> str:
    """Return the API key of a request: a bearer token, or Anthropic's own header."""
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")


def turns_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turns of a request, whichever its protocol."""
    return body.get("messages") or body.get("input") or []


def prompt_tokens(body: dict[str, Any]) -> int:
    """Return the tokens of a request's turns, at four characters each."""
    turns = [body.get("system", ""), *(turn.get("content", "") for turn in turns_of(body))]
    return sum(len(str(said)) for said in turns) // 4
