"""FakeServer: OpenAI's and Anthropic's protocols on loopback, in a thread, with scripted answers and faults."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Self

from communique.testing.chat_wires import (
    FAULTS,
    MESSAGES,
    RESPONSES,
    Answer,
    Fault,
    anthropic_message,
    content_of,
    empty_answer,
    error_of,
    openai_answer,
    send,
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came in."""

    at: float  # `time.monotonic()` at its last byte
    path: str  # of the URL
    body: dict[str, Any]  # parsed
    fault: str  # name of the fault that it met, or ""
    headers: dict[str, str] = field(default_factory=dict)  # by lower-case name


@dataclass(slots=True)
class _Rule:
    name: str
    fault: Fault
    left: float
    when: Callable[[dict[str, Any]], bool] | None


class LoopbackServer:
    """Listens on loopback, in a thread of its own, and answers request by request. Use it as a context manager."""

    def __init__(self) -> None:
        self.connections = 0
        self._port = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), name="loopback", daemon=True)
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Base URL for a client, ending in /v1."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request. A ConnectionError closes the connection."""
        raise NotImplementedError

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        self._ready.wait(10)
        return self

    def stop(self) -> None:
        """Close all connections and stop."""
        self._stop()
        if self._thread.ident is not None:
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._stop = lambda: loop.is_closed() or loop.call_soon_threadsafe(stopped.set)
        self._ready.set()
        await stopped.wait()
        server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
                method, target, _ = lines[0].split(" ")
                await self._answer(method, target, headers, await _body(reader, headers), writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # cancelled when the server stops; asyncio would print it
        finally:
            self._open.discard(writer)
            writer.transport.abort()


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    found = b""
    while size := int(await reader.readline(), 16):
        found += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return found


@dataclass(eq=False, repr=False)
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

    answer: Answer | None = empty_answer
    _: KW_ONLY
    latency: float = 0.0
    key: str | None = None
    revoke_after: int | None = None
    model: str | None = None
    thinking: int = 0
    reads: int | None = None
    keep_bodies: bool = True

    def __post_init__(self) -> None:
        super().__init__()
        self.arrivals: list[Arrival] = []
        self.in_flight = 0
        self.looks = 0
        self._rules: list[_Rule] = []

    @property
    def requests(self) -> int:
        """Requests so far."""
        return len(self.arrivals)

    def fail(
        self, fault: str | Fault, *, times: int | None = None, when: Callable[[dict[str, Any]], bool] | None = None
    ) -> Self:
        """Answer the next requests with a fault; rules are tried in the order they were made.

        Args:
            fault: A name of `communique.testing.FAULTS`, or a fault.
            times: How often; for ever if None.
            when: Only for requests of which this is true.
        """
        name, shown = (fault, FAULTS[fault]) if isinstance(fault, str) else ("custom", fault)
        self._rules.append(_Rule(name, shown, times or float("inf"), when))
        return self

    def heal(self) -> None:
        """Forget all faults."""
        self._rules.clear()

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        body: dict[str, Any] = {}
        with suppress(ValueError):  # a file, which no path here takes
            body = json.loads(raw)
        self.in_flight += 1
        try:
            await self._respond(target, headers, body, writer)
        finally:
            self.in_flight -= 1

    async def _respond(
        self, target: str, headers: dict[str, str], body: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        path = target.partition("?")[0]
        if path.endswith("/models"):
            await self._list_models(headers, writer)
            return
        name, fault = self._fault_for(path, headers, body)
        self.arrivals.append(Arrival(time.monotonic(), target, body if self.keep_bodies else {}, name, headers))
        if self.latency:
            await asyncio.sleep(self.latency)
        await send(writer, self._payload(path, body, fault) if fault.body is None else fault.body, fault)

    async def _list_models(self, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        """Answer a look at the models; it is counted in `looks`, not in `arrivals`."""
        self.looks += 1
        always = [rule.fault for rule in self._rules if rule.left == float("inf") and rule.when is None]
        refused = self._fault_for("/models", headers, {})[0] == "401" or FAULTS["401"] in always
        status = 401 if refused else 404 if self.model is None else 200
        await send(writer, json.dumps({"data": [{"id": self.model}]} if status == 200 else {}).encode(), Fault(status))

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
        text = content_of((self.answer or empty_answer)(body) if fault.content is None else fault.content)
        if path.endswith(MESSAGES):
            return json.dumps(anthropic_message(body, text, fault)).encode()
        answer = openai_answer(path, body, text, fault, self.thinking)
        if self.reads is not None:
            counted = "input_tokens" if path.endswith(RESPONSES) else "prompt_tokens"
            answer["usage"][counted] = min(self.reads, answer["usage"][counted])
        return json.dumps(answer).encode()


def key_of(headers: dict[str, str]) -> str:
    """Return the API key of a request: a bearer token, or Anthropic's own header."""
    return headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
