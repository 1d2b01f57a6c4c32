"""A server and a question, for backends that are asked over HTTP."""

import httpx2
import pytest

from communique.prompts.prompt import Message, Prompt
from communique.prompts.wire import full_schema
from communique.schemas import STANDARD_RECORDS
from communique.testing import FakeServer


@pytest.fixture
def server():
    with FakeServer() as running:
        yield running


@pytest.fixture
def bounds(monkeypatch):
    """The seconds that each phase of each request may take, as they are sent."""
    seen = []
    send = httpx2.AsyncClient.send

    async def noted(self, request, **options):
        seen.append(request.extensions["timeout"])
        return await send(self, request, **options)

    monkeypatch.setattr(httpx2.AsyncClient, "send", noted)
    return seen


@pytest.fixture
def prompt():
    return Prompt(
        messages=(
            Message("system", "Read."),
            Message("user", "[1] The minister {{ met }} the envoy.\n  [2] {% raw %}"),
        ),
        schema=full_schema(STANDARD_RECORDS),
        fingerprint="0" * 16,
        document_id="doc-1",
    )
