"""A chat backend that is answered from a store: what the store lacks is noted, not sent.

Requests are built, and answers read and asked again about, by `OpenAIBackend` itself, so that a document that was
answered in a batch ends as one that was answered at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic_core import to_json

from communique.backends.chat_answer import ChatCall, examined, parsed
from communique.backends.failures import OPENAI_KEYS
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.refusals import Refusal, error_of
from communique.backends.retrying import Governor
from communique.errors import RunStoppedError, TransientBackendError
from communique.prompts.prompt import CHARS_PER_TOKEN


class NotAnsweredError(RunStoppedError):
    """The store has no answer yet: the document stays to be done."""

    reason = "not_answered"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch brought for one request."""

    status: int  # HTTP status; 0 where no answer came, however often it was asked for
    body: str  # the response, as JSON text; why there is none where the status is 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A request that has to be sent."""

    turn: str  # name of the request among those about its document
    body: bytes  # the request, as JSON
    model: str  # a file of a batch has requests to one model
    path: str  # and to one API, as `/v1/responses`
    tokens: int  # an upper guess of what it takes


def turn_of(body: dict[str, Any], widened: int) -> str:
    """Return the name of a request: 16 hex digits over what is asked, not over how a server wants it put.

    What is asked again with more room for reasoning is another request.
    """
    asked = [body.get(key) for key in ("model", "messages", "input", "response_format", "text")]
    asked += [widened] if widened else []
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class StoredAnswers(OpenAIBackend):
    """What `backend` would ask live, answered from a store: `lookup` returns what it has for a turn, or None.

    Attributes:
        live: Whether what is missing is sent, under the governor.
        missing: Turns that were asked for and are not stored, since it was last emptied.
    """

    def __init__(self, backend: OpenAIBackend, lookup: Callable[[str], Stored | None], governor: Governor) -> None:
        super().__init__(
            backend.model,
            base_url=backend.endpoint,
            policy=backend.policy,
            context_tokens=backend.context_tokens,
            seed=backend.seed,
            wire=backend.wire,
            governor=governor,
        )
        self.live = False
        self.missing: dict[str, Missing] = {}
        self._lookup = lookup

    async def _send(self, messages: list[dict[str, Any]], call: ChatCall) -> dict[str, Any]:
        body = self.request_body(messages, call)
        turn = turn_of(body, call.widened)
        stored = self._lookup(turn)
        if stored is not None:
            call.attempts += 1
            return self._read(stored, call)
        if self.live:
            return await super()._send(messages, call)
        tokens = int(sum(len(str(m["content"])) for m in messages) / CHARS_PER_TOKEN) + call.limit
        self.missing[turn] = Missing(turn, to_json(body), self.model, f"/v1{self.path}", tokens)
        raise NotAnsweredError("the provider's batch has no answer yet")

    def _read(self, stored: Stored, call: ChatCall) -> dict[str, Any]:
        if stored.status == 200:
            return examined(parsed(httpx2.Response(200, content=stored.body.encode())), call)
        if stored.status:
            refusal = Refusal(stored.status, json.loads(stored.body)["error"])
            raise error_of(refusal, self.endpoint.host, self.model, " or ".join(OPENAI_KEYS))
        error = TransientBackendError(f"no answer in any batch ({stored.body})", hint="use --retry-failed to try again")
        error.reason = stored.body or error.reason
        raise error
