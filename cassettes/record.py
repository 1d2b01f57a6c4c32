"""Record the cassettes again: one command, which starts the embedded model's server itself.

    python cassettes/record.py

Every exchange is a real one with the server and model that the header of each cassette names. What makes answers drift is
fixed: temperature 0, two threads, one slot, prompt cache off.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from communique.backends.model_files import EMBEDDED, locate

HERE = Path(__file__).parent
SETTINGS = "temperature 0, 2 threads, one slot, prompt cache off"


def main() -> int:
    """Start the server, record, put the headers in."""
    options = ["--model", str(locate()), "--threads", "2", "--prompt-cache", "off"]
    command = [sys.executable, "-m", "communique.backends.llama_server", *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE)  # noqa: S603
    try:
        line = server.stdout.readline() if server.stdout else b""
        url = json.loads(line)["url"]
        test = [
            sys.executable,
            "-m",
            "pytest",
            "tests/cassettes",
            "-q",
            "--record-mode=rewrite",
            "-k",
            "replays",
        ]
        environment = {**os.environ, "COMMUNIQUE_RECORD_URL": url}
        code = subprocess.run(test, cwd=HERE.parent, env=environment, check=False).returncode  # noqa: S603
    finally:
        server.kill()
        server.wait()
    for cassette in sorted(HERE.glob("*.yaml")):
        put_header(cassette)
    return code


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
