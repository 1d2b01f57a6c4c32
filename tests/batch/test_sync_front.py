"""`run_batch` for those who have no event loop, and for notebooks, which have one."""

import asyncio
import contextlib
import json

import pytest

from communique import Document, Plan
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, run_batch
from communique.batch.journal_status import journal_status
from communique.cli.app import run
from communique.documents.readers import open_documents
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


def test_a_server_that_takes_no_connection_is_told_by_its_own_fault(place):
    report = run_batch([str(place / "a.txt")], place / "out.jsonl", "m1", base_url="http://127.0.0.1:9/v1")
    assert "can't be reached: connection refused" in str(report.ending.cause)


def test_a_backend_that_cannot_be_awaited_is_refused_before_anything_is_read(place):
    class Sync:
        name, model, narrows, context_tokens = "mine", "m", False, None

        def complete(self, prompt):
            raise AssertionError

        def close(self):
            pass

        async def aclose(self):
            pass

    with pytest.raises(ConfigurationError, match="the backend 'mine' has no acomplete"):
        run_batch([str(place / "a.txt")], place / "out.jsonl", Sync())
    assert not (place / "out.jsonl").exists()


INPUTS = {
    "a name": str,
    "a path": lambda place: place,
    "paths": lambda place: (place / "a.txt", place / "b.txt"),
    "a set": lambda place: {str(place)},
    "documents": lambda place: list(open_documents(place)),
    "a stream": open_documents,
    "what opens them": lambda place: lambda: list(open_documents(place)),
}


@pytest.mark.parametrize("kind", INPUTS)
def test_inputs_are_names_or_documents_or_what_opens_them(place, tmp_path_factory, kind):
    (place / "answer.json").unlink()
    output = tmp_path_factory.mktemp("out") / "out.jsonl"
    report = run_batch(INPUTS[kind](place), output, ScriptedBackend([NOTHING] * 2))
    assert (report.done, report.failed, report.ending.cause) == (2, 0, None)


@pytest.mark.parametrize("inputs", [5, None, Document.from_text("It rained.")])
def test_what_is_no_input_is_refused_before_a_journal_is_made(tmp_path, inputs):
    with pytest.raises(ConfigurationError, match="is no list of inputs"):
        run_batch(inputs, tmp_path / "out.jsonl", ScriptedBackend([]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("inputs", [[5], (name for name in ["a.txt"]), lambda: ["a.txt"]])
def test_what_is_no_document_ends_the_run(place, inputs):
    cause = run_batch(inputs, place / "out.jsonl", ScriptedBackend([])).ending.cause
    assert isinstance(cause, ConfigurationError)
    assert "an input is no document but a" in str(cause)


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


def batch(place, *more):
    return run(["batch", *more, "-m", f"scripted/{place / 'answer.json'}", "--no-judge"])


def test_what_a_run_writes_is_no_input_of_the_next(place, monkeypatch, capsys):
    (place / "empty.txt").write_text("", "utf-8")
    monkeypatch.chdir(place)
    (place / "answer.json").rename(place / ".answer.json")
    written = ["out.jsonl", "out.failed.jsonl", "out.jsonl.journal.db"]
    told = ["-o", "out.jsonl", "--answers", "answers.jsonl", "-m", "scripted/.answer.json", "--no-judge"]
    for inputs in (["."], ["."], ["*"], ["a.txt", "b.txt", "empty.txt", *written], ["."]):
        assert run(["batch", *inputs, *told]) == 3
        assert "done 2, failed 1, left 0" in capsys.readouterr().err
        with contextlib.suppress(FileExistsError):
            (place / "latest.jsonl").symlink_to("out.jsonl")
    assert run(["batch", ".", *told, "--dry-run"]) == 0
    assert "2 documents (0 duplicates, 1 unreadable)" in capsys.readouterr().out


@pytest.mark.parametrize("inputs", ["*.txt", "."])
@pytest.mark.parametrize("output", ["a.txt", "a.jsonl"])
def test_an_article_is_not_written_over(place, monkeypatch, capsys, inputs, output):
    monkeypatch.chdir(place)
    (place / "a.failed.jsonl").write_text('{"text": "It rained."}\n', "utf-8")
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    inputs = inputs.replace("txt", "*")
    assert batch(place, inputs, "-o", output, "--overwrite") == 2
    assert "would be written over the article" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_a_run_over_documents_that_were_given_is_finished_at_its_end(place):
    documents = (Document.from_text(f"{n}: it rained.", id=str(n)) for n in range(3))
    run_batch(documents, place / "given.jsonl", ScriptedBackend([NOTHING] * 6))
    assert journal_status(place / "given.jsonl")["finished"] is True


def test_an_output_is_not_its_own_input(place, capsys):
    output = str(place / "out.jsonl")
    batch(place, str(place / "a.txt"), "-o", output)
    before = (place / "out.jsonl").read_bytes()
    assert batch(place, output, "-o", output) == 2
    assert "would be written over the article" in capsys.readouterr().err
    assert (place / "out.jsonl").read_bytes() == before


def test_a_pattern_that_matches_only_the_output_is_refused(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    assert batch(place, "a.txt", "-o", "out.jsonl") == 0
    before = (place / "out.jsonl").read_bytes()
    assert batch(place, "*.jsonl", "-o", "out.jsonl") == 2
    assert "'*.jsonl' matches only what is written (name the articles)" in capsys.readouterr().err
    assert (place / "out.jsonl").read_bytes() == before


@pytest.mark.parametrize("name", ["out.jsonl", "50% #1.jsonl"])
def test_status_leaves_nothing_beside_a_journal(place, capsys, name):
    batch(place, str(place / "a.txt"), "-o", str(place / name))
    before = sorted(place.iterdir())
    assert run(["status", str(place / name)]) == 0
    assert "done 1, failed 0, left 0" in capsys.readouterr().out
    assert sorted(place.iterdir()) == before


def test_a_batch_is_not_written_to_standard_output(place, monkeypatch, capsys):
    monkeypatch.chdir(place)
    before = sorted(place.iterdir())
    assert batch(place, "a.txt", "-o", "-") == 2
    assert "give a file name" in capsys.readouterr().err
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize("option", [["--no-wait"], ["--poll-every", "1"]])
def test_an_option_of_the_providers_batch_alone_is_refused(place, monkeypatch, capsys, option):
    monkeypatch.chdir(place)
    assert batch(place, "a.txt", "-o", "o.jsonl", *option) == 2
    assert f"{option[0]} is for --provider-batch" in capsys.readouterr().err
    (place / "communique.toml").write_text("[batch]\nno-wait = true\npoll-every = 1\n", "utf-8")
    assert batch(place, "a.txt", "-o", "o.jsonl") == 0, "what a file sets is for the runs that it concerns"


@pytest.mark.parametrize("nowhere", ["none.txt", "none*.txt", "https://news.example/1"])
def test_an_input_that_leads_nowhere_leaves_no_journal(place, nowhere):
    before = sorted(place.iterdir())
    assert batch(place, nowhere, "-o", str(place / "out.jsonl")) == 2
    assert sorted(place.iterdir()) == before


def test_a_list_of_inputs_is_not_written_over(place, capsys):
    names = place / "list.txt"
    names.write_text(f"{place / 'a.txt'}\n", "utf-8")
    listed = ["--files-from", str(names)]
    assert batch(place, *listed, "-o", str(names), "--overwrite") == 2
    assert batch(place, *listed, "-o", str(place / "out.jsonl"), "--answers", str(names)) == 2
    assert names.read_text("utf-8") == f"{place / 'a.txt'}\n"
    assert capsys.readouterr().err.count("would be written over") == 2
