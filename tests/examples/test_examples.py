"""The examples run, over a script or a small server in place of a model."""

from __future__ import annotations

import json
import runpy
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from communique.backends.scripted import ScriptedBackend

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
MET = {"evidence": [2], "status": "held", "participants": ["Oleg Kozhemyako", "Yun Jong Ho"]}
CALL = {"evidence": [7], "status": "planned", "participants": ["Varnia"]}


def answer_to(prompt) -> dict:
    text = prompt if isinstance(prompt, str) else "\n".join(m.content for m in prompt.messages)
    meetings = [MET] if "Kozhemyako" in text else []
    return {"meetings": meetings, "allegations": [], "sanctions_concerns": []}


def main_of(name: str):
    return runpy.run_path(str(EXAMPLES / name))["main"]


def test_one_article_prints_the_sentence_that_says_it(capsys):
    main_of("01_one_article.py")(ScriptedBackend(answer_to))

    out = capsys.readouterr().out
    assert "Meeting" in out
    assert "[2] Oleg Kozhemyako, the governor of Russia's Primorye region, met" in out


def test_many_articles_are_read_over_one_backend():
    found = main_of("02_many.py")(ScriptedBackend(answer_to))

    assert {name: len(list(s.all_records())) for name, s in found.items()} == {
        "ferry_talks": 0,
        "governor_in_pyongyang": 1,
        "tool_maker_listed": 0,
    }


def test_async_reads_every_article():
    summaries = main_of("03_async.py")(ScriptedBackend(answer_to))

    assert sorted(len(list(s.all_records())) for s in summaries) == [0, 0, 1]


class OneAnswer(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        content = json.dumps({"meetings": [CALL], "allegations": [], "sanctions_concerns": []})
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


def test_another_endpoint_is_asked_at_its_base_url(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneAnswer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        summary = main_of("04_other_endpoint.py")(f"http://127.0.0.1:{server.server_port}/v1", "m")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert summary.provenance.backend == "openai"
    assert summary.provenance.attempts >= 1


def test_the_reference_of_the_command_line_is_what_help_prints():
    written = runpy.run_path(str(ROOT / "docs" / "write_cli_reference.py"))["reference"]()

    assert written == (ROOT / "docs/reference/cli.md").read_text("utf-8"), "run `make fix`"
