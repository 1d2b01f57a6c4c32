"""A provider's batches, requests up and answers down: what the providers share, and OpenAI's Batch API.

Same key, host and retry layer as live. None is created twice: before it is asked for again, it is looked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeVar

import httpx2

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.refusals import retry_after
from communique.backends.remote import Missing, RemoteBackend
from communique.backends.retrying import governed
from communique.errors import CommuniqueError, OutputError, PermanentBackendError

T = TypeVar("T")

TRANSFER_DEADLINE = 1800.0  # seconds for one file of up to 200 MB
REFUSED = {*range(400, 500), 501} - {408, 409, 425}  # HTTP statuses after which a batch is surely not there
_MARK = "communique"  # key of the metadata that holds a batch's name
SLACK = 86_400.0  # seconds by which the provider's clock may differ from ours when a batch is looked for


@dataclass(frozen=True, slots=True)
class RemoteBatch:
    """A batch as the provider shows it."""

    id: str
    status: str  # validating, in_progress, finalizing, cancelling; or completed, failed, expired, cancelled
    output_file: str = ""  # file with the answers, or ""
    error_file: str = ""  # file with the requests that have none, or ""
    total: int = 0
    done: int = 0  # requests answered so far
    code: str = ""  # why it failed as a whole, or ""
    retry_after: float | None = None  # seconds until it should be looked at again, if the server says so
    certain: bool = True  # whether it is the one that was looked for; else that is known once it has ended

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in {"completed", "failed", "expired", "cancelled"}


@dataclass(frozen=True, slots=True)
class Planned:
    """A batch of ours that has not come to its end, as it is written down before anything is sent."""

    name: str  # ours; the provider keeps it in the batch's metadata, or in the keys of the requests
    batch_id: str  # the provider's, or "" if it isn't known to be there
    requests: int
    at: float  # when it was planned, in seconds of the epoch
    others: frozenset[str] = frozenset()  # the provider's ids of batches that are known to be others


class BatchEndpoint(ABC):
    """The batches of the server that a backend asks, with its address, key and patience."""

    def __init__(self, backend: RemoteBackend) -> None:
        self.asked: set[str] = set()  # names of batches that the server was asked for and has not refused
        self.host = backend.host
        self.refused = backend.translated  # as if it were about a single request
        self._policy = replace(backend.policy, attempt_deadline=TRANSFER_DEADLINE, call_deadline=2 * TRANSFER_DEADLINE)

    @abstractmethod
    def line(self, name: str, custom_id: str, missing: Missing) -> bytes:
        """Return a line of the file of requests of the batch of that name."""

    async def create(self, path: Path, planned: Planned) -> RemoteBatch:
        """Start a batch over a file of requests, JSON Lines, unless there is one.

        Return it, or one that may be it, or one that has failed and has no id if the server refuses it.

        Raises:
            communique.errors.BackendError: It did not work; the batch may be there if its name is in `asked`.
            communique.errors.OutputError: The file can't be read.
        """
        self.asked.discard(planned.name)

        async def start() -> RemoteBatch:
            again = planned.name in self.asked
            if again and (found := await self._look(planned)) is not None:
                return found
            try:
                return await self._create(path, planned)
            except Exception as error:
                if not again and getattr(error, "status_code", 0) in REFUSED:
                    self.asked.discard(planned.name)
                raise

        return await self._tried(start)

    async def find(self, planned: Planned) -> RemoteBatch | None:
        """Return the batch that was to be sent, or one that may be it, or None."""
        return await self._tried(partial(self._look, planned))

    async def retrieve(self, batch_id: str) -> RemoteBatch:
        """Return how far a batch is."""

        async def looked() -> RemoteBatch:
            answer = await self._batches.with_raw_response.retrieve(batch_id)
            parsed = answer.parse()
            parsed = await parsed if isawaitable(parsed) else parsed
            return replace(self._remote(parsed), retry_after=retry_after(answer.headers))

        return await self._tried(looked)

    async def download(self, file_id: str, path: Path) -> bool:
        """Write a file of answers to `path`; False if the provider no longer has it. Raises as `create`."""

        async def written() -> bool:
            try:
                async with self._content(file_id) as answer:
                    with ours(path, "wb") as stream:
                        async for chunk in answer.iter_bytes(1 << 20):
                            stream.write(chunk)
            except Exception as error:
                if getattr(error, "status_code", None) == 404:
                    return False
                raise
            return True

        return await self._tried(written)

    async def aclose(self) -> None:  # noqa: B027 - there may be none
        """Close the connections that are its own."""

    @abstractmethod
    async def _create(self, path: Path, planned: Planned) -> RemoteBatch:
        """Ask for a batch; its name is in `asked` from then on."""

    @property
    @abstractmethod
    def _batches(self) -> Any:
        """The SDK's resource."""

    @staticmethod
    @abstractmethod
    def _remote(batch: Any) -> RemoteBatch:
        """Return what the SDK says of a batch."""

    @abstractmethod
    async def _look(self, planned: Planned) -> RemoteBatch | None: ...

    @abstractmethod
    def _content(self, file_id: str) -> AbstractAsyncContextManager[Any]:
        """Return the SDK's stream of a file of answers."""

    async def _tried(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Make a request as often as the policy says."""
        return await governed(ask, self._policy, translated=self._translated)

    def _translated(self, error: Exception) -> CommuniqueError:
        status, request = getattr(error, "status_code", None), getattr(error, "request", None)
        if status in {404, 405, 501} and request is not None:
            hint = "if the server has no Batch API, omit --provider-batch"
            return PermanentBackendError(f"{self.host} has no {request.url.path} (HTTP {status})", hint=hint)
        found = self.refused(error)
        if found.reason == "bad_request":
            return PermanentBackendError(found.message, hint="the server doesn't accept this file or this batch")
        return found


@contextmanager
def ours(path: Path, mode: Literal["rb", "wb"]) -> Iterator[BinaryIO]:
    """Give a file whose faults are said to be its own, not the network's: nothing mends them but its owner."""
    try:
        with path.open(mode) as stream:
            yield stream
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        done, hint = "read" if mode == "rb" else "written", "free some space, then run the same command again"
        raise OutputError(f"{path} can't be {done}: {error.strerror}", hint=hint) from error


class OpenAIBatches(BatchEndpoint):
    """Files and batches of OpenAI, or of a server that keeps them as it does. A batch has its name in its metadata."""

    def __init__(self, backend: OpenAIBackend) -> None:
        super().__init__(backend)
        self._sent: dict[str, str] = {}  # ids of files, by the name of their batch
        self._path: Any = f"/v1{backend.path}"
        bounds = httpx2.Timeout(60.0, connect=5.0)
        self._client = backend.sdk(httpx2.AsyncClient(follow_redirects=True), bounds)

    def line(self, name: str, custom_id: str, missing: Missing) -> bytes:
        """See `BatchEndpoint.line`."""
        head = f'{{"custom_id":"{custom_id}","method":"POST","url":"{missing.path}","body":'
        return head.encode() + missing.body + b"}\n"

    async def aclose(self) -> None:
        """See `BatchEndpoint.aclose`."""
        await self._client.close()

    @property
    def _batches(self) -> Any:
        return self._client.batches

    async def _create(self, path: Path, planned: Planned) -> RemoteBatch:
        if planned.name not in self._sent:  # once, however often a batch over it has to be asked for
            with ours(path, "rb") as stream:
                named = (f"{planned.name}.jsonl", stream, "application/jsonl")
                self._sent[planned.name] = (await self._client.files.create(file=named, purpose="batch")).id
        self.asked.add(planned.name)
        made = await self._client.batches.create(
            input_file_id=self._sent[planned.name],
            endpoint=self._path,
            completion_window="24h",
            metadata={_MARK: planned.name},
            extra_headers={"Idempotency-Key": planned.name},
        )
        return self._remote(made)

    async def _look(self, planned: Planned) -> RemoteBatch | None:
        async for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(_MARK) == planned.name:
                return self._remote(batch)
            if batch.created_at < planned.at - SLACK:
                break
        return None

    def _content(self, file_id: str) -> AbstractAsyncContextManager[Any]:
        return self._client.files.with_streaming_response.content(file_id)

    @staticmethod
    def _remote(batch: Any) -> RemoteBatch:
        counts, errors = batch.request_counts, batch.errors.data if batch.errors else None
        total, done = (counts.total, counts.completed + counts.failed) if counts else (0, 0)
        code = str(errors[0].code or "") if errors else ""
        output, error = batch.output_file_id or "", batch.error_file_id or ""
        return RemoteBatch(batch.id, str(batch.status), output, error, total, done, code)
