"""The provider's Batch API: files up, a batch over them, files down.

Same key, host and retry layer as the chat endpoint.

A batch is never created twice: before a request to create one is tried again, the batch is looked for by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Concatenate, Literal, ParamSpec, TypeVar

import httpx2
import openai

from communique.backends.failures import translate
from communique.backends.refusals import retry_after
from communique.backends.retrying import OpenGate, governed
from communique.errors import CommuniqueError, OutputError, PermanentBackendError
from communique.schemas import Usage

if TYPE_CHECKING:
    from communique.backends.openai_chat import OpenAIBackend

P = ParamSpec("P")
T = TypeVar("T")
_Method = Callable[Concatenate["BatchEndpoint", P], Coroutine[Any, Any, T]]

TRANSFER_DEADLINE = 1800.0
"""Seconds for one file of up to 200 MB."""
_MARK = "communique"
_SLACK = 86_400.0
"""Seconds by which the provider's clock may differ from ours when a batch is looked for."""


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

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in {"completed", "failed", "expired", "cancelled"}


def _tried(*, transfer: bool = False) -> Callable[[_Method[P, T]], _Method[P, T]]:
    """Let a method of the endpoint be tried as often as its policy says; a transfer of a file has more time."""

    def decorated(method: _Method[P, T]) -> _Method[P, T]:
        @wraps(method)
        async def tried(self: BatchEndpoint, /, *args: P.args, **options: P.kwargs) -> T:
            policy = self.policy
            if transfer:
                policy = replace(policy, attempt_deadline=TRANSFER_DEADLINE, call_deadline=2 * TRANSFER_DEADLINE)
            ask = partial(method, self, *args, **options)
            return await governed(ask, policy, OpenGate(), reserve=0, spent=Usage, translated=self.translated)

        return tried

    return decorated


class BatchEndpoint:
    """Files and batches of the server that a chat backend asks, with its address, key and patience."""

    def __init__(self, backend: OpenAIBackend) -> None:
        self.host = backend.endpoint.host
        self._model = backend.model
        self._path: Any = f"/v1{backend.path}"
        self.policy = backend.policy
        self._client = openai.AsyncOpenAI(
            api_key=backend.endpoint.key,
            base_url=backend.endpoint.url,
            default_query=dict(backend.endpoint.query),
            default_headers=backend.endpoint.headers,
            max_retries=0,
            timeout=httpx2.Timeout(60.0, connect=5.0),
            http_client=httpx2.AsyncClient(follow_redirects=True),
        )

    @_tried(transfer=True)
    async def upload(self, path: Path, name: str) -> str:
        """Send a file of requests, JSON Lines, under this name; return the file's id.

        Raises:
            communique.errors.BackendError: It did not work.
            communique.errors.OutputError: The file can't be read.
        """
        with _ours(path, "rb") as stream:
            made = await self._client.files.create(file=(f"{name}.jsonl", stream, "application/jsonl"), purpose="batch")
        return made.id

    @_tried()
    async def find_file(self, name: str, since: float) -> str:
        """Return the id of the file uploaded under that name, not before `since` (seconds of the epoch), or ""."""
        async for file in self._client.files.list(purpose="batch", order="desc", limit=100):
            if file.filename == f"{name}.jsonl":
                return file.id
            if file.created_at < since - _SLACK:
                break
        return ""

    async def create(self, file_id: str, name: str, since: float) -> RemoteBatch:
        """Start a batch over a file, unless there is one of that name, which was chosen at `since`."""
        asked = False

        @_tried()
        async def start(self: BatchEndpoint) -> RemoteBatch:
            nonlocal asked
            if asked and (found := await self._look(name, since)) is not None:
                return found
            asked = True
            made = await self._client.batches.create(
                input_file_id=file_id,
                endpoint=self._path,
                completion_window="24h",
                metadata={_MARK: name},
                extra_headers={"Idempotency-Key": name},
            )
            return _remote(made)

        return await start(self)

    @_tried()
    async def find(self, name: str, since: float) -> RemoteBatch | None:
        """Return the batch of that name, or None. See `create`."""
        return await self._look(name, since)

    @_tried()
    async def retrieve(self, batch_id: str) -> RemoteBatch:
        """Return how far a batch is."""
        answer = await self._client.batches.with_raw_response.retrieve(batch_id)
        return replace(_remote(answer.parse()), retry_after=retry_after(answer.headers))

    @_tried(transfer=True)
    async def download(self, file_id: str, path: Path) -> bool:
        """Write a file of answers to `path`; False if the provider no longer has it.

        Raises:
            communique.errors.BackendError: It did not work.
            communique.errors.OutputError: The file can't be written.
        """
        try:
            async with self._client.files.with_streaming_response.content(file_id) as answer:
                with _ours(path, "wb") as stream:
                    async for chunk in answer.iter_bytes(1 << 20):
                        stream.write(chunk)
        except openai.NotFoundError:
            return False
        return True

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _look(self, name: str, since: float) -> RemoteBatch | None:
        async for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(_MARK) == name:
                return _remote(batch)
            if batch.created_at < since - _SLACK:
                break
        return None

    def translated(self, error: Exception) -> CommuniqueError:
        """Return an error of ours for what went wrong."""
        if isinstance(error, openai.APIStatusError) and error.status_code in {404, 405, 501}:
            return PermanentBackendError(
                f"{self.host} has no {error.request.url.path} (HTTP {error.status_code})",
                hint="if the server has no Batch API, omit --provider-batch",
            )
        ours = translate(error, host=self.host, model=self._model)
        if ours.reason == "bad_request":
            return PermanentBackendError(str(ours), hint="the server doesn't accept this file or this batch")
        return ours


@contextmanager
def _ours(path: Path, mode: Literal["rb", "wb"]) -> Iterator[BinaryIO]:
    """Give a file whose faults are said to be its own, not the network's: nothing mends them but its owner."""
    try:
        with path.open(mode) as stream:
            yield stream
    except (ConnectionError, TimeoutError):
        raise
    except OSError as error:
        done = "read" if mode == "rb" else "written"
        raise OutputError(
            f"{path} can't be {done}: {error.strerror}", hint="free some space, then run the same command again"
        ) from error


def _remote(batch: Any) -> RemoteBatch:
    counts, errors = batch.request_counts, batch.errors.data if batch.errors else None
    return RemoteBatch(
        id=batch.id,
        status=str(batch.status),
        output_file=batch.output_file_id or "",
        error_file=batch.error_file_id or "",
        total=counts.total if counts else 0,
        done=(counts.completed + counts.failed) if counts else 0,
        code=str(errors[0].code or "") if errors else "",
    )
