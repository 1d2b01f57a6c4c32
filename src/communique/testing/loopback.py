"""A server on loopback, in a thread of its own, that answers request by request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Self


class HungUpError(Exception):
    """The connection is to be closed now."""


class LoopbackServer:
    """Listens on loopback. Use it as a context manager."""

    def __init__(self) -> None:
        self.connections = 0
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback-server", daemon=True)
        self._ready = threading.Event()
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Base URL for a client, ending in /v1."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request. Raises HungUpError to close the connection."""
        raise NotImplementedError

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
            asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20, backlog=1024)
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
                method, target, _ = lines[0].split(" ")
                await self._answer(method, target, headers, await _body(reader, headers), writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError, HungUpError):
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


def head_of(status: int, headers: Mapping[str, str], length: int) -> bytes:
    """Return the head of a response."""
    sent = {"content-type": "application/json", **headers, "content-length": str(length)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"HTTP/1.1 {status} {'OK' if status == 200 else 'Error'}\r\n{lines}\r\n".encode()
