"""An answer of any provider: its tokens, and refusal, filter and cut before anything is parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import httpx2
from pydantic_core import from_json, to_json

from communique.backends.backend import counted
from communique.backends.refusals import ErrorInAnswer
from communique.backends.wrapped_json import answer_of, first, get, parts_of
from communique.errors import ContentFilterError, RefusalError, TransientBackendError, TruncatedResponseError
from communique.prompts.prompt import Prompt
from communique.schemas import Usage

T = TypeVar("T")
ROOM = 8192
"""Tokens for reasoning, on top of the answer's limit, where a model reasons and nobody says how much. A guess, as those
below: a model that needs more is asked again with more."""
_ROOM_BY_EFFORT = {"none": 0, "minimal": 2048, "low": 4096, "high": 16_384, "xhigh": 32_768, "max": 32_768}
MOST_ROOM = 32_768
MOST_TIMES = 2
_IN = ("prompt_tokens", "input_tokens", "prompt_token_count", "inputTokens")
_OUT = ("completion_tokens", "output_tokens", "candidates_token_count", "outputTokens")
_CACHED = ("cache_read_input_tokens", "cached_tokens", "cached_content_token_count", "cacheReadInputTokens")
_THOUGHT = ("reasoning_tokens", "thinking_tokens", "thoughts_token_count")
_CUT = {"length", "max_tokens", "max_output_tokens", "MAX_TOKENS", "max_token", "model_length"}
_FILTERED = {"content_filter", "guardrail_intervened", "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "content_filtered"}


@dataclass(slots=True)
class ChatCall:
    """One call: what is asked, and what came back over all its requests."""

    prompt: Prompt
    usage: Usage = field(default_factory=Usage)  # tokens of all answers, as the server reports them
    spent: Usage = field(default_factory=Usage)  # the same, with guesses where it reports none
    attempts: int = 0  # requests
    turns: int = 0  # answers, those to re-asks included; each may take several requests
    text: str = ""  # the last answer as it came
    model: str = ""  # as the server reports it
    data: dict[str, Any] | None = None  # the answer that was asked for; None if the last one isn't it
    room: int = 0  # tokens for reasoning, on top of the answer's limit
    widened: int = 0  # how often it was asked again with more room
    thought: bool = False  # the last answer was cut off, and reasoning had used its limit
    refused: set[str] = field(default_factory=set)  # parameters that were refused: nothing is put otherwise twice

    @classmethod
    def of(cls, prompt: Prompt, room: int) -> ChatCall:
        """Return the call for a prompt, with the room that its effort needs, or that much if it needs less."""
        wanted = _ROOM_BY_EFFORT.get(prompt.effort, ROOM) if prompt.effort else 0
        return cls(prompt, room=max(wanted, room))

    @property
    def limit(self) -> int:
        """Tokens that the model may use, for reasoning and for the answer."""
        return self.prompt.max_tokens + self.room

    @property
    def reserve(self) -> int:
        """An upper guess of the tokens of prompt, reasoning and answer."""
        return self.prompt.most_tokens + self.room

    def widen(self) -> bool:
        """Make more room where reasoning has used up all there was; False where it hasn't, or it was made before."""
        if not self.thought or self.widened >= MOST_TIMES or self.room >= MOST_ROOM:
            return False
        self.room = min(max(4 * self.room, ROOM), MOST_ROOM)
        self.thought, self.turns = False, 0
        self.widened += 1
        return True

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that an answer must have."""
        return tuple(self.prompt.schema.get("required", ()))

    @property
    def bare(self) -> str:
        """The answer's text, without what stood around it."""
        wrapped = self.data is not None and not (self.text.startswith("{") and self.text.endswith("}"))
        return to_json(self.data).decode() if wrapped else self.text


def parsed(response: httpx2.Response) -> dict[str, Any]:
    """Read a response of status 200.

    Raises ErrorInAnswer where it holds an error, TransientBackendError where it is no answer: cut, or a portal's page.
    """
    try:
        data = from_json(response.content)
    except ValueError:
        data = None
    _refuse_error(data, response.headers)
    if isinstance(data, dict) and data.get("object") == "response":
        data = _as_chat(data)
    if not isinstance(data, dict) or not isinstance(get(first(data.get("choices")), "message"), dict):
        hint = "a proxy or a login page may be in between"
        raise TransientBackendError(f"HTTP {response.status_code} response without a chat answer", hint=hint)
    return cast("dict[str, Any]", data)


def _as_chat(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the Responses API in the form of a chat answer."""
    items = answer.get("output") or []
    parts = [part for item in items if get(item, "type") == "message" for part in get(item, "content") or []]
    said, refusal = ("".join(str(get(part, name) or "") for part in parts) for name in ("text", "refusal"))
    ending = get(answer.get("incomplete_details"), "reason") or "stop"
    choice = {"message": {"content": said, "refusal": refusal}, "finish_reason": ending}
    return {"model": answer.get("model"), "usage": answer.get("usage"), "choices": [choice]}


def _refuse_error(answer: Any, headers: Mapping[str, str] | None = None) -> None:
    """Raise the error that an answer holds in place of a message, whole or in its first choice."""
    choice = first(get(answer, "choices"))
    found = get(choice if choice is not None else answer, "error")
    if found or get(choice, "finish_reason") == "error":
        raise ErrorInAnswer(found or {"message": "broken off"}, headers=headers)


def examined(response: T, call: ChatCall) -> T:
    """Count tokens, look for refusal, filter and cut, and take the answer into the call.

    Raises:
        ErrorInAnswer: It holds an error.
        RefusalError: The model declined.
        ContentFilterError: The provider withheld the answer.
        TruncatedResponseError: The answer ends at the token limit.
    """
    _refuse_error(response)
    call.turns += 1
    used = usage_of(response)
    call.usage += used
    call.model = str(get(response, "model", "model_version") or "")
    calls, text, thought = parts_of(response)
    said = (c if isinstance(c, str) else to_json(c, serialize_unknown=True).decode() for c in calls)
    call.text = "\n".join(said) or text or thought
    call.spent += counted(used, call.prompt, call.text)
    ending = next((e for e in _endings(response) if e), "")
    refusal = get(get(first(get(response, "choices")), "message"), "refusal")
    if ending == "refusal" or refusal:
        raise RefusalError("the model declined to answer", raw=str(refusal or call.text))
    if ending in _FILTERED:
        raise ContentFilterError("the provider's filter withheld the answer", raw=call.text)
    if ending in _CUT:
        silent = not calls and not _answered(text)
        call.thought = silent or 0 < used.reasoning_tokens > used.output_tokens - call.prompt.max_tokens
        if call.thought and used.output_tokens:  # the room it had: an answer of a batch was asked for by another run
            call.room = max(used.output_tokens - call.prompt.max_tokens, 0)
        if silent:
            told = f"the model used all of its {call.limit:,} tokens before it answered"
            raise TruncatedResponseError(told, hint="if it reasons, ask for a lower effort")
        raise TruncatedResponseError("the answer was cut off at the token limit", raw=call.text)
    call.data = answer_of(response, call.keys)
    return response


def _answered(text: str) -> bool:
    """Tell whether a text has more than reasoning."""
    begun, _, answer = text.lstrip().partition("</think>")
    return bool(answer.strip() or (begun and not begun.startswith("<think>")))


def _endings(response: Any) -> Iterator[str]:
    yield str(get(response, "stop_reason", "stopReason") or "")
    reason = get(first(get(response, "choices", "candidates")), "finish_reason")
    yield str(getattr(reason, "name", reason) or "")


def usage_of(response: Any) -> Usage:
    """Return the tokens that a response reports, under whichever names; zero where it reports none."""
    used = get(response, "usage", "usage_metadata")
    used = get(used, "tokens") or used
    cached = _count(get(used, "prompt_tokens_details", "input_tokens_details") or used, _CACHED)
    thought = _count(get(used, "completion_tokens_details", "output_tokens_details") or used, _THOUGHT)
    plain = _count(used, _IN)
    if get(used, "cache_read_input_tokens") is not None:  # Anthropic counts these beside the input, not in it
        plain += cached + _count(used, ("cache_creation_input_tokens",))
    beside = get(used, "thoughts_token_count") is not None  # Google counts these beside the answer, not in it
    return Usage.of((plain, _count(used, _OUT) + thought * beside, cached, thought))


def _count(found: Any, names: tuple[str, ...]) -> int:
    value = get(found, *names)
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    whole = whole and not isinstance(value, bool)
    return int(value) if whole and value > 0 else 0
