"""`run_batch` for those who have no event loop, and for notebooks, which have one."""

import asyncio
import json

import pytest

from communique import Plan
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, run_batch
from communique.cli.app import run
from communique.errors import ConfigurationError

NOTHING = {"meetings": [], "allegations": [], "sanctions_concerns": []}


@pytest.fixture
def place(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(f"{name}: it rained.\n", "utf-8")
    (tmp_path / "answer.json").write_text(json.dumps(NOTHING), "utf-8")
    return tmp_path


def test_it_takes_a_name_or_a_backend_which_it_does_not_close(place):
    report = run_batch([str(place / "a.txt")], place / "named.jsonl", f"scripted/{place / 'answer.json'}")
    assert (report.done, report.failed) == (1, 0)

    class Watched(ScriptedBackend):
        closed = False

        async def aclose(self):
            self.closed = True

    backend = Watched([NOTHING] * 4)
    assert run_batch([str(place / "*.txt")], str(place / "given.jsonl"), model=backend).done == 2
    assert not backend.closed


def test_it_runs_inside_of_a_running_loop(place):
    async def notebook():
        return run_batch([str(place / "a.txt")], place / "out.jsonl", ScriptedBackend([NOTHING]), Plan())

    assert asyncio.run(notebook()).done == 1


def test_an_output_that_is_not_ours_is_refused_before_a_model_is_connected(place):
    (place / "mine.jsonl").write_text("{}\n")
    with pytest.raises(ConfigurationError, match="has no journal"):
        run_batch([str(place / "a.txt")], place / "mine.jsonl", "no/such/model", settings=BatchSettings())


def test_the_text_is_kept_on_demand(place):
    asked = ["batch", str(place / "a.txt"), "-m", f"scripted/{place / 'answer.json'}", "-q"]
    assert run([*asked, "-o", str(place / "with.jsonl"), "--keep-text"]) == 0
    assert run([*asked, "-o", str(place / "without.jsonl")]) == 0
    kept, left = (json.loads((place / f"{n}.jsonl").read_text("utf-8"))["document"] for n in ("with", "without"))
    assert kept["text"] == "a: it rained.\n"
    assert "text" not in left
