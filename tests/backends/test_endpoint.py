"""Where requests go: queries, logins and proxies of a URL, and what is refused before anything is sent."""

import base64

import pytest

from communique import Extractor
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.providers import Endpoint
from communique.errors import ConfigurationError, MissingKeyError
from communique.testing import FakeServer, Fault

PROXIES = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "OPENAI_API_KEY", "COMMUNIQUE_API_KEY")


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def asked(url, server):
    with Extractor(OpenAIBackend("m1", base_url=url)) as extractor:
        extractor.extract("It rained in Lund.")
    return server.arrivals[-1]


def test_a_query_stands_behind_the_path():
    with FakeServer() as server:
        assert asked(f"{server.url}?api-version=2024-10-21&x=1", server).path.endswith(
            "/v1/chat/completions?api-version=2024-10-21&x=1"
        )


def test_a_user_and_password_are_sent_as_a_login_and_never_shown():
    with FakeServer() as server:
        url = server.url.replace("http://", "http://ann:p%40ss@")
        headers = asked(url, server).headers
        assert headers["authorization"] == "Basic " + base64.b64encode(b"ann:p@ss").decode()
        backend = OpenAIBackend("m1", base_url=url)
        assert "p%40ss" not in repr(backend) + repr(backend.endpoint) + backend.endpoint.url


@pytest.mark.parametrize(
    ("url", "plain", "query"),
    [
        ("https://u:p@example.org:8443/v1?a=1&b=", "https://example.org:8443/v1", {"a": "1", "b": ""}),
        ("http://[::1]:80/v1", "http://[::1]:80/v1", {}),
        ("https://example.org/openai/deployments/x", "https://example.org/openai/deployments/x", {}),
    ],
)
def test_a_url_is_taken_apart(url, plain, query):
    found = Endpoint.of(url, "k")
    assert (found.url, dict(found.query)) == (plain, query)


def test_a_login_is_a_key_and_a_remote_host_needs_one():
    assert Endpoint.of("https://u:p@example.org/v1").key == "-"
    with pytest.raises(MissingKeyError):
        Endpoint.of("https://example.org/v1")


@pytest.mark.parametrize(
    ("variables", "refused"),
    [
        ({"ALL_PROXY": "socks5://127.0.0.1:1"}, True),
        ({"HTTPS_PROXY": "socks5h://127.0.0.1:1"}, True),
        ({"HTTPS_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "socks5://127.0.0.1:1"}, False),
        ({"ALL_PROXY": "socks5://127.0.0.1:1", "NO_PROXY": "example.org"}, False),
        ({}, False),
    ],
)
def test_a_socks_proxy_is_told_of_before_anything_is_sent(monkeypatch, variables, refused):
    for name, value in (variables | {"OPENAI_API_KEY": "k"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    if refused:
        with pytest.raises(ConfigurationError, match="SOCKS proxy"):
            OpenAIBackend("m1", base_url="https://example.org/v1", api_key="k")
    else:
        OpenAIBackend("m1", base_url="https://example.org/v1", api_key="k")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1?a=1", "http://u:p@127.0.0.1:9/v1"])
def test_what_a_providers_sdk_cannot_be_given_is_refused(url):
    with pytest.raises(ConfigurationError, match="can't be passed"):
        InstructorBackend("ollama/m1", base_url=url)


def test_what_a_provider_lacks_is_said(monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "canary-key-1234")
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT", raising=False)
    with InstructorBackend("azure_openai/m1") as backend, pytest.raises(ConfigurationError) as caught:
        Extractor(backend).extract("It rained.")
    assert "AZURE_OPENAI_ENDPOINT" in caught.value.hint
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("param", ["max_tokens", None, "None"])
@pytest.mark.parametrize("model", ["m1", "together/m1"])
def test_a_limit_by_another_name_is_learnt(monkeypatch, param, model):
    monkeypatch.setenv("TOGETHER_API_KEY", "k")
    said = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    body = f'{{"error": {{"message": "{said}", "param": {f"{chr(34)}{param}{chr(34)}" if param else "null"}}}}}'
    with FakeServer() as server:
        server.fail(Fault(400, body=body.encode()), when=lambda sent: "max_tokens" in sent)
        make = InstructorBackend if "/" in model else OpenAIBackend
        with Extractor(make(model, base_url=server.url)) as extractor:
            extractor.extract("It rained.")
            extractor.extract("It snowed.")
        assert server.requests == 3
        assert all("max_completion_tokens" in a.body for a in server.arrivals[1:])


def test_the_list_of_models_is_asked_for_with_the_query_and_the_login():
    with FakeServer(model="m1") as server:
        for url in (f"{server.url}?a=1", server.url.replace("http://", "http://u:p@")):
            with OpenAIBackend("", base_url=url) as backend:
                assert backend.models() == ["m1"]
