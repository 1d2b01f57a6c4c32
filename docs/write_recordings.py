"""Write docs/guides/terminal.md: what a terminal of 80 columns shows of real runs, recorded through a pty.

A server on loopback answers (`communique.testing.FakeServer`), so that the recordings cost nothing and repeat. Times
differ from run to run. Needs a system with ptys.
"""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from communique.testing import FakeServer, Fault
from communique.testing.chat_wires import empty_answer

PAGE = Path(__file__).parent / "guides" / "terminal.md"
COLUMNS = 80
TEXT = "Odo Brask met Ilya Tarn in Szohod on Friday, state radio said. Both spoke of timber. This is report {}.\n"
MEETING = {"evidence": [1], "status": "held", "participants": ["Odo Brask", "Ilya Tarn"], "place": "Szohod"}
ERASED = re.compile(r"(?:\r?\x1b\[2K|\x1b\[1A|\r)+")
STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
HEAD = """# What the terminal shows

Written by `docs/write_recordings.py`: real runs in a terminal of {columns} columns, with answers from a fake server {latency} s
after each request. Lines that begin with a time are the progress at that moment. Progress goes to standard error and
disappears at the end; in pipes and with `--quiet` there is none.
"""


def answer(body):
    return {**empty_answer(body), "meetings": [MEETING]} if '"meetings"' in json.dumps(body) else empty_answer(body)


def recorded(arguments, folder, server):
    """Return the frames of the progress with their seconds, and what is left on the terminal at the end."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    environment = os.environ | {
        "TERM": "xterm",
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "none",
        "LANG": "C.UTF-8",
    }
    environment |= {"COLUMNS": str(COLUMNS), "PYTHONIOENCODING": "utf-8"}
    line = [sys.executable, "-m", "communique", *arguments]
    started, frames, rest = time.monotonic(), [], ""
    with subprocess.Popen(line, cwd=folder, stdin=follower, stdout=follower, stderr=follower, env=environment):
        os.close(follower)
        while chunk := _read(leader):
            rest += chunk
            *shown, rest = ERASED.split(rest.replace("\r\n", "\n"))
            frames += [
                (time.monotonic() - started, STYLE.sub("", s).strip("\n")) for s in shown if STYLE.sub("", s).strip()
            ]
    os.close(leader)
    return frames, STYLE.sub("", rest).strip("\n")


def _read(leader):
    try:
        return os.read(leader, 65536).decode("utf-8", "replace")
    except OSError:  # Linux says so when the other end is closed
        return ""


def story(arguments, folder, server, most):
    """Return a block: the command, some frames of its progress, and its last words."""
    frames, end = recorded(arguments, folder, server)
    progress = [frame for frame in frames if not frame[1].startswith("communique: ")]
    some = {progress[round(n * (len(progress) - 1) / (most - 1))] for n in range(most)} if progress else set()
    chosen = [frame for frame in frames if frame in some or frame not in progress]
    lines = [f"$ communique {' '.join(arguments)}"]
    lines += [f"{seconds:4.1f} s  {frame}".replace("\n", "\n        ") for seconds, frame in dict(chosen).items()]
    lines = [line.rstrip() for frame in lines for line in frame.split("\n")]
    return "\n".join(["```text", *lines, end, "```"])


def page(latency=0.6):
    with tempfile.TemporaryDirectory() as name, FakeServer(answer, latency=latency) as server:
        folder = Path(name)
        for number in range(40):
            path = folder / f"articles/{number:02}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(TEXT.format(number), "utf-8")
        server.fail("refusal", when=lambda body: "report 3." in json.dumps(body))
        one = story(
            ["extract", "articles/00.txt", "-m", "openai/m1", "--format", "text", "--no-judge"], folder, server, 2
        )
        three = [f"articles/0{n}.txt" for n in range(2, 5)]
        several = story(["extract", *three, "-m", "openai/m1", "-o", "three.jsonl", "--no-judge"], folder, server, 3)
        server.fail(Fault(429, {"retry-after": "2"}, code="rate_limit_exceeded"), times=2)
        batch = story(
            ["batch", "articles", "-o", "out.jsonl", "-m", "openai/m1", "-c", "4", "--no-judge"], folder, server, 4
        )
    head = HEAD.format(columns=COLUMNS, latency=latency)
    return (
        f"{head}\n## extract: one article\n\n{one}\n\n## extract: several, one of which fails\n\n{several}\n\n"
        f"## batch\n\nThe model refuses one of the articles, and the server asks twice for a pause.\n\n{batch}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
