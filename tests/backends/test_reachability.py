"""Whether an endpoint answers: every case in one line, and the key in none."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from communique.backends.openai_chat import OpenAIBackend
from communique.cli.app import run
from communique.errors import AuthenticationError, CommuniqueError, DeadlineError, PermanentBackendError

KEY = "sk-canary-123456789"


@pytest.fixture
def endpoint(monkeypatch):
    """Serve one answer to every GET; gives the URL and what was asked."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("COMMUNIQUE_API_KEY", raising=False)
    servers = []

    def serve(status, content, wait=0.0):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.path, self.headers["Authorization"]))
                time.sleep(wait)
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1", asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def models(*names):
    return {"data": [{"id": name} for name in names]}


def listed(url, **options):
    with OpenAIBackend("", base_url=url, **options) as backend:
        return backend.models()


def test_an_endpoint_that_answers_is_shown_with_its_models(endpoint, capsys):
    url, asked = endpoint(200, models("a", "b", "c", "d"))
    assert listed(url) == ["a", "b", "c", "d"]
    assert asked == [("/v1/models", f"Bearer {KEY}")]
    run(["doctor", "--base-url", url])
    assert f"{url} serves a, b, c and 1 more" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "expected", "words"),
    [(401, AuthenticationError, "HTTP 401"), (404, PermanentBackendError, "it usually ends in /v1")],
)
def test_an_endpoint_that_cannot_be_used_says_why(endpoint, status, expected, words):
    url, _ = endpoint(status, {})
    with pytest.raises(expected, match=words) as caught:
        listed(url)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("content", [b"<html>log in</html>", []])
def test_what_is_no_list_of_models_is_told_from_one(endpoint, content, capsys):
    url, _ = endpoint(200, content)
    assert listed(url) is None
    assert run(["doctor", "--base-url", url]) == 1
    assert "not with a list of models" in capsys.readouterr().out


def test_a_server_that_does_not_answer_is_given_up(endpoint, monkeypatch):
    monkeypatch.setattr("communique.backends.openai_chat.PATIENCE", 0.2)
    url, _ = endpoint(200, models("a"), wait=1.0)
    with pytest.raises(DeadlineError):
        listed(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/v1", "http://[::1", "http://h:99999/v1", "localhost:1", "ftp://x/"]
)
def test_what_cannot_be_reached_is_one_line(endpoint, url):
    with pytest.raises(CommuniqueError) as caught:
        listed(url)
    assert "\n" not in str(caught.value)
