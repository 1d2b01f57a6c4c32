"""A chat answer: what came back for one call, looked at before it is parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
from pydantic_core import from_json, to_json

from communique.backends.refusals import ErrorInAnswer
from communique.backends.wrapped_json import answer_of, first, get, spoken
from communique.errors import ContentFilterError, RefusalError, TransientBackendError, TruncatedResponseError
from communique.prompts.prompt import Prompt
from communique.schemas import Usage


@dataclass(slots=True)
class ChatCall:
    """One call: what is sent, and what came back over all its requests."""

    prompt: Prompt
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0
    text: str = ""
    model: str = ""
    reserve: int = field(default=0)
    reasks: int = 0
    pending: dict[str, Any] | None = None
    data: dict[str, Any] | None = None

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
    choices = data.get("choices") if isinstance(data, dict) else None
    found = error_in(data)
    if found is not None:
        raise ErrorInAnswer(found, response.headers)
    if (
        not isinstance(choices, list)
        or not choices
        or not isinstance(choices[0], dict)
        or not isinstance(choices[0].get("message"), dict)
    ):
        raise TransientBackendError(
            f"HTTP {response.status_code} without a chat answer", hint="a proxy or portal may stand between"
        )
    return cast("dict[str, Any]", data)


def error_in(answer: Any) -> Any:
    """Return the error that an answer holds in place of a message, whole or in its first choice; None if there is none.

    Args:
        answer: As the SDK gives it: an object or a mapping.
    """
    choice = first(get(answer, "choices"))
    found = get(choice if choice is not None else answer, "error")
    return found or ({"message": "broken off"} if get(choice, "finish_reason") == "error" else None)


def examined(answer: dict[str, Any], call: ChatCall) -> dict[str, Any]:
    """Count tokens, and look for refusal, filter and cut before anything is parsed.

    Raises:
        RefusalError: The model declined.
        ContentFilterError: The provider withheld the answer.
        TruncatedResponseError: The answer ends at the token limit.
    """
    choice = answer["choices"][0]
    message = choice["message"]
    used = _object(answer.get("usage"))
    call.usage += Usage(
        input_tokens=_count(used.get("prompt_tokens")),
        output_tokens=_count(used.get("completion_tokens")),
        cached_tokens=_count(_object(used.get("prompt_tokens_details")).get("cached_tokens")),
    )
    _, call.text = spoken(answer)
    call.model = str(answer.get("model") or "")
    finish, refusal = choice.get("finish_reason"), message.get("refusal")
    if refusal:
        raise RefusalError("the model declined to answer", raw=str(refusal))
    if finish == "content_filter":
        raise ContentFilterError("the provider's filter withheld the answer", raw=call.text)
    if finish == "length":
        raise TruncatedResponseError("the answer was cut off at the token limit", raw=call.text)
    call.data = answer_of(answer, keys_of(call.prompt))
    return answer


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def keys_of(prompt: Prompt) -> tuple[str, ...]:
    """Return the keys that an answer must have."""
    return tuple(prompt.schema.get("required", ()))


def estimate(prompt: Prompt) -> int:
    """Return an upper guess of the tokens of prompt and answer (measured ratios are 3.5 to 4.5 characters a token)."""
    return sum(len(m.content) for m in prompt.messages) // 3 + prompt.max_tokens
