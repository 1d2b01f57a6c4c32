"""Whether an endpoint answers: every case in one line, and the key in none."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from communique.backends.preflight import reach

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
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1", asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def models(*names):
    return {"data": [{"id": name} for name in names]}


def test_an_endpoint_that_answers_is_shown_with_its_models(endpoint):
    url, asked = endpoint(200, models("a", "b", "c", "d"))
    assert reach(url) == (True, f"{url} serves a, b, c and 1 more")
    assert asked == [("/v1/models", f"Bearer {KEY}")]


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (401, {}, "refuses the API key (HTTP 401)"),
        (404, {}, "answers HTTP 404; the URL usually ends in /v1"),
        (200, b"<html>log in</html>", "not with a list of models"),
        (200, [], "not with a list of models"),
    ],
)
def test_an_endpoint_that_cannot_be_used_says_why(endpoint, status, content, words):
    url, _ = endpoint(status, content)
    well, said = reach(url)
    assert not well
    assert words in said
    assert KEY not in said


def test_a_server_that_does_not_answer_is_given_up(endpoint):
    url, _ = endpoint(200, models("a"), wait=1.0)
    assert reach(url, timeout=0.2) == (False, f"{url} didn't answer within 0 s")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/v1", "http://[::1", "http://h:99999/v1", "localhost:1", "ftp://x/"]
)
def test_what_cannot_be_reached_is_one_line(endpoint, url):
    well, said = reach(url)
    assert not well
    assert "\n" not in said
