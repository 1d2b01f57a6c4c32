"""Answers of any provider: a response class that keeps what the model said, and what the raw response tells."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Self, cast

import instructor
from pydantic import BaseModel, model_validator

from communique.backends.chat_answer import error_in, keys_of
from communique.backends.refusals import ErrorInAnswer
from communique.backends.wrapped_json import answer_of, first, get
from communique.errors import ContentFilterError, RefusalError, TruncatedResponseError
from communique.prompts.prompt import Prompt
from communique.schemas import Usage

CALL: ContextVar[ProviderCall] = ContextVar("communique provider call")
"""The call that is under way: instructor hands request parameters to SDKs, so the call can't be one of them."""

_IN = ("prompt_tokens", "input_tokens", "prompt_token_count", "inputTokens")
_OUT = ("completion_tokens", "output_tokens", "candidates_token_count", "outputTokens")
_CACHED = ("cache_read_input_tokens", "cached_tokens", "cached_content_token_count", "cacheReadInputTokens")
_CUT = {"length", "max_tokens", "MAX_TOKENS", "max_token", "model_length"}
_FILTERED = {
    "content_filter",
    "guardrail_intervened",
    "SAFETY",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "content_filtered",
}


@dataclass(slots=True)
class ProviderCall:
    """One call: what is asked, and what came back over all its requests."""

    prompt: Prompt
    reserve: int = 0
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    turns: int = 0
    model: str = ""
    data: dict[str, Any] | None = None


def envelope(prompt: Prompt) -> type[BaseModel]:
    """Return the response class for a prompt, the same one each time: a class per call would cost more than the call.

    It has no fields: instructor walks through all of a response class, four times a call (benchmarks/machinery.py
    --wire). It shows instructor the schema of the prompt, refuses an answer without the keys that were asked for, so
    that `{}` is asked again and not read as "nothing found", and keeps the answer in the call. Whether a record is one,
    the engine sees.
    """
    return _envelope(prompt.schema_name, keys_of(prompt), json.dumps(prompt.schema))


@lru_cache(maxsize=256)
def _envelope(name: str, keys: tuple[str, ...], schema: str) -> type[BaseModel]:
    told = "What is asked of the article."
    title = "".join(word.capitalize() for word in name.split("_"))
    shown = json.dumps({"title": title, "description": told} | json.loads(schema))

    class Outer(BaseModel):
        @model_validator(mode="before")
        @classmethod
        def whole(cls, value: Any) -> dict[str, Any]:
            missing = [key for key in keys if key not in value] if isinstance(value, dict) else keys
            if missing:
                raise ValueError(f"missing: {', '.join(missing)}")
            return {}

    class Envelope(instructor.OpenAISchema):
        @classmethod
        def model_json_schema(cls, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
            return cast("dict[str, Any]", json.loads(shown))  # instructor's converters change what they are given

        @classmethod
        def model_validate(cls, obj: Any, **_: Any) -> Self:
            Outer.model_validate(obj)
            if (call := CALL.get(None)) is not None:
                call.data = obj
            return cast("Self", cls.model_construct())

        @classmethod
        def model_validate_json(cls, json_data: str | bytes | bytearray, **_: Any) -> Self:
            return cls.model_validate(json.loads(json_data))

    Envelope.__name__ = title
    Envelope.__doc__ = told
    return Envelope


def examined(response: Any, call: ProviderCall) -> Any:
    """Count tokens, and look for refusal, filter and cut before anything is parsed.

    Args:
        response: As the SDK gives it: an object or a mapping.
        call: The call that it answers.

    Raises:
        RefusalError: The model declined.
        ContentFilterError: The provider withheld the answer.
        TruncatedResponseError: The answer ends at the token limit.
    """
    found = error_in(response)
    if found is not None:
        raise ErrorInAnswer(found)
    call.usage += usage_of(response)
    call.model = str(get(response, "model", "model_version") or "")
    ending = next((e for e in _endings(response) if e), "")
    refusal = get(get(first(get(response, "choices")), "message"), "refusal")
    if ending == "refusal" or refusal:
        raise RefusalError("the model declined to answer", raw=str(refusal or ""))
    if ending in _FILTERED:
        raise ContentFilterError("the provider's filter withheld the answer")
    if ending in _CUT:
        raise TruncatedResponseError("the answer was cut off at the token limit")
    call.data = answer_of(response, keys_of(call.prompt))
    return response


def usage_of(response: Any) -> Usage:
    """Return the tokens that a response reports, under whichever names; zero where it reports none."""
    used = get(response, "usage", "usage_metadata")
    used = get(used, "tokens") or used
    details = get(used, "prompt_tokens_details") or used
    cached = _number(details, _CACHED)
    plain = _number(used, _IN)
    if get(used, "cache_read_input_tokens") is not None:  # Anthropic counts these beside the input, not in it
        plain += cached + _number(used, ("cache_creation_input_tokens",))
    return Usage(input_tokens=plain, output_tokens=_number(used, _OUT), cached_tokens=cached)


def _endings(response: Any) -> Iterator[str]:
    yield str(get(response, "stop_reason", "stopReason") or "")
    reason = get(first(get(response, "choices", "candidates")), "finish_reason")
    yield str(getattr(reason, "name", reason) or "")


def _number(found: Any, names: tuple[str, ...]) -> int:
    value = get(found, *names)
    return value if isinstance(value, int) else 0
