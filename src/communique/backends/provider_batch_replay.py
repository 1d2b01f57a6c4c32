"""A chat backend that is answered from a store: what the store lacks is noted, not sent.

Requests are built, and answers looked at, parsed and asked again about, by `OpenAIBackend` itself, so that a document
that was answered in a batch ends as one that was answered at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.response_cap import response_cap
from communique.backends.retrying import Governor, OpenGate, RetryPolicy
from communique.errors import RunStoppedError, TransientBackendError

_TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
_OF_THE_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that tell how a body was sent, not what it says."""


class NotAnsweredError(RunStoppedError):
    """The store has no answer yet: the document stays to be done."""

    reason = "not_answered"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch brought for one request.

    Attributes:
        status: HTTP status; 0 where no answer came, however often it was asked for.
        body: The response, as JSON text; why there is none where the status is 0.
    """

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A request that has to be sent.

    Attributes:
        turn: Name of the request among those about its document.
        body: The request, as JSON.
        model: Who is asked; a file of a batch has requests to one model.
        tokens: An upper guess of what it takes.
    """

    turn: str
    body: bytes
    model: str
    tokens: int


def turn_of(body: dict[str, Any]) -> str:
    """Return the name of a request: 16 hex digits over what is asked, not over how a server wants it put."""
    asked = [body.get("model"), body.get("messages"), body.get("response_format")]
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


class Replay:
    """Answers from a store, over the machinery of a live backend.

    Args:
        backend: What would be asked live; its model, endpoint and patience are taken over.
        lookup: Returns what is stored for a turn, or None.

    Attributes:
        backend: The backend to give to an extractor.
        missing: Turns that were asked for and are not stored, since it was last emptied.
    """

    def __init__(self, backend: OpenAIBackend, lookup: Callable[[str], Stored | None]) -> None:
        self.missing: dict[str, Missing] = {}
        self._live_policy = backend.policy
        self._transport = _StoreTransport(lookup, self.missing)
        self._client = httpx2.AsyncClient(transport=self._transport, timeout=_TIMEOUT, trust_env=False)
        self.backend = OpenAIBackend(
            backend.model,
            base_url=backend.endpoint,
            policy=RetryPolicy(attempts=1),
            context_tokens=backend.context_tokens,
            seed=backend.seed,
            http_client=self._client,
        )

    @property
    def live(self) -> bool:
        """Whether what is missing is sent."""
        return self._transport.live

    def go_live(self, governor: Governor) -> None:
        """Send what is missing, from now on, as a live run would."""
        self._transport.live = True
        self.backend.policy, self.backend.governor = self._live_policy, governor

    def go_back(self) -> None:
        """Send nothing from now on."""
        self._transport.live = False
        self.backend.policy, self.backend.governor = RetryPolicy(attempts=1), OpenGate()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class _StoreTransport(httpx2.AsyncBaseTransport):
    def __init__(self, lookup: Callable[[str], Stored | None], missing: dict[str, Missing]) -> None:
        self.live = False
        self._lookup = lookup
        self._missing = missing
        self._wire = httpx2.AsyncClient(
            timeout=_TIMEOUT, follow_redirects=True, event_hooks={"response": [response_cap()]}
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raw = await request.aread()
        body = json.loads(raw)
        turn = turn_of(body)
        stored = self._lookup(turn)
        if stored is not None and stored.status:
            return httpx2.Response(
                stored.status, headers={"content-type": "application/json"}, content=stored.body.encode()
            )
        if stored is not None:
            raise _no_answer(stored.body)
        if self.live:
            answer = await self._wire.post(str(request.url), headers=request.headers, content=raw)
            kept = [(k, v) for k, v in answer.headers.multi_items() if k not in _OF_THE_BODY]
            return httpx2.Response(answer.status_code, headers=kept, content=answer.content)
        chars = sum(len(str(m.get("content", ""))) for m in body.get("messages", ()))
        most = body.get("max_tokens") or body.get("max_completion_tokens") or 0
        self._missing[turn] = Missing(turn, raw, str(body.get("model")), chars // 3 + most)
        raise NotAnsweredError("the provider's batch has no answer yet")

    async def aclose(self) -> None:
        await self._wire.aclose()


def _no_answer(reason: str) -> TransientBackendError:
    error = TransientBackendError(f"no answer in any batch ({reason})", hint="--retry-failed asks again")
    error.reason = reason or error.reason
    return error
