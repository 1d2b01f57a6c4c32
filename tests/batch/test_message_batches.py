"""Anthropic's Message Batches: the rows of a live run, and no batch is sent twice, though none has a name."""

import json
import os
import re
import warnings
from datetime import UTC, datetime

import anyio
import pytest

from communique.backends import connect
from communique.backends.instructor_provider import InstructorBackend
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.batch.budget import Price
from communique.batch.journal_status import journal_status
from communique.batch.provider_batch import ProviderOptions
from communique.cli import terminal
from communique.engine.plan import Plan
from communique.errors import AuthenticationError, ConfigurationError, PermanentBackendError, QuotaError
from communique.testing.chat_wires import schema_of

UNJUDGED = Plan(judge="off")
EMPTY = {"meetings": [], "allegations": [], "sanctions_concerns": []}
DOCUMENTS = 8


def answer(body):
    """One good record; for article 3 a name that is not there, mended when asked again.

    For article 4 no JSON at first; where a judge is asked, article 5's record is refuted.
    """
    turns = body["messages"]
    number = int((re.search(r"envoy number (\d+)", json.dumps(turns)) or [0, 0])[1])  # a half may not name it
    if "judgements" in schema_of(body)["properties"]:
        return {"judgements": [{"statement": 1, "sentences": [1], "probability": 0.1 if number == 5 else 0.9}]}
    again = len(turns) > 1
    if number == 4 and not again:
        return '{"meetings": ['
    name = "Boris Smirnov" if number == 3 and not again else "Anna Novak"
    return EMPTY | {"meetings": [{"evidence": [1], "status": "held", "participants": [name]}]}


@pytest.fixture
def server(provider_servers):
    with provider_servers["anthropic"].MessageBatchServer(answer) as running:
        yield running


def filled(folder):
    rows = [
        {"id": f"d{n}", "text": f"Minister Anna Novak met envoy number {n} in Vienna. They spoke.", "language": "en"}
        for n in range(DOCUMENTS)
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture
def place(tmp_path):
    return filled(tmp_path)


@pytest.fixture(scope="module")
def live_rows(tmp_path_factory, provider_servers):
    """Return a function that gives the file of a live run in a place."""
    there = filled(tmp_path_factory.mktemp("live"))
    with provider_servers["anthropic"].MessageBatchServer(answer) as server:
        run_live(there, server)
    made = (there / "live.jsonl").read_bytes()
    return lambda place: made.replace(str(there).encode(), str(place).encode())


async def no_sleep(_seconds):
    pass


def backend_of(server, model="m1", **more):
    return InstructorBackend(
        f"anthropic/{model}", base_url=server.url, policy=RetryPolicy(attempts=2, sleep=no_sleep), **more
    )


def run(place, server, *, plan=UNJUDGED, settings=None, said=None, out="out.jsonl", backend=None, **options):
    async def main():
        asked = backend or backend_of(server)
        provider = ProviderOptions(say=said.append if said is not None else None, sleep=no_sleep, **options)
        names = [str(place / "in.jsonl")]
        try:
            return await arun_batch(names, place / out, asked, plan, settings=settings, provider=provider)
        finally:
            await asked.aclose()

    return anyio.run(main)


def run_live(place, server, out="live.jsonl", plan=UNJUDGED, settings=None):
    async def main():
        backend = backend_of(server)
        try:
            return await arun_batch([str(place / "in.jsonl")], place / out, backend, plan, settings)
        finally:
            await backend.aclose()

    return anyio.run(main)


def failures(place):
    rows = (place / "out.failed.jsonl").read_text("utf-8").splitlines()
    return {row["id"]: row["reason"] for row in map(json.loads, rows)}


def sizes(server):
    return [len(batch.lines) for batch in server.batches.values()]


def assert_paid_once(server):
    """No request was answered twice: the same parameters are in one batch only, unless they had no answer there."""
    assert set(server.answered.values()) == {1}
    asked = [json.dumps(line["params"]) for b in server.batches.values() for line in b.lines]
    assert len(set(asked)) == len(asked)


def test_the_file_is_that_of_a_live_run_byte_for_byte_and_repairs_go_into_a_second_batch(place, server):
    report = run(place, server)
    assert (report.done, report.failed, report.left, report.pending) == (DOCUMENTS, 0, 0, "")
    assert server.live == 1, "one document is asked live first"
    assert sizes(server) == [DOCUMENTS - 1, 2]
    assert_paid_once(server)
    tokens = journal_status(place / "out.jsonl")["tokens"]
    run_live(place, server)
    assert (place / "out.jsonl").read_bytes() == (place / "live.jsonl").read_bytes()
    assert tokens == journal_status(place / "live.jsonl")["tokens"]
    assert not list(place.glob("*.requests.jsonl")) + list(place.glob("*.answers.jsonl"))


def test_requests_are_those_of_a_live_run(place, server):
    """In particular without `temperature`, which the SDK doesn't know, though it is only refused where it is called."""
    run(place, server, plan=Plan(), settings=BatchSettings(judge=backend_of(server, "m2")))
    seen = {key for b in server.batches.values() for line in b.lines for key in line["params"]}
    assert seen == {"max_tokens", "messages", "model", "output_config", "system"}


@pytest.mark.parametrize("other", [None, "m2"])
def test_records_are_judged_in_further_batches(place, server, other):
    settings = BatchSettings(judge=backend_of(server, other) if other else None)
    report = run(place, server, plan=Plan(), settings=settings)
    run_live(place, server, plan=Plan(), settings=settings)
    assert (report.done, report.failed) == (DOCUMENTS, 0)
    assert (place / "out.jsonl").read_bytes() == (place / "live.jsonl").read_bytes()
    assert '"flagged"' in (place / "out.jsonl").read_text("utf-8")
    assert_paid_once(server)


def test_each_key_begins_with_what_its_batch_is_told_by(place, server):
    run(place, server)
    for batch in server.batches.values():
        marks = {line["custom_id"][:24] for line in batch.lines}
        assert len(marks) == 1
        assert re.fullmatch(r"[0-9a-f]{23}-", marks.pop())


def test_a_model_without_structured_output_is_asked_by_a_tool(place, server):
    real = server.respond

    def older(method, target, headers, raw):
        if target == "/v1/messages" and "output_config" in json.loads(raw):
            error = {"type": "invalid_request_error", "message": "output_config: not supported by this model"}
            return 400, {}, json.dumps({"type": "error", "error": error}).encode()
        return real(method, target, headers, raw)

    server.respond = older
    report = run(place, server)
    assert (report.done, report.failed) == (DOCUMENTS, 0)
    assert all("tools" in line["params"] for b in server.batches.values() for line in b.lines)
    run_live(place, server)
    assert records(place / "out.jsonl") == records(place / "live.jsonl")


def records(path):
    """Return the rows without what they took: live, several requests are under way until the first is refused."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{name: value for name, value in row.items() if name != "provenance"} for row in rows]


def test_what_was_all_reasoning_is_sent_again_with_more_room_and_once(place, server):
    server.thinking = 20_000
    report = run(place, server)
    assert (report.done, report.failed) == (DOCUMENTS, 0)
    assert set(server.answered.values()) == {1}


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_a_batch_costs_its_share_of_the_price(place, server, share):
    price = Price(1.0, 2.0, share)
    report = run(place, server, settings=BatchSettings(bounds=Bounds(price=price)))
    full = run_live(place, server, settings=BatchSettings(bounds=Bounds(price=price))).cost
    live = run_live(one(place), server, out="one.jsonl", settings=BatchSettings(bounds=Bounds(price=price))).cost
    assert report.cost == pytest.approx(live + share * (full - live))


def one(place):
    alone = place / "alone"
    alone.mkdir()
    first = (place / "in.jsonl").read_text("utf-8").splitlines()[0]
    (alone / "in.jsonl").write_text(first + "\n", "utf-8")
    return alone


def test_requests_that_failed_by_chance_are_asked_again_three_times_at_most(place, server):
    tries = []

    def fault(line):
        text = json.dumps(line["params"])
        if "number 6 " in text and len(tries) < 2:
            tries.append(6)
            return {"code": "api_error"}
        return {"code": "overloaded_error"} if "number 7 " in text else None

    server.line_fault = fault
    report = run(place, server)
    assert report.done == DOCUMENTS - 1
    assert failures(place) == {"d7": "server_error"}
    assert sum("number 7 " in json.dumps(line) for b in server.batches.values() for line in b.lines) == 3


def test_what_expired_is_asked_again_and_nothing_else(place, server):
    server.endings = [("expired", 0.5)]
    assert run(place, server).done == DOCUMENTS
    states = [b["state"] for b in journal_status(place / "out.jsonl")["provider_batches"]]
    assert states[:2] == ["expired", "completed"]
    assert set(server.answered.values()) == {1}


def test_what_expires_always_fails_with_its_reason(place, server):
    server.line_fault = lambda line: {"code": "expired"} if "number 5 " in json.dumps(line) else None
    assert run(place, server).done == DOCUMENTS - 1
    assert failures(place) == {"d5": "expired"}


def test_a_request_that_is_refused_fails_its_document(place, server):
    fault = {"code": "invalid_request_error", "message": "prompt is too long: 300000 tokens > 200000 maximum"}
    server.line_fault = lambda line: fault if "number 5 " in json.dumps(line) else None
    assert run(place, server).done == DOCUMENTS - 1
    assert failures(place) == {"d5": "too_long"}


def test_no_credit_in_a_line_stops_the_run(place, server):
    server.line_fault = lambda line: {"code": "billing_error"} if "number 5 " in json.dumps(line) else None
    report = run(place, server)
    assert isinstance(report.ending.cause, QuotaError)
    server.line_fault = lambda _line: None
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_a_cancelled_batch_stops_the_run_and_its_answers_are_kept(place, server):
    server.endings = [("cancelled", 0.5)]
    report = run(place, server)
    assert isinstance(report.ending.cause, PermanentBackendError)
    assert "msgbatch_1 was cancelled" in str(report.ending.cause)
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_lines_of_nobody_are_ignored_and_told(place, server):
    stranger = {"custom_id": "x" * 64, "result": {"type": "succeeded", "message": {"type": "message"}}}
    server.strange_lines = [json.dumps(stranger), "no JSON", '{"custom_id": 7, "result": {}}', '{"result": 1}']
    said = []
    assert run(place, server, said=said).done == DOCUMENTS
    assert sum("4 lines that don't belong to any request" in line for line in said) == 2


@pytest.mark.parametrize(
    "what", [("POST", "/v1/messages/batches"), ("GET", "/v1/messages/batches/msgbatch_1"), ("GET", "/v1/messages/b")]
)
def test_a_passing_fault_is_tried_again(place, server, what):
    server.refuse[what] = (500, "api_error", 1)
    assert run(place, server).done == DOCUMENTS
    assert_paid_once(server)


@pytest.mark.parametrize("looks", [0, 3])
def test_an_answer_to_create_that_gets_lost_makes_no_second_batch(place, server, looks):
    server.looks = looks
    real = server.respond

    def lossy(method, target, headers, raw):
        answered = real(method, target, headers, raw)
        return (502, {}, b"") if (method, len(server.batches)) == ("POST", 1) and "batches" in target else answered

    server.respond = lossy
    assert run(place, server).done == DOCUMENTS
    assert sizes(server) == [DOCUMENTS - 1, 2]
    assert_paid_once(server)


@pytest.mark.parametrize("status", [400, 413])
def test_a_batch_that_is_refused_as_a_whole_stops_the_run_and_costs_no_try(place, server, status):
    for _ in range(4):
        server.refuse["POST", "/v1/messages/batches"] = (status, "invalid_request_error")
        report = run(place, server)
        assert isinstance(report.ending.cause, PermanentBackendError)
        assert "invalid_request_error" in str(report.ending.cause)
        assert report.pending == ""
    server.refuse.clear()
    assert run(place, server).done == DOCUMENTS
    assert_paid_once(server)


def test_a_refused_key_stops_before_anything_is_sent(place, server):
    server.key = "right"
    assert isinstance(run(place, server).ending.cause, AuthenticationError)
    assert not server.batches


@pytest.fixture
def killed(place, server, die_at):
    """Runs in a child that ends at once, as by kill -9, when it passes a step; tells whether it did."""

    def killed(step, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the server's threads are not needed in the child
            child = os.fork()
        if child == 0:
            try:
                die_at(step)
                run(place, server, **options)
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137

    return killed


def test_a_batch_that_was_sent_and_not_noted_and_has_ended_is_found_by_its_keys(place, server, killed):
    server.looks = 0
    assert killed("created")
    said = []
    assert run(place, server, said=said).done == DOCUMENTS
    assert sizes(server) == [DOCUMENTS - 1, 1], "of the two repairs one is read live, as in each run"
    assert_paid_once(server)
    assert "msgbatch_1 submitted, 7 requests" in said


def test_a_batch_that_was_sent_and_not_noted_and_is_in_progress_is_waited_for(place, server, killed):
    assert killed("created")
    server.looks = 5
    report = run(place, server, wait=False)
    assert sizes(server) == [DOCUMENTS - 1], "not sent again"
    assert "7 requests are pending at the provider" in report.pending
    said = []
    assert run(place, server, said=said).done == DOCUMENTS
    assert sizes(server) == [DOCUMENTS - 1, 1], "of the two repairs one is read live, as in each run"
    assert_paid_once(server)
    assert said[0].startswith("msgbatch_1 may hold our 7 requests")
    assert sum("may hold" in line for line in said) == 1


def test_a_batch_whose_answers_are_gone_is_sent_again(place, server, killed):
    server.looks = 0
    assert killed("created")
    server.refuse["GET", "/v1/messages/batches/msgbatch_1/results"] = (404, "not_found_error")
    assert run(place, server).done == DOCUMENTS
    assert sizes(server) == [DOCUMENTS - 1, DOCUMENTS - 1, 1]


def test_another_programs_batch_of_as_many_requests_is_waited_for_and_then_ours_is_sent(place, server, killed):
    assert killed("planned")
    foreign = [{"custom_id": f"theirs-{n}", "params": {"model": "m9", "messages": []}} for n in range(DOCUMENTS - 1)]
    server.answer = lambda body: "{}" if body["model"] == "m9" else answer(body)
    server.looks = 4
    server.respond("POST", "/v1/messages/batches", {}, json.dumps({"requests": foreign}).encode())
    assert run(place, server).done == DOCUMENTS
    assert sizes(server) == [DOCUMENTS - 1, DOCUMENTS - 1, 1]
    assert set(server.answered.values()) == {1}


def test_a_batch_that_is_known_is_not_waited_for_in_anothers_place(place, server, killed):
    row = {"id": "d8", "text": "Minister Anna Novak met envoy number 8 in Vienna.", "language": "en"}
    with (place / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")
    assert killed("planned:2", max_requests=4)
    server.looks = 10**6
    run(place, server, max_requests=4, wait=False)
    assert sizes(server) == [4, 4], "the first one is in progress and has as many requests"
    server.looks = 0
    assert run(place, server, max_requests=4).done == DOCUMENTS + 1
    assert_paid_once(server)


def test_old_batches_and_those_of_another_size_are_not_looked_into(place, server, killed, provider_servers):
    assert killed("planned")
    old = {"request_counts": {"processing": 7, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}}
    old |= {"id": "msgbatch_0", "type": "message_batch", "processing_status": "in_progress", "results_url": None}
    old |= {"created_at": datetime(2026, 1, 1, tzinfo=UTC).isoformat(), "expires_at": "2026-01-02T00:00:00Z"}
    server.batches["msgbatch_0"] = provider_servers["anthropic"].KeptBatch(old, [], looks=-100)
    small = [{"custom_id": "theirs", "params": {"model": "m9", "messages": []}}]
    server.respond("POST", "/v1/messages/batches", {}, json.dumps({"requests": small}).encode())
    server.batches["msgbatch_2"].looks = -100
    assert run(place, server).done == DOCUMENTS
    assert ("GET", "/v1/messages/batches/msgbatch_2/results") not in server.calls


STEPS = [
    "planned",
    "noted:1",
    "created",
    "noted:2",
    "downloaded",
    "stored",
    "finished",
    "commit",
    "committed",
    "export",
]


@pytest.mark.parametrize("looks", [0, 2])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_after_any_step_pays_for_nothing_twice(place, server, killed, step, looks, live_rows):
    server.looks = looks
    assert killed(step)
    assert run(place, server).done == DOCUMENTS
    assert_paid_once(server)
    assert (place / "out.jsonl").read_bytes() == live_rows(place)
    assert not list(place.glob("*.requests.jsonl")) + list(place.glob("*.answers.jsonl"))


def test_kills_one_after_another_pay_for_nothing_twice(place, server, killed):
    """Each run dies one step later than the one before, and takes over what that one left."""
    steps = ["planned", "created", "noted", "downloaded", "stored", "finished", "commit", "committed", "export"]
    assert sum(killed(step) for step in steps) >= 7
    assert run(place, server).done == DOCUMENTS
    assert_paid_once(server)


def test_a_judge_of_another_provider_is_refused(place, server):
    judge = OpenAIBackend("m2", base_url=f"{server.url}/v1")
    with pytest.raises(ConfigurationError, match="the judge 'm2' is not on the server of 'm1'"):
        run(place, server, plan=Plan(), settings=BatchSettings(judge=judge))


def test_without_the_sdk_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("communique.backends.providers.installed", lambda module: module != "anthropic")
    with pytest.raises(ConfigurationError) as caught:
        connect("anthropic/m1")
    assert str(caught.value) == "the provider 'anthropic' needs the package 'anthropic' (pip install anthropic)"


def test_the_command_does_it(place, server, in_here, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "right")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    server.key = "right"
    asked = ["--model", "anthropic/m1", "--no-judge", "--provider-batch", "--poll-every", "0.05"]
    ended = in_here(["batch", "-o", str(place / "out.jsonl"), str(place / "in.jsonl"), *asked])
    assert ended.returncode == terminal.OK, ended.stderr
    assert "msgbatch_1 submitted, 7 requests" in ended.stderr
    assert_paid_once(server)
