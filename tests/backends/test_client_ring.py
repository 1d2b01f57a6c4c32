"""The ring of clients: one as long as one will do."""

import asyncio

import openai
import pytest

from communique.backends.client_ring import PER_CLIENT, ClientRing
from communique.backends.openai_chat import OpenAIBackend
from communique.prompts.prompt import Message, Prompt
from communique.prompts.wire import full_schema, response_model
from communique.schemas import STANDARD_RECORDS
from communique.testing import FakeServer


def make():
    return openai.AsyncOpenAI(api_key="-", base_url="http://127.0.0.1:1/v1")


def test_requests_one_after_another_use_one_client():
    ring = ClientRing(make)
    for _ in range(20):
        with ring.lent():
            pass
    assert len(ring) == 1


def test_another_client_is_opened_when_the_first_is_busy():
    ring = ClientRing(make)
    lent = [ring.lent() for _ in range(PER_CLIENT + 1)]
    clients = [one.__enter__() for one in lent]
    assert len(set(map(id, clients))) == len(ring) == 2
    for one in lent:
        one.__exit__(None, None, None)
    with ring.lent() as client:
        assert client is clients[0]


def test_no_more_than_the_most_and_the_least_busy_then():
    ring = ClientRing(make, most=2)
    lent = [ring.lent() for _ in range(4 * PER_CLIENT)]
    clients = [one.__enter__() for one in lent]
    assert len(ring) == 2
    assert sum(c is clients[0] for c in clients) == 2 * PER_CLIENT


def test_a_request_that_fails_is_given_back():
    ring = ClientRing(make)
    for _ in range(2 * PER_CLIENT):
        with pytest.raises(ZeroDivisionError), ring.lent():
            raise ZeroDivisionError
    assert len(ring) == 1


def test_connections_are_kept_between_waves_of_requests():
    prompt = Prompt(
        messages=(Message("user", "[1] The minister met the envoy."),),
        schema=full_schema(STANDARD_RECORDS),
        response_model=response_model(STANDARD_RECORDS),
        fingerprint="0" * 16,
    )

    async def main(server):
        async with OpenAIBackend("m1", base_url=server.url) as backend:
            for _ in range(4):
                await asyncio.gather(*(backend.acomplete(prompt) for _ in range(3 * PER_CLIENT)))

    with FakeServer(latency=0.01) as server:
        asyncio.run(main(server))
        assert server.requests == 12 * PER_CLIENT
        assert server.connections <= 3 * PER_CLIENT
