"""The ways in which a `FakeServer` sends a response, or fails to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from communique.testing.faults import Fault

_CHUNK = b"x" * 65_536
_HUGE = 400 * 1024 * 1024


class HungUpError(Exception):
    """The connection is to be closed now."""


async def _whole(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    writer.write(start + payload)
    await writer.drain()


async def _hang(_writer: asyncio.StreamWriter, _start: bytes, _payload: bytes, _fault: Fault) -> None:
    await asyncio.Event().wait()


async def _slow_loris(writer: asyncio.StreamWriter, start: bytes, payload: bytes, fault: Fault) -> None:
    writer.write(start)
    for byte in payload:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(fault.pace)


async def _reset(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    writer.write(start + payload[: len(payload) // 2])
    await writer.drain()
    raise HungUpError


async def _cut(writer: asyncio.StreamWriter, start: bytes, payload: bytes, _fault: Fault) -> None:
    half = payload[: len(payload) // 2]
    lines = [line for line in start.split(b"\r\n") if line and not line.lower().startswith(b"content-length")]
    writer.write(b"\r\n".join([*lines, f"content-length: {len(half)}".encode(), b"", b""]) + half)
    await writer.drain()


async def _huge(writer: asyncio.StreamWriter, _start: bytes, _payload: bytes, _fault: Fault) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(_HUGE // len(_CHUNK)):
        writer.write(f"{len(_CHUNK):x}\r\n".encode() + _CHUNK + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")


SEND: dict[str, Callable[[asyncio.StreamWriter, bytes, bytes, Fault], Awaitable[None]]] = {
    "answer": _whole,
    "hang": _hang,
    "slow_loris": _slow_loris,
    "reset": _reset,
    "cut": _cut,
    "huge": _huge,
}
