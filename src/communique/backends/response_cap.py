"""A bound on the size of an answer, counted after decompression, so that neither 400 MB nor a gzip bomb fills memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2

from communique.errors import ResponseTooLargeError

MAX_BYTES = 8 * 1024 * 1024


def response_cap(limit: int = MAX_BYTES) -> Callable[[httpx2.Response], Awaitable[None]]:
    """Return a response hook for an `httpx2.AsyncClient` that cuts bodies at `limit` bytes."""

    async def cap(response: httpx2.Response) -> None:
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            await response.aclose()
            raise _too_large(limit)
        encoding = response.headers.get("content-encoding", "identity")
        response.stream = _Capped(response, limit, decode=encoding != "identity")
        if encoding != "identity":
            del response.headers["content-encoding"]

    return cap


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, response: httpx2.Response, limit: int, *, decode: bool) -> None:
        self._inner = response.stream
        self._limit = limit
        self._decoded: httpx2.Response | None = None
        if decode:
            self._decoded = httpx2.Response(
                response.status_code,
                headers=response.headers,
                stream=response.stream,
                request=response.request,
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        chunks = self._decoded.aiter_bytes() if self._decoded else self._inner
        async for chunk in chunks:  # type: ignore[union-attr]
            size += len(chunk)
            if size > self._limit:
                raise _too_large(self._limit)
            yield chunk

    async def aclose(self) -> None:
        if isinstance(self._inner, httpx2.AsyncByteStream):
            await self._inner.aclose()


def _too_large(limit: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"the answer is larger than {limit // (1024 * 1024)} MiB")
