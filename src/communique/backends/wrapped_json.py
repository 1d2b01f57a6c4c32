"""The answer in what a server sends: JSON in a code fence, behind reasoning, in parts of a message, in several tool calls.

Strict servers send bare JSON. Many compatible ones don't, and asking them again costs as much as the first time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

_TRIES = 1000  # braces at which an object may begin
_DECODER = json.JSONDecoder()
Keys = Sequence[str]


def get(found: Any, *names: str) -> Any:
    """Return the first of these keys or attributes that is there and not None."""
    for name in names:
        value = found.get(name) if isinstance(found, Mapping) else getattr(found, name, None)
        if value is not None:
            return value
    return None


def first(items: Any) -> Any:
    """Return the first item of a list, or None."""
    return items[0] if isinstance(items, (list, tuple)) and items else None


def answer_in(text: str, keys: Keys) -> dict[str, Any] | None:
    """Return the last object in a text that has all keys, or None: one before it may be a draft, or reasoning."""
    found: dict[str, Any] | None = None
    at = -1
    for _ in range(_TRIES):
        at = text.find("{", at + 1)
        if at < 0:
            break
        try:
            _, end = _DECODER.raw_decode(text, at)
            said = _fitting(from_json(text[at:end]), keys)
        except (ValueError, RecursionError):
            continue
        if said is not None:
            found, at = said, end - 1
    return found if found is not None or '\\"' not in text else _unquoted(text, keys)


def lacking(text: str, keys: Keys) -> str:
    """Return what is wrong with a text in which there is no answer, for the model to read."""
    found = answer_in(text, ()) or {}
    return f"missing: {', '.join(key for key in keys if key not in found)}"


def _unquoted(text: str, keys: Keys) -> dict[str, Any] | None:
    """Read an answer that was written as JSON within a JSON string."""
    try:
        inner = from_json(text.strip().lstrip("\ufeff"))
    except ValueError:
        return None
    return answer_in(inner, keys) if isinstance(inner, str) else None


def _fitting(said: Any, keys: Keys) -> dict[str, Any] | None:
    if not isinstance(said, dict):
        return None
    if all(key in said for key in keys):
        return said
    inside = (v for v in said.values() if isinstance(v, str) and v.lstrip().startswith("{"))
    return next(filter(None, (answer_in(value, keys) for value in inside)), None)


def answer_of(response: Any, keys: Keys) -> dict[str, Any] | None:
    """Return the answer in a response of any SDK; None if it holds none, or a call that can't be read."""
    calls, text, thought = parts_of(response)
    if not calls:
        return answer_in(text or thought, keys)
    found = [answer_in(c, keys) if isinstance(c, str) else _fitting(_plain(c), keys) for c in calls]
    return merged(f for f in found if f is not None) if None not in found else None


def parts_of(response: Any) -> tuple[list[Any], str, str]:
    """Return the arguments of the tool calls in a response, its text, and its reasoning."""
    message = get(first(get(response, "choices")), "message")
    if message is None:  # Anthropic's content, Google's parts, Amazon's content in a message
        message = get(first(get(response, "candidates")), "content")
        message = message or get(get(response, "output"), "message") or response
    content = get(message, "content", "parts")
    blocks = content if isinstance(content, (list, tuple)) else [content]
    calls = [get(get(call, "function"), "arguments") for call in get(message, "tool_calls") or ()]
    calls += [get(get(message, "function_call"), "arguments"), *map(_called, blocks)]
    text = "".join(_string(block) or _string(get(block, "text")) for block in blocks)
    return [c for c in calls if c is not None], text, _string(get(message, "reasoning_content", "reasoning"))


def _called(block: Any) -> Any:
    if get(block, "type") == "tool_use":
        return get(block, "input")
    return get(get(block, "function_call"), "args") or get(get(block, "toolUse"), "input")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _plain(call: Any) -> Any:
    return dict(call) if isinstance(call, Mapping) else call


def merged(answers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one answer that holds what several hold: lists follow one another, single records become lists."""
    whole: dict[str, Any] = {}
    for key, value in (item for answer in answers for item in answer.items()):
        if whole.get(key) in (None, []):
            whole[key] = value
        elif value not in (None, []):
            whole[key] = [*_listed(whole[key]), *_listed(value)]
    return whole


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
