"""A backend that is answered from a store: what the store lacks is noted, not sent.

Requests are built, and answers read and asked again about, by the live backend itself, so that a document that was
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
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.refusals import Refusal, error_of
from communique.backends.remote import RemoteBackend
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


class Store:
    """What batches have brought: `lookup` returns what there is for a turn, or None.

    Attributes:
        live: Whether what is missing is sent, under the governor.
        missing: Turns that were asked for and are not stored, since it was last emptied.
    """

    def __init__(self, lookup: Callable[[str], Stored | None]) -> None:
        self.live = False
        self.missing: dict[str, Missing] = {}
        self._lookup = lookup

    def answer(self, request: Missing, call: ChatCall, backend: RemoteBackend) -> str | None:
        """Return the response to a request of this backend, as JSON text; None if it is to be sent.

        Raises:
            NotAnsweredError: It has to go into a batch.
            BackendError: It was refused, or no batch has brought an answer.
        """
        stored = self._lookup(request.turn)
        if stored is None and self.live:
            return None
        if stored is None:
            self.missing[request.turn] = request
            raise NotAnsweredError("the provider's batch has no answer yet")
        call.attempts += 1
        if stored.status == 200:
            return stored.body
        if stored.status:
            refusal = Refusal(stored.status, json.loads(stored.body)["error"])
            raise error_of(refusal, backend.host, backend.shown, " or ".join(backend.keys))
        error = TransientBackendError(f"no answer in any batch ({stored.body})", hint="use --retry-failed to try again")
        error.reason = stored.body or error.reason
        raise error


def most_tokens(turns: list[dict[str, Any]], call: ChatCall) -> int:
    """Return an upper guess of the tokens of a request with these turns."""
    return int(sum(len(str(turn["content"])) for turn in turns) / CHARS_PER_TOKEN) + call.limit


class StoredAnswers(OpenAIBackend):
    """What an OpenAI backend would ask live, answered from a store."""

    def __init__(self, backend: OpenAIBackend, store: Store, governor: Governor) -> None:
        super().__init__(
            backend.model,
            base_url=backend.endpoint,
            policy=backend.policy,
            context_tokens=backend.context_tokens,
            seed=backend.seed,
            wire=backend.wire,
            governor=governor,
        )
        self._store = store

    async def _send(self, messages: list[dict[str, Any]], call: ChatCall) -> dict[str, Any]:
        body = self.request_body(messages, call)
        tokens = most_tokens(messages, call)
        request = Missing(turn_of(body, call.widened), to_json(body), self.model, f"/v1{self.path}", tokens)
        found = self._store.answer(request, call, self)
        if found is None:
            return await super()._send(messages, call)
        return examined(parsed(httpx2.Response(200, content=found.encode())), call)
