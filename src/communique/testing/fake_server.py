"""FakeServer: OpenAI's and Anthropic's protocols on loopback, in a thread, with scripted answers and faults."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from communique.testing.chat_wires import (
    MESSAGES,
    RESPONSES,
    Answer,
    anthropic_message,
    content_of,
    empty_answer,
    error_of,
    key_of,
    openai_answer,
)
from communique.testing.faults import FAULTS, SEND, Fault
from communique.testing.loopback import LoopbackServer, head_of

__all__ = ["Answer", "Arrival", "FakeServer", "empty_answer"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came in.

    Attributes:
        at: `time.monotonic()` at its last byte.
        path: Path of the URL.
        body: The request, parsed.
        fault: Name of the fault that it met, or "".
        headers: Its headers, by lower-case name.
    """

    at: float
    path: str
    body: dict[str, Any]
    fault: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Rule:
    name: str
    fault: Fault
    left: float
    when: Callable[[dict[str, Any]], bool] | None


class FakeServer(LoopbackServer):
    """An OpenAI-compatible server on loopback. Use it as a context manager.

    Args:
        answer: Gives the content (an object or a string) for a request; an empty answer of the asked shape if None.
        latency: Seconds before each answer.
        key: The only key that is accepted; any if None.
        revoke_after: From this request on the key is refused.
        model: The only model there is; any if None.
        thinking: Tokens for which the model thinks before it answers; they count against the limit of an answer.
        reads: Most tokens of a prompt that the model reads; what is beyond them is cut off in silence.
        keep_bodies: Keep the requests' bodies in `arrivals` (False for long runs).
    """

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        latency: float = 0.0,
        key: str | None = None,
        revoke_after: int | None = None,
        model: str | None = None,
        thinking: int = 0,
        reads: int | None = None,
        keep_bodies: bool = True,
    ) -> None:
        super().__init__()
        self.answer = answer or empty_answer
        self.latency = latency
        self.key = key
        self.revoke_after = revoke_after
        self.model = model
        self.thinking = thinking
        self.reads = reads
        self.keep_bodies = keep_bodies
        self.arrivals: list[Arrival] = []
        self.in_flight = 0
        self.looks = 0
        self._rules: list[_Rule] = []

    @property
    def requests(self) -> int:
        """Requests so far."""
        return len(self.arrivals)

    def fail(
        self,
        fault: str | Fault,
        *,
        times: int | None = None,
        when: Callable[[dict[str, Any]], bool] | None = None,
    ) -> Self:
        """Answer the next requests with a fault; rules are tried in the order they were made.

        Args:
            fault: A name of `communique.testing.FAULTS`, or a fault.
            times: How often; for ever if None.
            when: Only for requests of which this is true.
        """
        name = fault if isinstance(fault, str) else "custom"
        rule = _Rule(name, FAULTS[fault] if isinstance(fault, str) else fault, times or float("inf"), when)
        self._rules.append(rule)
        return self

    def heal(self) -> None:
        """Forget all faults."""
        self._rules.clear()

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:  # a file, which no path here takes
            body = {}
        self.in_flight += 1
        try:
            await self._respond(target, headers, body, writer)
        finally:
            self.in_flight -= 1

    async def _respond(
        self, path: str, headers: dict[str, str], body: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        whole, path = path, path.partition("?")[0]
        if path.endswith("/models"):
            await self._list_models(headers, writer)
            return
        name, fault = self._fault_for(path, headers, body)
        self.arrivals.append(Arrival(time.monotonic(), whole, body if self.keep_bodies else {}, name, headers))
        if self.latency:
            await asyncio.sleep(self.latency)
        payload = fault.body if fault.body is not None else self._payload(path, body, fault)
        start = head_of(fault.status, fault.sent_headers(), len(payload))
        await SEND[fault.way](writer, start, payload, fault)

    async def _list_models(self, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        """Answer a look at the models; it is counted in `looks`, not in `arrivals`."""
        self.looks += 1
        always = [rule.fault for rule in self._rules if rule.left == float("inf") and rule.when is None]
        refused = self._fault_for("/models", headers, {})[0] == "401" or FAULTS["401"] in always
        status = 401 if refused else 404 if self.model is None else 200
        told: dict[str, Any] = {"data": [{"id": self.model}]} if status == 200 else {"error": {"message": "no"}}
        payload = json.dumps(told).encode()
        writer.write(head_of(status, {}, len(payload)) + payload)
        await writer.drain()

    def _fault_for(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[str, Fault]:
        revoked = self.revoke_after is not None and len(self.arrivals) >= self.revoke_after
        if revoked or (self.key is not None and key_of(headers) != self.key):
            return "401", FAULTS["401"]
        if not path.endswith(("/chat/completions", MESSAGES, RESPONSES)):
            return "404", FAULTS["404"]
        if self.model is not None and body.get("model") != self.model:
            return "404_model", FAULTS["404_model"]
        for rule in self._rules:
            if rule.left > 0 and (rule.when is None or rule.when(body)):
                rule.left -= 1
                return rule.name, rule.fault
        return "", Fault(finish_reason="stop")

    def _payload(self, path: str, body: dict[str, Any], fault: Fault) -> bytes:
        if fault.status != 200:
            return json.dumps(error_of(path, fault)).encode()
        text = content_of(fault.content if fault.content is not None else self.answer(body))
        if path.endswith(MESSAGES):
            return json.dumps(anthropic_message(body, text, fault)).encode()
        answer = openai_answer(path, body, text, fault, self.thinking)
        if self.reads is not None:
            counted = "input_tokens" if path.endswith(RESPONSES) else "prompt_tokens"
            answer["usage"][counted] = min(self.reads, answer["usage"][counted])
        return json.dumps(answer).encode()
