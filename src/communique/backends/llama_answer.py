"""Reading what llama.cpp's server says: an answer with its tokens, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
from pydantic_core import from_json

from communique.backends.backend import Completion
from communique.backends.chat_answer import usage_of
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    EngineError,
    MalformedResponseError,
    RequestRefusedError,
    TruncatedResponseError,
)
from communique.prompts.prompt import Prompt
from communique.schemas import Usage


def completion(response: httpx2.Response, prompt: Prompt, model: str, seconds: float, attempts: int) -> Completion:
    """Return the answer in a response.

    Raises:
        ContextExceededError: The prompt is longer than the context.
        RequestRefusedError: The server doesn't take the request.
        EngineError: The server failed over it.
        TruncatedResponseError: The answer ends at the token limit.
        MalformedResponseError: It is not the object that was asked for.
    """
    usage = Usage()
    try:
        answer = _parsed(response)
        usage = usage_of(answer)
        choice = answer["choices"][0]
        text = choice["message"].get("content") or ""
        if choice.get("finish_reason") == "length":
            raise TruncatedResponseError("the answer was cut off at the token limit", raw=text)
        return Completion(
            data=_object(text, prompt.schema.get("required", ())),
            text=text,
            model=str(answer.get("model") or model),
            usage=usage,
            seconds=seconds,
            attempts=attempts,
        )
    except CommuniqueError as error:
        error.document_id = error.document_id or prompt.document_id or None
        error.attempts, error.tokens = attempts, usage.counts
        raise


def _parsed(response: httpx2.Response) -> dict[str, Any]:
    try:
        answer = from_json(response.content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if response.status_code == 200 and answer.get("choices"):
        return answer
    raise _refusal(response.status_code, answer.get("error") or {}, response.text)


def _refusal(status: int, error: Mapping[str, Any], raw: str) -> CommuniqueError:
    message = str(error.get("message") or "")
    if error.get("type") == "exceed_context_size_error":
        return ContextExceededError(
            f"the prompt has {error.get('n_prompt_tokens')} tokens, but the local model accepts only {error.get('n_ctx')}",
            hint="use smaller windows",
        )
    if status == 200:
        return MalformedResponseError("the local model's server returned no chat answer", raw=raw)
    if status < 500:
        return RequestRefusedError(f"the local model refused the request (HTTP {status})", hint=message[:200])
    return EngineError(f"the local model failed on this request (HTTP {status})", hint=message[:200])


def _object(text: str, required: Any) -> dict[str, Any]:
    try:
        data = from_json(text)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise MalformedResponseError(
            "the answer is empty" if not text.strip() else "the answer is not a JSON object", raw=text
        )
    missing = [key for key in required if key not in data]
    if missing:
        raise MalformedResponseError(f"the answer lacks {', '.join(missing)}", raw=text)
    return data
