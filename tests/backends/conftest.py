"""A server and a question, for backends that are asked over HTTP."""

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
