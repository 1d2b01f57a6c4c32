"""FakeServer: OpenAI's and Anthropic's chat protocols on loopback, in a thread, with scripted answers and faults."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from communique.testing.chat_wires import (
    MESSAGES,
    anthropic_message,
    empty_answer,
    error_of,
    key_of,
    openai_chat,
)
from communique.testing.faults import FAULTS, Fault
from communique.testing.sending import SEND, HungUpError

__all__ = ["Answer", "Arrival", "FakeServer", "empty_answer"]

Answer = Callable[[dict[str, Any]], dict[str, Any] | str]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that came in.

    Attributes:
        at: `time.monotonic()` at its last byte.
        document: 16 hex digits of the SHA-256 of the last message, which holds the article.
        path: Path of the URL.
        body: The request, parsed.
        fault: Name of the fault that it met, or "".
        headers: Its headers, by lower-case name.
    """

    at: float
    document: str
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


class FakeServer:
    """An OpenAI-compatible server on loopback. Use it as a context manager.

    Args:
        answer: Gives the content (an object or a string) for a request; an empty answer of the asked shape if None.
        latency: Seconds before each answer.
        key: The only key that is accepted; any if None.
        revoke_after: From this request on the key is refused.
        model: The only model there is; any if None.
        keep_bodies: Keep the requests' bodies in `arrivals` (False for long runs).
        port: Port, or 0 for a free one.
    """

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        latency: float = 0.0,
        key: str | None = None,
        revoke_after: int | None = None,
        model: str | None = None,
        keep_bodies: bool = True,
        port: int = 0,
    ) -> None:
        self.answer = answer or empty_answer
        self.latency = latency
        self.key = key
        self.revoke_after = revoke_after
        self.model = model
        self.keep_bodies = keep_bodies
        self.arrivals: list[Arrival] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        self.looks = 0
        self._rules: list[_Rule] = []
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fake-server", daemon=True)
        self._ready = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Base URL for a client, ending in /v1."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def requests(self) -> int:
        """Requests so far."""
        return len(self.arrivals)

    @property
    def per_document(self) -> Counter[str]:
        """Requests by document (see `Arrival.document`)."""
        return Counter(a.document for a in self.arrivals)

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

    def start(self) -> Self:
        """Listen."""
        self._thread.start()
        self._ready.wait(10)
        return self

    def stop(self) -> None:
        """Close all connections and stop."""
        if self._loop.is_running():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self._port, limit=1 << 20, backlog=1024)
        )
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for writer in self._open:
            writer.transport.abort()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                body = json.loads(raw) if raw else {}
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self._respond(lines[0].split(" ")[1], headers, body, writer)
                finally:
                    self.in_flight -= 1
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, HungUpError):
            pass  # cancelled when the server stops; asyncio would print it
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _respond(
        self, path: str, headers: dict[str, str], body: dict[str, Any], writer: asyncio.StreamWriter
    ) -> None:
        whole, path = path, path.partition("?")[0]
        if path.endswith("/models"):
            await self._list_models(headers, writer)
            return
        name, fault = self._fault_for(path, headers, body)
        document = hashlib.sha256(str((body.get("messages") or [{}])[-1].get("content", "")).encode()).hexdigest()[:16]
        self.arrivals.append(
            Arrival(time.monotonic(), document, whole, body if self.keep_bodies else {}, name, headers)
        )
        if self.latency:
            await asyncio.sleep(self.latency)
        payload = fault.body if fault.body is not None else self._payload(path, body, fault)
        sent = {
            "content-type": "application/json",
            **fault.sent_headers(),
            "content-length": str(len(payload)),
        }
        head = f"HTTP/1.1 {fault.status} {'OK' if fault.status == 200 else 'Error'}\r\n"
        start = (head + "".join(f"{k}: {v}\r\n" for k, v in sent.items()) + "\r\n").encode()
        await SEND[fault.way](writer, start, payload, fault)

    async def _list_models(self, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        """Answer a look at the models; it is counted in `looks`, not in `arrivals`."""
        self.looks += 1
        always = [rule.fault for rule in self._rules if rule.left == float("inf") and rule.when is None]
        refused = self._fault_for("/models", headers, {})[0] == "401" or FAULTS["401"] in always
        status = 401 if refused else 404 if self.model is None else 200
        told: dict[str, Any] = {"data": [{"id": self.model}]} if status == 200 else {"error": {"message": "no"}}
        payload = json.dumps(told).encode()
        head = f"HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\n"
        writer.write(f"{head}content-length: {len(payload)}\r\n\r\n".encode() + payload)
        await writer.drain()

    def _fault_for(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> tuple[str, Fault]:
        revoked = self.revoke_after is not None and len(self.arrivals) >= self.revoke_after
        if revoked or (self.key is not None and key_of(headers) != self.key):
            return "401", FAULTS["401"]
        if not path.endswith(("/chat/completions", MESSAGES)):
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
        content: Any = fault.content if fault.content is not None else self.answer(body)
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        if path.endswith(MESSAGES):
            return json.dumps(anthropic_message(body, text, fault)).encode()
        return json.dumps(openai_chat(body, text, fault)).encode()
