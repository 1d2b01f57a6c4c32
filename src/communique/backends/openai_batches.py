"""OpenAI's Batch API: files up, a batch over them, files down."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import openai

from communique.backends.answer_store import Missing
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch import SLACK, BatchEndpoint, Planned, RemoteBatch, ours
from communique.backends.refusals import retry_after

_MARK = "communique"


class OpenAIBatches(BatchEndpoint):
    """Files and batches of OpenAI, or of a server that keeps them as it does. A batch has its name in its metadata."""

    def __init__(self, backend: OpenAIBackend) -> None:
        super().__init__(backend)
        self._sent: dict[str, str] = {}  # ids of files, by the name of their batch
        self._path: Any = f"/v1{backend.path}"
        self._client = openai.AsyncOpenAI(
            api_key=backend.endpoint.key,
            base_url=backend.endpoint.url,
            default_query=dict(backend.endpoint.query),
            default_headers=backend.endpoint.headers,
            max_retries=0,
            timeout=httpx2.Timeout(60.0, connect=5.0),
            http_client=httpx2.AsyncClient(follow_redirects=True),
        )

    def line(self, name: str, custom_id: str, missing: Missing) -> bytes:
        """See `BatchEndpoint.line`."""
        head = f'{{"custom_id":"{custom_id}","method":"POST","url":"{missing.path}","body":'
        return head.encode() + missing.body + b"}\n"

    async def aclose(self) -> None:
        """See `BatchEndpoint.aclose`."""
        await self._client.close()

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
        return _remote(made)

    async def _retrieve(self, batch_id: str) -> RemoteBatch:
        answer = await self._client.batches.with_raw_response.retrieve(batch_id)
        return replace(_remote(answer.parse()), retry_after=retry_after(answer.headers))

    async def _look(self, planned: Planned) -> RemoteBatch | None:
        async for batch in self._client.batches.list(limit=100):
            if (batch.metadata or {}).get(_MARK) == planned.name:
                return _remote(batch)
            if batch.created_at < planned.at - SLACK:
                break
        return None

    def _content(self, file_id: str) -> AbstractAsyncContextManager[Any]:
        return self._client.files.with_streaming_response.content(file_id)


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
