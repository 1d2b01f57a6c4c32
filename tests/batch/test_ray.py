"""Ray Data: the rows of the local runner, nothing doubled when a worker is killed."""

import collections
import json
import os
import runpy
import signal
import threading
import time
from pathlib import Path

import anyio
import pytest

from communique.backends.scripted import ScriptedBackend
from communique.batch import Bounds, arun_batch
from communique.batch.fingerprint import document_key
from communique.batch.outcome import Outcome
from communique.batch.ray import DocumentReader, KeptResults, extract_dataset, write_jsonl
from communique.documents import Document
from communique.documents.readers import ReadOptions, open_documents
from communique.engine.plan import Plan
from communique.errors import AuthenticationError, MissingExtraError, OutputError, RefusalError
from communique.schemas import Usage

EMPTY = {"allegations": [], "sanctions_concerns": []}
KEY = bytes(range(32))
ROOT = Path(__file__).parents[2]


def scripted(calls=None, refuse="number 7 ", wait=0.0):
    """Return what makes a backend in a worker; each call is noted in a file named after the worker's process."""

    def answer(prompt):
        import os
        import re
        import time

        text = prompt.messages[-1].content
        number = re.search(r"envoy number (\d+)", text).group(1)
        if calls is not None:
            with (calls / str(os.getpid())).open("a") as stream:
                stream.write(number + "\n")
        time.sleep(wait)
        if refuse in text:
            return RefusalError("the model declined to answer")
        met = {"evidence": [1], "status": "held", "participants": ["Anna Novak"]}
        return {"meetings": [met], "allegations": [], "sanctions_concerns": []}

    def backend():
        return ScriptedBackend(answer)

    return backend


def articles(count):
    return [
        {"id": f"d{n}", "text": f"Minister Anna Novak met envoy number {n} in Vienna. They spoke."}
        for n in range(count)
    ]


def local(tmp_path, rows, backend):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    documents = open_documents([str(path)], OPTIONS)
    anyio.run(arun_batch, documents, tmp_path / "local.jsonl", backend(), Plan())
    return lines(tmp_path / "local.jsonl"), lines(tmp_path / "local.failed.jsonl")


OPTIONS = ReadOptions(language="en")


def lines(path):
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    for row in found:
        row.pop("ordinal", None), row.pop("attempts", None), row.pop("source", None)
        if "document" in row:
            row["document"].pop("source")
    return sorted(found, key=json.dumps)


@pytest.fixture
def reader(tmp_path):
    made = []

    def make(**more):
        more.setdefault("model", scripted())
        made.append(DocumentReader(tmp_path / "kept", read_options=OPTIONS, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_worker_gives_the_rows_of_the_local_runner(tmp_path, reader):
    rows = [*articles(12), {"id": "none", "title": "no text"}]
    read = reader().read(rows)
    assert write_jsonl(read, tmp_path / "ray.jsonl") == (11, 2)
    done, failed = local(tmp_path, rows, scripted())
    assert lines(tmp_path / "ray.jsonl") == done
    assert lines(tmp_path / "ray.failed.jsonl") == failed
    assert [row["id"] for row in read][:12] == [f"d{n}" for n in range(12)]


def test_a_document_that_stands_twice_is_asked_about_once(tmp_path, reader):
    rows = [*articles(3), *articles(3), {**articles(2)[1], "id": "other"}]
    (tmp_path / "calls").mkdir()
    read = reader(model=scripted(tmp_path / "calls")).read(rows)
    write_jsonl(read, tmp_path / "ray.jsonl")
    assert calls_of(tmp_path) == {"0": 1, "1": 1, "2": 1}
    done, _ = local(tmp_path, rows, scripted())
    assert lines(tmp_path / "ray.jsonl") == done


def test_another_worker_asks_nothing_that_is_stored(tmp_path, reader):
    (tmp_path / "calls").mkdir()
    first = reader(model=scripted(tmp_path / "calls")).read(articles(8))
    second = reader(model=scripted(tmp_path / "calls")).read(articles(10))
    assert second[:8] == first
    assert sum(calls_of(tmp_path).values()) == 10


def test_what_failed_is_asked_again_only_when_told(tmp_path, reader):
    assert reader().read(articles(8))[7]["reason"] == "refusal"
    mended = scripted(refuse="nothing")
    assert reader(model=mended).read(articles(8))[7]["reason"] == "refusal"
    assert reader(model=mended, retry_failed=True).read(articles(8))[7]["state"] == "ok"
    assert reader(model=mended).read(articles(8))[7]["state"] == "ok"


def test_another_configuration_has_other_results(tmp_path, reader):
    (tmp_path / "calls").mkdir()
    for plan in (Plan(), Plan(strict=True)):
        reader(model=scripted(tmp_path / "calls"), plan=plan).read(articles(3))
    assert set(calls_of(tmp_path).values()) == {2}
    assert len(list((tmp_path / "kept").glob("*/configuration.json"))) == 2


def test_a_hopeless_cause_stops_a_block_and_what_is_done_is_stored(tmp_path, reader):
    def backend():
        answers = [EMPTY | {"meetings": []}] * 3 + [AuthenticationError("API key refused")] * 99
        return ScriptedBackend(iter(answers))

    with pytest.raises(AuthenticationError):
        reader(model=backend, bounds=Bounds(concurrency=1)).read(articles(6))
    assert len(list((tmp_path / "kept").glob("*/??/*.json"))) == 3


def outcome(payload="{}"):
    return Outcome(KEY, "ok", payload=payload, id="d", usage=Usage(input_tokens=3), attempts=2)


def test_the_first_result_stays(tmp_path):
    one, other = KeptResults(tmp_path, {"a": 1}), KeptResults(tmp_path, {"a": 1})
    assert one.put(outcome("first")).payload == "first"
    assert other.put(outcome("second")).payload == "first"
    assert other.get(KEY) == outcome("first")
    assert not list(tmp_path.rglob("*.tmp"))


def test_without_links_a_result_is_renamed_into_place(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError("not here")

    monkeypatch.setattr(os, "link", no_links)
    kept = KeptResults(tmp_path, {})
    assert kept.put(outcome("first")).payload == "first"
    assert kept.get(KEY).payload == "first"


def test_a_damaged_result_is_named(tmp_path):
    kept = KeptResults(tmp_path, {})
    kept.put(outcome())
    next(kept.folder.glob("00/*.json")).write_text('{"state": "o')
    with pytest.raises(OutputError, match="delete it"):
        kept.get(KEY)


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "kept").write_text("")
    with pytest.raises(OutputError, match="all workers"):
        KeptResults(tmp_path / "kept", {})


def test_the_key_is_that_of_the_journal(tmp_path, reader):
    row = reader().read(articles(1))[0]
    document = Document.from_text(articles(1)[0]["text"], id="d0", language="en")
    assert row["key"] == document_key(document).hex()


def calls_of(tmp_path):
    texts = [path.read_text() for path in (tmp_path / "calls").iterdir()]
    return collections.Counter("".join(texts).split())


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray.data", None)
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"communique\[ray\]"):
        extract_dataset(None, "kept")


rays_own_warnings = pytest.mark.filterwarnings(r"ignore::DeprecationWarning:ray\.", r"ignore::FutureWarning:ray\.")
"""Ray 2.60 uses settings of its own that it calls deprecated."""


@rays_own_warnings
def test_ray_gives_the_rows_of_the_local_runner(ray, tmp_path):
    rows = [*articles(40), {"id": "none", "title": "no text", "text": None}]
    read = extract_dataset(ray.data.from_items(rows), tmp_path / "kept", model=scripted(), read=OPTIONS)
    assert write_jsonl(read, tmp_path / "ray.jsonl") == (39, 2)
    done, failed = local(tmp_path, rows, scripted())
    assert lines(tmp_path / "ray.jsonl") == done
    assert [r["id"] for r in lines(tmp_path / "ray.failed.jsonl")] == [r["id"] for r in failed]


@rays_own_warnings
def test_a_killed_worker_doubles_nothing(ray, tmp_path):
    """240 documents, two workers, one of them killed with SIGKILL in the middle."""
    count, at_once = 240, 8
    calls = tmp_path / "calls"
    calls.mkdir()
    dataset = ray.data.from_items(articles(count)).repartition(24)
    read = extract_dataset(
        dataset,
        tmp_path / "kept",
        model=scripted(calls, wait=0.002),
        read=OPTIONS,
        actors=2,
        bounds=Bounds(concurrency=at_once),
    )
    killed = []

    def kill():
        until = time.monotonic() + 120
        while time.monotonic() < until:
            found = {p: len(p.read_text().split()) for p in calls.iterdir()}
            if sum(found.values()) > 60:
                victim = max(found, key=found.get)
                os.kill(int(victim.name), signal.SIGKILL)
                killed.append(int(victim.name))
                return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    done, failed = write_jsonl(read, tmp_path / "ray.jsonl")
    killer.join()

    assert killed
    assert (done, failed) == (count - 1, 1)
    expected, _ = local(tmp_path, articles(count), scripted())
    assert lines(tmp_path / "ray.jsonl") == expected
    asked = calls_of(tmp_path)
    assert set(asked) == {str(n) for n in range(count)}
    assert sum(asked.values()) <= count + at_once, "only what was in flight is asked again"
    assert len({p.name for p in calls.iterdir()}) >= 3, "another worker took over"
    assert len(list((tmp_path / "kept").glob("*/??/*.json"))) == count


@rays_own_warnings
def test_a_refused_key_ends_the_job_and_is_named(ray, tmp_path):
    def backend():
        return ScriptedBackend(lambda _prompt: AuthenticationError("API key refused by h"))

    read = extract_dataset(ray.data.from_items(articles(4)), tmp_path / "kept", model=backend)
    with pytest.raises(Exception, match="API key refused by h"):
        read.take_all()


@rays_own_warnings
def test_workers_that_leave_no_core_to_ray_are_warned_of(ray, tmp_path, caplog):
    dataset = ray.data.from_items(articles(1))
    extract_dataset(dataset, tmp_path / "kept", model=scripted(), actors=2, num_cpus=1)
    assert "take 2 of the 2 cores" in caplog.text
    caplog.clear()
    extract_dataset(dataset, tmp_path / "kept", model=scripted(), actors=2)
    assert not caplog.text


@rays_own_warnings
def test_the_example_runs_and_can_be_run_again(ray, tmp_path, capsys):
    main = runpy.run_path(str(ROOT / "examples" / "05_ray.py"))["main"]
    for _ in range(2):
        assert main(results=tmp_path / "kept", output=tmp_path / "out.jsonl") == (3, 0)
    assert "3 done, 0 failed" in capsys.readouterr().out
    found = {row["document"]["id"]: len(row["meetings"]) for row in lines(tmp_path / "out.jsonl")}
    assert found == {"ferry_talks": 0, "governor_in_pyongyang": 1, "tool_maker_listed": 0}
    assert len(list((tmp_path / "kept").glob("*/??/*.json"))) == 3
