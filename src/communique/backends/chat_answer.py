"""An answer of any provider: its tokens, and refusal, filter and cut before anything is parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import httpx2
from pydantic_core import from_json, to_json

from communique.backends.refusals import ErrorInAnswer
from communique.backends.wrapped_json import answer_of, first, get, spoken
from communique.errors import ContentFilterError, RefusalError, TransientBackendError, TruncatedResponseError
from communique.prompts.prompt import Prompt
from communique.schemas import Usage

T = TypeVar("T")
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
class ChatCall:
    """One call: what is asked, and what came back over all its requests.

    Attributes:
        prompt: What is asked.
        usage: Tokens of all answers.
        attempts: Requests.
        turns: Answers, those to re-asks included; each may take several requests.
        text: The last answer as it came.
        model: Model as the server reports it.
        data: The answer that was asked for; None if the last one isn't it.
    """

    prompt: Prompt
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    turns: int = 0
    text: str = ""
    model: str = ""
    data: dict[str, Any] | None = None

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

    Raises:
        ErrorInAnswer: It holds an error, with a status of its own.
        TransientBackendError: It is no chat answer: cut, empty, or the page of a portal; or the server broke off.
    """
    try:
        data = from_json(response.content)
    except ValueError:
        data = None
    _refuse_error(data, response.headers)
    if not isinstance(data, dict) or not isinstance(get(first(data.get("choices")), "message"), dict):
        raise TransientBackendError(
            f"HTTP {response.status_code} response without a chat answer",
            hint="a proxy or a login page may be in between",
        )
    return cast("dict[str, Any]", data)


def _refuse_error(answer: Any, headers: Mapping[str, str] | None = None) -> None:
    """Raise the error that an answer holds in place of a message, whole or in its first choice."""
    choice = first(get(answer, "choices"))
    found = get(choice if choice is not None else answer, "error")
    if found or get(choice, "finish_reason") == "error":
        raise ErrorInAnswer(found or {"message": "broken off"}, headers)


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
    call.usage += usage_of(response)
    call.model = str(get(response, "model", "model_version") or "")
    call.text = spoken(response)[1]
    ending = next((e for e in _endings(response) if e), "")
    refusal = get(get(first(get(response, "choices")), "message"), "refusal")
    if ending == "refusal" or refusal:
        raise RefusalError("the model declined to answer", raw=str(refusal or call.text))
    if ending in _FILTERED:
        raise ContentFilterError("the provider's filter withheld the answer", raw=call.text)
    if ending in _CUT:
        raise TruncatedResponseError("the answer was cut off at the token limit", raw=call.text)
    call.data = answer_of(response, call.keys)
    return response


def _endings(response: Any) -> Iterator[str]:
    yield str(get(response, "stop_reason", "stopReason") or "")
    reason = get(first(get(response, "choices", "candidates")), "finish_reason")
    yield str(getattr(reason, "name", reason) or "")


def usage_of(response: Any) -> Usage:
    """Return the tokens that a response reports, under whichever names; zero where it reports none."""
    used = get(response, "usage", "usage_metadata")
    used = get(used, "tokens") or used
    cached = _count(get(used, "prompt_tokens_details") or used, _CACHED)
    plain = _count(used, _IN)
    if get(used, "cache_read_input_tokens") is not None:  # Anthropic counts these beside the input, not in it
        plain += cached + _count(used, ("cache_creation_input_tokens",))
    return Usage(input_tokens=plain, output_tokens=_count(used, _OUT), cached_tokens=cached)


def _count(found: Any, names: tuple[str, ...]) -> int:
    value = get(found, *names)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
