"""The examples run as they stand, with a scripted model in place of the real one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from communique.testing import FakeServer

ROOT = Path(__file__).parents[2]
ANSWER = {
    "meetings": [{"evidence": [1], "participants": ["Norland", "Sudmark"], "status": "held"}],
    "allegations": [],
    "sanctions_concerns": [],
}


def run(*arguments, **variables):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["examples/01_one_article.py", "examples/articles/ferry_talks.txt", "scripted/{script}"],
        ["examples/02_many.py", "scripted/{script}"],
        ["examples/03_async.py", "scripted/{script}"],
    ],
)
def test_an_example_runs_on_a_script(arguments, tmp_path):
    script = tmp_path / "answer.json"
    script.write_text(json.dumps({"meetings": [], "allegations": [], "sanctions_concerns": []}), "utf-8")

    done = run(*(a.format(script=script) for a in arguments))

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_example_of_another_endpoint_asks_that_endpoint():
    with FakeServer(answer=lambda *_: ANSWER) as server:
        done = run("examples/04_other_endpoint.py", "some-model", server.url)

        assert server.arrivals, done.stderr
