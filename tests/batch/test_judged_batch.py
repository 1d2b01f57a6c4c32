"""A judge beside a batch: the same limits, journal and budget; another judge is another configuration."""

import json

import anyio
import pytest

from communique import Extractor, errors
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.batch.fingerprint import config_of, fingerprint
from communique.batch.ray import DocumentReader
from communique.cli.app import run
from communique.documents.readers import ReadOptions
from communique.engine.plan import Plan
from communique.testing import FakeServer
from communique.testing.chat_wires import schema_of

QUICK = RetryPolicy(base=0.005, cap=0.01)
MET = {"evidence": [1], "status": "held", "participants": ["Anna Novak", "Ben Orel"]}
TEXT = "Anna Novak met Ben Orel in Vienna. They spoke."


def answer(body):
    if "judgements" in schema_of(body)["properties"]:
        return {"judgements": [{"statement": 1, "sentences": [1], "probability": 0.93}]}
    return {"meetings": [MET], "allegations": [], "sanctions_concerns": []}


@pytest.fixture
def server():
    with FakeServer(answer) as running:
        yield running


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "in.jsonl"
    rows = [{"id": f"d{n}", "text": f"{TEXT} Day {n}.", "language": "en"} for n in range(3)]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    return path


def batch(corpus, backend, plan=None, **settings):
    output = corpus.parent / "out.jsonl"

    async def read():
        try:
            return await arun_batch([str(corpus)], output, backend, plan or Plan(), BatchSettings(**settings))
        finally:
            for asked in filter(None, (backend, settings.get("judge"))):
                await asked.aclose()

    report = anyio.run(read)
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()] if output.exists() else []
    return report, rows


def openai(server, model="m1"):
    return OpenAIBackend(model, base_url=server.url, policy=QUICK)


def test_a_remote_model_judges_what_it_reads(corpus, server):
    report, rows = batch(corpus, openai(server))

    assert report.done == 3
    assert {r["meetings"][0]["verdict"] for r in rows} == {"verified"}
    assert {r["provenance"]["judge"] for r in rows} == {"m1"}
    assert len(server.arrivals) == 6
    used = sum(r["provenance"]["usage"]["input_tokens"] for r in rows)
    assert used == sum(len(str(m["content"])) for a in server.arrivals for m in a.body["messages"]) // 4 or used > 0


def test_with_another_judge_each_model_gets_its_questions(corpus, server):
    _, rows = batch(corpus, openai(server), judge=openai(server, "m2"))

    purposes = {(a.body["model"], "judgements" in schema_of(a.body)["properties"]) for a in server.arrivals}
    assert purposes == {("m1", False), ("m2", True)}
    assert {(r["provenance"]["model"], r["provenance"]["judge"]) for r in rows} == {("m1", "m2")}


def test_without_one_nothing_is_verified_and_half_is_asked(corpus, server):
    _, rows = batch(corpus, openai(server), Plan(judge="off"))
    assert {r["meetings"][0]["verdict"] for r in rows} == {"supported"}
    assert {r["provenance"].get("judge", "") for r in rows} == {""}
    assert len(server.arrivals) == 3


def test_a_judge_that_refuses_the_key_ends_the_run_before_anything_is_paid(corpus, server):
    with FakeServer(answer, key="right") as other:
        judge = OpenAIBackend("m2", base_url=other.url, api_key="wrong", policy=QUICK)
        report, rows = batch(corpus, openai(server), judge=judge)
    assert isinstance(report.ending.cause, errors.AuthenticationError)
    assert (rows, len(server.arrivals)) == ([], 0)


def test_an_unknown_judge_ends_the_run_and_its_documents_stay_to_be_done(corpus, server):
    with FakeServer(answer, model="m2") as other:
        judge = OpenAIBackend("m9", base_url=other.url, policy=QUICK)
        report, rows = batch(corpus, openai(server), judge=judge)
    assert isinstance(report.ending.cause, errors.UnknownModelError)
    assert rows == []
    assert report.left  # how many of the three were listed before the end depends on the machine
    _, rows = batch(corpus, openai(server), Plan(judge="off"), new_run=True)
    assert len(rows) == 3


def test_the_budget_covers_the_judge_too(corpus, server):
    reserve = 5_000  # what the last request may take
    _, rows = batch(corpus, openai(server), Plan(judge="off"))
    used = sum(sum(r["provenance"]["usage"].values()) for r in rows)
    (corpus.parent / "out.jsonl").unlink()
    bounds = Bounds(concurrency=1, max_tokens=used + reserve)
    report, _ = batch(corpus, openai(server), bounds=bounds, new_run=True)
    assert isinstance(report.ending.cause, errors.BudgetExceededError)
    assert report.left


@pytest.mark.parametrize("concurrency", [1, 3])
def test_what_was_read_before_the_budget_ended_is_kept_unjudged_and_not_paid_for_again(corpus, server, concurrency):
    _, rows = batch(corpus, openai(server), Plan(judge="off"))
    read = sum(rows[0]["provenance"]["usage"].values())
    (corpus.parent / "out.jsonl").unlink()
    server.arrivals.clear()
    reserve = 4_000 + int(2.5 * read)  # of a first question, which is asked with room for its answer
    bounds = Bounds(concurrency=concurrency, max_tokens=reserve)
    report, rows = batch(corpus, openai(server), bounds=bounds, new_run=True)
    assert isinstance(report.ending.cause, errors.BudgetExceededError)
    assert [r["provenance"]["warnings"] for r in rows] == [["judge_failed"]]
    assert len(server.arrivals) == 1
    _, rows = batch(corpus, openai(server), bounds=Bounds(max_tokens=1_000_000))
    assert len(rows) == 3
    assert len(server.arrivals) == 1 + 2 * 2


def test_another_judge_is_another_configuration():
    def config(plan=None, judge=None, kind=OpenAIBackend):
        backend = kind("m1", base_url="http://127.0.0.1:1/v1") if kind is OpenAIBackend else kind()
        return config_of(backend, plan or Plan(), judge)

    own, none = config(), config(Plan(judge="off"))
    other = config(judge=OpenAIBackend("m2", base_url="http://127.0.0.1:1/v1"))
    assert own["judge"]["model"] == "m1"
    assert len(own["judge"]["prompt"]) == 16
    assert "judge" not in none
    assert len({fingerprint(c) for c in (own, none, other)}) == 3
    assert config(kind=ScriptedBackend) == config(Plan(judge="off"), kind=ScriptedBackend)


@pytest.mark.parametrize("model", ["anthropic/m1", "ollama/m1"])
def test_other_providers_judge_too(server, model):
    url = server.url.removesuffix("/v1") if model.startswith("anthropic") else server.url
    with Extractor(InstructorBackend(model, base_url=url, policy=QUICK)) as extractor:
        summary = extractor.extract(TEXT)
    assert [r.verdict for r in summary.meetings] == ["verified"]
    assert [j.probability for j in summary.meetings[0].judgements] == [0.93]


def test_a_worker_of_ray_data_judges(tmp_path):
    def reading():
        return ScriptedBackend(lambda _: {"meetings": [MET]})

    def judging():
        return ScriptedBackend(
            lambda _: {"judgements": [{"statement": 1, "sentences": [1], "probability": 0.1}]}, model="owl-1"
        )

    reader = DocumentReader(tmp_path / "kept", reading, judge=judging, read_options=ReadOptions(language="en"))
    try:
        (row,) = reader.read([{"id": "d1", "text": TEXT}])
    finally:
        reader.close()
    found = json.loads(row["line"])
    assert found["meetings"][0]["verdict"] == "flagged"
    assert found["provenance"]["judge"] == "owl-1"
    (kept,) = (tmp_path / "kept").glob("*/configuration.json")
    assert json.loads(kept.read_text("utf-8"))["judge"]["model"] == "owl-1"


def test_the_command_line_takes_a_judge_or_none(tmp_path, corpus, server, capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    article = tmp_path / "a.txt"
    article.write_text(TEXT, "utf-8")
    asked = [str(article), "--model", "m1", "--base-url", server.url]

    def judge_of(*more):
        assert run(["extract", *asked, *more]) == 0
        return json.loads(capsys.readouterr().out)["provenance"].get("judge", "")

    assert judge_of() == "m1"
    assert judge_of("--judge", "m2") == "m2"
    assert judge_of("--no-judge") == ""
    assert run(["extract", *asked, "--judge", "m2", "--no-judge"]) == 2
    assert "contradict each other" in capsys.readouterr().err
    batched = ["batch", str(corpus), "-o", str(tmp_path / "o.jsonl"), "-q", *asked[1:], "--judge", "m2"]
    assert run(batched) == 0
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    assert {r["provenance"].get("judge") for r in rows} == {"m2"}


def test_a_judge_whose_name_says_its_backend_is_asked_there(server, tmp_path):
    script = tmp_path / "judge.json"
    script.write_text(json.dumps({"judgements": [{"statement": 1, "sentences": [], "probability": 0.8}]}), "utf-8")
    with Extractor("m1", base_url=server.url, judge=f"scripted/{script}") as extractor:
        summary = extractor.extract(TEXT)
    assert (summary.provenance.model, summary.provenance.judge) == ("m1", "script")


def test_the_same_name_is_the_same_backend():
    with Extractor("scripted", judge="scripted") as extractor:
        assert extractor.judge is extractor.backend
