"""A child that behaves like `llama_server` on loopback, or misbehaves as its first argument says.

    python fake_llama.py BEHAVIOUR FOLDER

FOLDER/starts holds a line per start, FOLDER/request.json the last request, FOLDER/paths a line per request. Slots are
saved in FOLDER/states and read back from there.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BEHAVIOUR, FOLDER = sys.argv[1], Path(sys.argv[2])
GOOD = '{"meeting":null}'


def answer(content=GOOD, finish="stop", **choice):
    return 200, {
        "model": "fake",
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": finish, **choice}],
        "usage": {
            "prompt_tokens": 40, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 30}
        },
    }  # fmt: skip


ANSWERS = {
    "cut": lambda: answer('{"mee', "length"),
    "prose": lambda: answer("I can't say."),
    "list": lambda: answer("[]"),
    "silent": lambda: answer(""),
    "lacking": lambda: answer('{"allegation":null}'),
    "long": lambda: (400, {"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 8}}),
    "refuse": lambda: (400, {"error": {"type": "invalid_request_error", "message": "bad grammar"}}),
    "fail": lambda: (500, {"error": {"message": "out of memory"}}),
    "odd": lambda: (200, {"hello": 1}),
}


def slot(path, filename):
    file = FOLDER / "states" / filename
    if path.endswith("save"):
        file.write_text("evaluated")
    elif file.read_text() != "evaluated":
        return 400, {"error": {"message": "unable to restore slot"}}
    return 200, {"id_slot": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen = {"body": json.loads(body), "key": self.headers["Authorization"], "path": self.path}
        (FOLDER / "request.json").write_text(json.dumps(seen))
        with (FOLDER / "paths").open("a") as file:
            file.write(f"{self.path}\n")
        first = len((FOLDER / "starts").read_text().splitlines()) == 1
        if BEHAVIOUR == "die" or (BEHAVIOUR == "die-once" and first):
            sys.stderr.write("ggml: out of memory in the third layer\n")
            sys.stderr.flush()
            os._exit(9)
        if BEHAVIOUR == "hang":
            time.sleep(60)
        status, content = ANSWERS.get(BEHAVIOUR, answer)()
        if BEHAVIOUR in ("begun", "repeated") and "grammar" in seen["body"]:
            status, content = answer('":' if BEHAVIOUR == "begun" else '{"meeting":')
        if BEHAVIOUR == "no-grammar" and "grammar" in seen["body"]:
            status, content = ANSWERS["refuse"]()
        if self.path.startswith("/slots"):
            status, content = slot(self.path, seen["body"]["filename"])
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_):
        pass


with (FOLDER / "starts").open("a") as file:
    file.write(f"{os.getpid()}\n")
if BEHAVIOUR == "no-start":
    sys.exit("cannot load the model: bad magic")
if BEHAVIOUR == "never-ready":
    sys.stdin.buffer.read()
    sys.exit(0)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}/v1"}), flush=True)
sys.stdin.buffer.read()
os._exit(0)
