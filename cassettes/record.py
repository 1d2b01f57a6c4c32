"""Record the cassettes again: one command, which starts the embedded model's server itself.

    python cassettes/record.py              record everything again
    python cassettes/record.py german       record one article again, or several
    python cassettes/record.py --compare    ask the recorded questions again and name each answer that differs

Every exchange is a real one with the server and model that the header of each cassette names. What makes answers drift
is fixed: temperature 0, seed 1, two threads, one slot, prompt cache off.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml

from communique.backends.model_files import ADAPTER, EMBEDDED, locate

HERE = Path(__file__).parent
TEST = "tests/cassettes/test_cassettes.py::test_a_recorded_answer_replays_to_the_same_summary"
WITH_ADAPTER = "_with_adapter"
"""End of the names of cassettes for which the model has its adapter."""
SETTINGS = "temperature 0, seed 1, 2 threads, one slot, prompt cache off"


def main() -> int:
    """Record, or compare the recordings with the answers of a fresh server.

    Return 1 if the tests fail or answers differ.
    """
    print(f"starting the model; {forecast()}", flush=True)  # noqa: T201
    code = 0
    for adapter in (False, True):
        cassettes = [cassette for cassette in chosen() if cassette.stem.endswith(WITH_ADAPTER) is adapter]
        if cassettes:
            with served(adapter=adapter) as url:
                code |= compare(url, cassettes) if "--compare" in sys.argv[1:] else record(url, cassettes)
    return code


def exchanges(cassette: Path) -> list[Any]:
    """Return what a cassette holds."""
    return list(yaml.safe_load(cassette.read_text("utf-8"))["interactions"])


def forecast() -> str:
    """Return how many questions there are, and how long the server took over them when they were recorded."""
    answers = [json.loads(e["response"]["body"]["string"]) for c in chosen() if c.exists() for e in exchanges(c)]
    seconds = sum(a["timings"]["prompt_ms"] + a["timings"]["predicted_ms"] for a in answers) / 1000
    return f"questions: {len(answers)}, which took {seconds:.0f} s on two cores when they were recorded"


def chosen() -> list[Path]:
    """Return the cassettes that are named on the command line, which may be new; all that there are if none is."""
    named = [HERE / f"{name}.yaml" for name in sys.argv[1:] if not name.startswith("-")]
    return named or sorted(HERE.glob("*.yaml"))


@contextmanager
def served(*, adapter: bool) -> Iterator[str]:
    """Start the server with what the header promises, and give its URL."""
    options = ["--model", str(locate()), "--threads", "2", "--prompt-cache", "off"]
    options += ["--parent", str(os.getpid())]  # it ends with us, however we end
    if adapter:
        options += ["--adapter", str(ADAPTER)]
    command = [sys.executable, "-m", "communique.backends.llama_server", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE)  # noqa: S603
    try:
        line = server.stdout.readline() if server.stdout else b""
        yield json.loads(line)["url"]
    finally:
        server.kill()
        server.wait()


def record(url: str, cassettes: list[Path]) -> int:
    """Run the tests against the server, and put the headers in."""
    tests = [f"{TEST}[{cassette.stem}]" for cassette in cassettes]
    test = [sys.executable, "-m", "pytest", "-v", "--record-mode=rewrite", *tests]
    environment = {**os.environ, "COMMUNIQUE_RECORD_URL": url}
    code = subprocess.run(test, cwd=HERE.parent, env=environment, check=False).returncode  # noqa: S603
    for cassette in cassettes:
        put_header(cassette)
    return code


def compare(url: str, cassettes: list[Path]) -> int:
    """Send every recorded request again; nothing is written."""
    asked = differing = 0
    for cassette in cassettes:
        for number, exchange in enumerate(exchanges(cassette), 1):
            print(f"{cassette.stem} {number}", flush=True)  # noqa: T201
            body = exchange["request"]["body"].encode()
            request = Request(  # noqa: S310 - loopback
                f"{url}/chat/completions", body, {"content-type": "application/json"}
            )
            with urlopen(request, timeout=900) as response:  # noqa: S310
                now = answer(response.read())
            then = answer(exchange["response"]["body"]["string"])
            asked += 1
            if now != then:
                differing += 1
                print(f"  recorded {then}, now {now}", flush=True)  # noqa: T201
    print(f"{asked} questions asked again, {differing} answered differently")  # noqa: T201
    return int(differing > 0)


def answer(body: str | bytes) -> tuple[str, str, int, int]:
    """Return what must not differ: the words, why they ended, and the tokens of prompt and answer."""
    said = json.loads(body)
    choice, usage = said["choices"][0], said["usage"]
    return (
        choice["message"]["content"],
        choice["finish_reason"],
        usage["prompt_tokens"],
        usage["completion_tokens"],
    )


def put_header(cassette: Path) -> None:
    """Write who answered at the head of a cassette."""
    body = "".join(line for line in cassette.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#"))
    header = (
        f"# Recorded on {dt.datetime.now(tz=dt.UTC).date()} by cassettes/record.py: real exchanges, nothing made by"
        f" hand.\n# Server: llama.cpp's OpenAI-compatible server, xllamacpp {version('xllamacpp')}\n# Model:"
        f" {EMBEDDED.filename}, SHA-256 {EMBEDDED.sha256}\n"
    )
    if cassette.stem.endswith(WITH_ADAPTER):
        header += f"# Adapter: {ADAPTER.name}, SHA-256 {hashlib.sha256(ADAPTER.read_bytes()).hexdigest()}\n"
    header += f"# Settings: {SETTINGS}\n"
    cassette.write_text(header + body, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
