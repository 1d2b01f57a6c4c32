"""Record the cassettes again: one command, which starts the embedded model's server itself.

    python cassettes/record.py              record everything again
    python cassettes/record.py german       record one article again, or several
    python cassettes/record.py --compare    ask the recorded questions again and name each answer that differs

Every exchange is a real one with the server and model that the header of each cassette names. What makes answers drift is
fixed: temperature 0, seed 1, two threads, one slot, prompt cache off.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from urllib.request import Request, urlopen

import yaml

from communique.backends.model_files import EMBEDDED, locate

HERE = Path(__file__).parent
SETTINGS = "temperature 0, seed 1, 2 threads, one slot, prompt cache off"


def main() -> int:
    """Record, or compare the recordings with the answers of a fresh server. Return 1 if the tests fail or answers differ."""
    with served() as url:
        return compare(url) if "--compare" in sys.argv[1:] else record(url)


@contextmanager
def served() -> Iterator[str]:
    """Start the server with what the header promises, and give its URL."""
    options = ["--model", str(locate()), "--threads", "2", "--prompt-cache", "off"]
    options += ["--parent", str(os.getpid())]  # it ends with us, however we end
    command = [sys.executable, "-m", "communique.backends.llama_server", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE)  # noqa: S603
    try:
        line = server.stdout.readline() if server.stdout else b""
        yield json.loads(line)["url"]
    finally:
        server.kill()
        server.wait()


def record(url: str) -> int:
    """Run the tests against the server, and put the headers in."""
    named = [name for name in sys.argv[1:] if not name.startswith("-")]
    chosen = f"replays and ({' or '.join(named)})" if named else "replays"
    test = [sys.executable, "-m", "pytest", "tests/cassettes", "-q", "--record-mode=rewrite", "-k", chosen]
    environment = {**os.environ, "COMMUNIQUE_RECORD_URL": url}
    code = subprocess.run(test, cwd=HERE.parent, env=environment, check=False).returncode  # noqa: S603
    for cassette in sorted(HERE.glob("*.yaml")):
        if not named or cassette.stem in named:
            put_header(cassette)
    return code


def compare(url: str) -> int:
    """Send every recorded request again; nothing is written."""
    asked = differing = 0
    for cassette in sorted(HERE.glob("*.yaml")):
        for number, exchange in enumerate(yaml.safe_load(cassette.read_text("utf-8"))["interactions"], 1):
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
                print(f"{cassette.stem} {number}: recorded {then}, now {now}", flush=True)  # noqa: T201
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
    body = "".join(
        line for line in cassette.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#")
    )
    header = (
        f"# Recorded on {dt.datetime.now(tz=dt.UTC).date()} by cassettes/record.py: real exchanges, nothing made by hand.\n"
        f"# Server: llama.cpp's OpenAI-compatible server, xllamacpp {version('xllamacpp')}\n"
        f"# Model: {EMBEDDED.filename}, SHA-256 {EMBEDDED.sha256}\n"
        f"# Settings: {SETTINGS}\n"
    )
    cassette.write_text(header + body, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
