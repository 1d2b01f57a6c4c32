"""What the backends over a network share: one retry layer, limits of a run, connections by event loop, errors of ours.

A backend with a `Store` looks there before it sends. So requests are built, and answers read and asked again about,
by the live backend itself: a document that was answered in a batch ends as one that was answered at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from anyio.lowlevel import RunVar

from communique.backends.backend import BothBackend, Completion
from communique.backends.chat_answer import MOST_ROOM, ROOM, ChatCall, examined
from communique.backends.failures import reason_of, refusal_of, translate
from communique.backends.refusals import ErrorInAnswer
from communique.backends.retrying import Governor, RetryPolicy, governed
from communique.backends.wrapped_json import lacking
from communique.errors import (
    CommuniqueError,
    ContextExceededError,
    MalformedResponseError,
    RunStoppedError,
    TransientBackendError,
)
from communique.prompts.prompt import Prompt, most_tokens_in

Turns = list[dict[str, Any]]
_LOG = logging.getLogger("communique.backends")
LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Either name of the limit on an answer, and the other one."""
_LEAST_ROOM = 1024
_AGAIN = "Correct your JSON ONLY RESPONSE, based on the following errors:\n{}"


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


@dataclass(slots=True)
class Store:
    """What batches have brought."""

    lookup: Callable[[str], Stored | None]  # what there is for a turn
    live: bool = False  # whether what is missing is sent, under the governor
    # What was asked for and isn't stored, since it was emptied.
    missing: dict[str, Missing] = field(default_factory=dict)

    def find(self, request: Missing) -> Stored | None:
        """Return what there is for a request; None if it is to be sent. NotAnsweredError: it has to go into a batch."""
        stored = self.lookup(request.turn)
        if stored is None and not self.live:
            self.missing[request.turn] = request
            raise NotAnsweredError("the provider's batch has no answer yet")
        return stored


class RemoteBackend(BothBackend):
    """A backend over a network. Threads and event loops may share it; each loop has its own client."""

    host: str  # whom errors name
    shown: str  # the model, as errors call it
    store: Store | None = None  # what it holds isn't sent
    keys: tuple[str, ...] = ("OPENAI_API_KEY", "COMMUNIQUE_API_KEY")  # variables that hold the key, for errors
    proxy = ""  # host and port of the proxy before the server, for errors
    narrows = False
    judges = True
    context_tokens: int | None = None

    def __init__(self, model: str, policy: RetryPolicy | None) -> None:
        self.model = model
        self.policy = policy or RetryPolicy()
        self.governor = Governor()
        self._sampling: dict[str, Any] = {"temperature": 0}
        self._limit_name = "max_tokens"
        self._spare = {"temperature", "effort", "prompt_cache_key"}  # what a request can do without
        self._dropped: set[str] = set()
        self._room, self._most_room = 0, MOST_ROOM
        self._clients: RunVar[Any] = RunVar("communique clients")
        super().__init__(partial(_close, self._clients))

    @abstractmethod
    async def _send(self, turns: Turns, call: ChatCall) -> None:
        """Have turns answered; the answer and what it cost are in the call then."""

    @abstractmethod
    def _connect(self) -> Any:
        """Return a client for the running event loop; it has an async `close`."""

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer. Raises as `Backend.complete`, and DocumentTooLongError for the model's context."""
        call = ChatCall.of(prompt, self._room)
        started = self.policy.clock()
        while True:
            call.room = min(call.room, self._most_room)
            try:
                await self._until_whole(call)
                break
            except Exception as error:  # whatever an SDK and instructor raise becomes an error of ours
                if call.widen():
                    self._room = max(self._room, call.room)
                    continue
                ours = self.translated(error, prompt.document_id)
                ours.attempts, ours.tokens = call.attempts, call.usage.counts
                if isinstance(ours, MalformedResponseError):
                    ours.raw = ours.raw or call.text[:2000]
                raise ours from error
        if call.usage.reasoning_tokens and not call.room:
            self._room = max(self._room, ROOM)
        seconds = self.policy.clock() - started
        model = call.model or self.model
        return Completion(call.data or {}, call.bare, model, call.usage, seconds, call.attempts, call.turns - 1)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await _close(self._clients)

    def _client(self) -> Any:
        client = self._clients.get(None)
        if client is None:
            client = self._connect()
            self._clients.set(client)
        return client

    async def _until_whole(self, call: ChatCall) -> None:
        """Send the turns of a prompt, and what is wrong with an answer that lacks what was asked for."""
        turns: Turns = [{"role": m.role, "content": m.content} for m in call.prompt.messages]
        for _ in range(1 + call.prompt.reasks):
            with suppress(MalformedResponseError):
                await self._send(turns, call)
            if call.data is not None:
                return
            fault = _AGAIN.format(lacking(call.text, call.keys))
            turns = [*turns, {"role": "assistant", "content": call.text or "-"}, {"role": "user", "content": fault}]
        raise MalformedResponseError("the answer doesn't have the requested structure")

    def _stored(self, body: bytes, path: str, turns: Turns, call: ChatCall) -> str | None:
        """Return the response that a provider's batch brought for a request, as JSON text; None if it is to be sent.

        Raises NotAnsweredError where it has to go into a batch, and what the server said where there is no answer.
        """
        # by what is asked, not by how a server wants it put; with more room for reasoning, it is another request
        asked = json.dumps([self.model, turns, call.prompt.schema, call.widened], sort_keys=True, ensure_ascii=False)
        turn = hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()[:16]
        tokens = most_tokens_in(sum(len(str(turn["content"])) for turn in turns)) + call.limit
        stored = self.store.find(Missing(turn, body, self.model, path, tokens)) if self.store else None
        if stored is None:
            return None
        call.attempts += 1
        if stored.status == 200:
            return stored.body
        if stored.status:
            refused = ErrorInAnswer(json.loads(stored.body)["error"], stored.status)
            self._note(refused, call.prompt)
            raise refused
        error = TransientBackendError(f"no answer in any batch ({stored.body})", hint="use --retry-failed to try again")
        error.reason = stored.body or error.reason
        raise error

    async def _ask(self, call: ChatCall, post: Callable[[], Awaitable[object]]) -> None:
        """Make a request under the limits of the run, as often as it takes, and put as the model takes it."""

        async def send() -> None:
            while True:
                call.attempts += 1
                try:
                    response = await post()
                except Exception as error:
                    call.attempts -= isinstance(error, TypeError)  # the SDK has refused it, nothing was sent
                    self._note(error, call.prompt)
                    if not self._adapt(error, call):
                        raise
                else:
                    examined(response, call)
                    return

        await governed(
            send, self.policy, self.governor, reserve=call.reserve, spent=lambda: call.spent, translated=self.translated
        )

    def _note(self, refused: BaseException, prompt: Prompt) -> None:
        """Log at debug why a server refuses."""
        if _LOG.isEnabledFor(logging.DEBUG) and (reason := reason_of(refused, prompt)):
            _LOG.debug("%s says: %s", self.host, reason)

    def _adapt(self, error: BaseException, call: ChatCall) -> bool:
        """Put a request as this model or its SDK takes it, from now on. False if there is nothing to change."""
        refusal = refusal_of(error)
        name = refusal.param if refusal else ""
        limit = name in {*LIMITS, "max_output_tokens"}
        too_long = isinstance(self.translated(error), ContextExceededError)
        if refusal and call.room and (too_long or (limit and refusal.too_large)):
            call.room = call.room // 2 if call.room > _LEAST_ROOM else 0
            if not too_long:  # the model's bound, not that of a long prompt
                self._most_room = call.room
            return True
        if name in call.refused or (name == "effort" and call.prompt.effort is None):
            return False
        call.refused.add(name)
        if name in LIMITS and not (refusal and refusal.too_large):
            self._limit_name = LIMITS[name]
            return True
        if name not in self._spare:
            return False
        if name == "effort" and name not in self._dropped:
            _LOG.warning("%s doesn't take the effort %r: asked without it", self.host, call.prompt.effort)
        self._dropped.add(name)
        return True

    def translated(self, error: BaseException, document_id: str = "") -> CommuniqueError:
        """Return an error of ours for what went wrong."""
        found = translate(error, self.host, self.shown, " or ".join(self.keys), self.proxy)
        found.document_id = found.document_id or document_id or None
        return found


async def _close(clients: RunVar[Any]) -> None:
    """Close the client of the running event loop."""
    client = clients.get(None)
    if client is not None:
        clients.set(None)
        await client.close()
