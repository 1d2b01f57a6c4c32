"""Whose model a name is: with a base URL the whole name is the server's, and no text goes elsewhere."""

import json

import anyio
import pytest

from communique import Extractor, Plan
from communique.backends import connect, connect_judge
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.providers import PROVIDERS
from communique.errors import ConfigurationError, UnknownModelError, UnknownNameError
from communique.testing import FakeServer, Fault

URL = "http://127.0.0.1:9/v1"
NAMES = ["m1", "qwen2.5:7b", "google/gemma-3", "anthropic/m1", "mistral/m1", "openai/gpt-oss-20b", "a/b/c"]


@pytest.fixture(autouse=True)
def _keys(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for key in {key for provider in PROVIDERS.values() for key in provider.keys}:
        monkeypatch.setenv(key, "k")


def where(backend):
    return type(backend).__name__, backend.model, backend.endpoint.url if backend.endpoint else ""


@pytest.mark.parametrize("name", NAMES)
def test_with_a_base_url_every_name_is_one_of_the_server(monkeypatch, name):
    assert where(connect(name, base_url=URL)) == ("OpenAIBackend", name, URL)
    assert where(connect_judge(name, base_url=URL)) == ("OpenAIBackend", name, URL)
    monkeypatch.setenv("OPENAI_BASE_URL", URL)
    assert where(connect(name)) == ("OpenAIBackend", name, URL)
    assert where(connect_judge(name)) == ("OpenAIBackend", name, URL)


def test_a_judge_that_is_asked_elsewhere_is_one_that_says_so():
    with Extractor("openai/a", base_url=URL, judge="openai/b") as extractor:
        assert where(extractor.judge) == ("OpenAIBackend", "openai/b", URL)
    assert where(connect_judge("instructor/ollama/m1", base_url=URL)) == ("InstructorBackend", "m1", "")
    assert where(connect("instructor/ollama/m1", base_url=URL)) == ("InstructorBackend", "m1", URL)


def test_openais_own_address_makes_no_name_its_own(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.openai.com/v1")
    assert where(connect("ollama/m1")) == ("InstructorBackend", "m1", "")
    with pytest.raises(UnknownNameError):
        connect("m1")
    assert connect("openai/gpt-5-mini").model == "gpt-5-mini"


def test_openais_own_models_have_no_prefix():
    assert connect("openai/gpt-5-mini", base_url="https://api.openai.com/v1").model == "gpt-5-mini"
    assert connect("gpt-5-mini", base_url="https://api.openai.com/v1").model == "gpt-5-mini"


@pytest.mark.parametrize("name", ["local", "local/foo", "local:foo"])
def test_a_model_on_this_machine_is_none_of_a_server(name):
    with pytest.raises(ConfigurationError, match=f"no model given .*'{name}' is on this machine"):
        connect(name, base_url=URL)


@pytest.mark.parametrize("name", ["openai", "openai/"])
def test_a_backend_without_its_model_is_none(name):
    with pytest.raises(ConfigurationError, match="doesn't name a model"):
        connect(name, base_url=URL)


def read(backend):
    with Extractor(backend, plan=Plan(judge="off")) as extractor:
        return extractor.extract("It rained in Lund.").provenance.model


def sent(server):
    return [arrival.body["model"] for arrival in server.arrivals]


def test_a_server_that_has_the_whole_name_is_asked_for_it():
    with FakeServer(model="openai/gpt-oss-20b") as server:
        assert read(connect("openai/gpt-oss-20b", base_url=server.url)) == "openai/gpt-oss-20b"
        assert sent(server) == ["openai/gpt-oss-20b"]


@pytest.mark.parametrize("said", ["The model `{}` does not exist", "Invalid model name passed in model={}"])
def test_a_server_that_has_not_is_asked_without_the_prefix_from_then_on(said):
    status = 404 if "exist" in said else 400
    body = json.dumps({"error": {"message": said.format("openai/gpt-5-mini"), "param": "None"}}).encode()
    with FakeServer() as server:
        server.fail(Fault(status, body=body), when=lambda asked: asked["model"] != "gpt-5-mini")
        backend = connect("openai/gpt-5-mini", base_url=server.url)
        read(backend)
        read(backend)
        assert sent(server) == ["openai/gpt-5-mini", "gpt-5-mini", "gpt-5-mini"]
        assert backend.model == "openai/gpt-5-mini"


def test_a_name_that_is_unknown_either_way_is_told_so():
    with FakeServer(model="m1") as server:
        with pytest.raises(UnknownModelError, match="doesn't have the model 'gpt'"):
            read(connect("openai/gpt", base_url=server.url))
        assert sent(server) == ["openai/gpt", "gpt"]


def test_the_servers_list_tells_which_name_it_is():
    async def looked(server, name):
        async with OpenAIBackend(name, base_url=server.url) as backend:
            return await backend.acheck(), backend.shown

    with FakeServer(model="gpt-5-mini") as server:
        assert anyio.run(looked, server, "openai/gpt-5-mini") == (True, "gpt-5-mini")
        assert anyio.run(looked, server, "openai/other") == (False, "openai/other")
    with FakeServer(model="openai/gpt-oss") as server:
        assert anyio.run(looked, server, "openai/gpt-oss") == (True, "openai/gpt-oss")
