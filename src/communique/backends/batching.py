"""Which backends have a provider's batch, and what it takes to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from communique.backends.anthropic_batches import AnthropicBatches
from communique.backends.backend import AsyncBackend
from communique.backends.openai_batches import OpenAIBatches
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.provider_batch import BatchEndpoint
from communique.backends.provider_batch_replay import Store, StoredAnswers
from communique.backends.remote import RemoteBackend
from communique.backends.retrying import Governor

if TYPE_CHECKING:
    from communique.backends.instructor_provider import InstructorBackend


def batch_api(backend: AsyncBackend) -> str:
    """Return whose Batch API a backend can be asked by: `openai`, `anthropic`, or ""."""
    if isinstance(backend, OpenAIBackend):
        return "openai"
    return "anthropic" if isinstance(backend, RemoteBackend) and backend.name == "anthropic" else ""


def share_batches(backend: AsyncBackend, other: AsyncBackend) -> bool:
    """Tell whether two backends ask the same server, so that their requests can go into its batches."""
    first, second = (cast("Any", b) for b in (backend, other))
    return batch_api(first) == batch_api(second) != "" and first.endpoint == second.endpoint


def batches_of(backend: AsyncBackend) -> BatchEndpoint:
    """Return the batches of a backend's server; `batch_api` has to know it."""
    if isinstance(backend, OpenAIBackend):
        return OpenAIBatches(backend)
    return AnthropicBatches(cast("InstructorBackend", backend))


def replayed(backend: AsyncBackend, store: Store, governor: Governor) -> AsyncBackend:
    """Return what a backend would ask live, answered from a store; `batch_api` has to know it."""
    if isinstance(backend, OpenAIBackend):
        return StoredAnswers(backend, store, governor)
    from communique.backends.message_replay import StoredMessages

    return StoredMessages(cast("InstructorBackend", backend), store, governor)
