"""The provider's batch: the rows of a live run, nothing asked twice, whatever happens on the way."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import time
import warnings
from pathlib import Path

import anyio
import pytest

from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.batch.budget import Price
from communique.batch.journal_file import journal_path, salvage
from communique.batch.journal_status import journal_status, run_report
from communique.batch.provider_batch import ProviderOptions, traffic
from communique.batch.provider_batch.ledger import answers_of
from communique.cli import terminal
from communique.engine.plan import Plan
from communique.errors import (
    AuthenticationError,
    BudgetExceededError,
    ConfigurationError,
    OutputError,
    PermanentBackendError,
    QuotaError,
    TransientBackendError,
    UnknownModelError,
)
from communique.schemas import Usage
from communique.testing import FakeServer
from communique.testing.chat_wires import turns_of

UNJUDGED = Plan(judge="off")
EMPTY = {"meetings": [], "allegations": [], "sanctions_concerns": []}
DOCUMENTS = 8


def answer(body):
    """One good record; for article 3 a name that is not there, mended when asked again.

    For article 4 no JSON at first.
    """
    text = "\n".join(m["content"] for m in turns_of(body))
    number = int((re.search(r"envoy number (\d+)", text) or [0, 0])[1])  # a half may not name it
    again = len(turns_of(body)) > 2
    if number == 4 and not again:
        return '{"meetings": ['
    name = "Boris Smirnov" if number == 3 and not again else "Anna Novak"
    met = {"evidence": [1], "status": "held", "participants": [name]}
    return EMPTY | {"meetings": [met]}


@pytest.fixture
def server(provider_servers):
    with provider_servers["openai"].BatchServer(answer) as running:
        yield running


@pytest.fixture
def place(tmp_path):
    write(tmp_path / "in.jsonl", range(DOCUMENTS))
    return tmp_path


def write(path, numbers):
    rows = [
        {
            "id": f"d{n}",
            "text": f"Minister Anna Novak met envoy number {n} in Vienna. They spoke.",
            "language": "en",
        }
        for n in numbers
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


class Slept(list):
    async def __call__(self, seconds):
        self.append(seconds)


def backend_of(server, **more):
    policy = RetryPolicy(attempts=2, sleep=Slept())
    return OpenAIBackend("m1", base_url=server.url, policy=policy, **more)


async def closed(backend, settings):
    """Close who was asked; whoever makes a backend closes it."""
    for asked in filter(None, (backend, settings and settings.judge)):
        await asked.aclose()


def run(place, server, *, plan=None, settings=None, said=None, out="out.jsonl", wire=None, **options):
    async def main():
        backend = backend_of(server, wire=wire)
        options.setdefault("sleep", Slept())
        say = said.append if said is not None else None
        try:
            return await arun_batch(
                [str(place / "in.jsonl")],
                place / out,
                backend,
                plan or UNJUDGED,
                settings=settings,
                provider=ProviderOptions(say=say, **options),
            )
        finally:
            await closed(backend, settings)

    return anyio.run(main)


def run_live(place, server, out="live.jsonl", plan=None, settings=None):
    async def main():
        backend = backend_of(server)
        try:
            return await arun_batch([str(place / "in.jsonl")], place / out, backend, plan or UNJUDGED, settings)
        finally:
            await closed(backend, settings)

    return anyio.run(main)


def rows(place, out="out.jsonl"):
    return [json.loads(line) for line in (place / out).read_text("utf-8").splitlines()]


def failures(place):
    return {r["id"]: r["reason"] for r in rows(place, "out.failed.jsonl")}


@pytest.mark.parametrize(("wire", "path"), [("chat", "/v1/chat/completions"), ("responses", "/v1/responses")])
def test_the_file_is_that_of_a_live_run_byte_for_byte(place, server, wire, path):
    report = run(place, server, wire=wire)
    assert {b.shown["endpoint"] for b in server.batches.values()} == {path}
    run_live(place, server)

    assert (report.done, report.failed, report.left, report.pending) == (DOCUMENTS, 0, 0, "")
    assert (place / "out.jsonl").read_bytes() == (place / "live.jsonl").read_bytes()
    by_id = {r["document"]["id"]: r for r in rows(place)}
    assert [r["document"]["id"] for r in rows(place)] == [f"d{n}" for n in range(DOCUMENTS)]
    assert by_id["d3"]["meetings"][0]["participants"][0]["name"] == "Anna Novak", "mended in a second round"
    assert by_id["d3"]["provenance"]["attempts"] == 2
    assert by_id["d4"]["provenance"]["attempts"] == 2, "asked again since it was no JSON"


def test_the_limit_has_the_name_that_the_server_takes(place, provider_servers):
    class Newer(provider_servers["openai"].BatchServer):
        """Takes `max_completion_tokens`, live and in a batch."""

        def respond(self, method, target, headers, raw):
            if target.endswith("/chat/completions") and "max_tokens" in json.loads(raw):
                self.live += 1
                return 400, {}, b'{"error": {"message": "no", "param": "max_tokens"}}'
            return super().respond(method, target, headers, raw)

    with Newer(answer) as server:
        server.line_fault = lambda line: (
            {"status": 400, "param": "max_tokens"} if "max_tokens" in line["body"] else None
        )
        report = run(place, server)
    assert (report.done, report.failed, server.live) == (DOCUMENTS, 0, 2)


@pytest.mark.parametrize("wire", ["chat", "responses"])
def test_what_was_all_reasoning_is_sent_again_with_more_room_and_once(place, provider_servers, wire):
    with provider_servers["openai"].BatchServer(answer) as server:
        server.thinking = 100
        run(place, server, wire=wire, wait=False)  # the live document shows that the model thinks, and how much
        server.thinking = 20_000
        report = run(place, server, wire=wire)
        assert (report.done, report.failed) == (DOCUMENTS, 0)
        assert set(server.answered.values()) == {1}
    used = journal_status(place / "out.jsonl")["tokens"]
    assert used["reasoning"] > 20_000 * (DOCUMENTS - 1)


def test_two_rounds_are_two_batches_and_one_document_is_asked_live_first(place, server):
    run(place, server)
    assert server.live == 1
    assert [len(b.lines) for b in server.batches.values()] == [DOCUMENTS - 1, 2]
    assert set(server.answered.values()) == {1}
    assert all(len(custom_id) <= 64 for custom_id in server.answered)


def judging(body):
    """Judge, where a judge is asked; article 5's record is refuted."""
    if body["response_format"]["json_schema"]["name"] != "judgements":
        return answer(body)
    probability = 0.1 if "envoy number 5 " in body["messages"][1]["content"] else 0.9
    return {"judgements": [{"statement": 1, "sentences": [1], "probability": probability}]}


@pytest.mark.parametrize("other", [None, "m2"])
def test_records_are_judged_in_further_batches_once_they_are_read(place, server, other):
    server.answer = judging
    judge = OpenAIBackend(other, base_url=server.url) if other else None
    settings = BatchSettings(judge=judge)
    report = run(place, server, plan=Plan(), settings=settings)
    run_live(place, server, plan=Plan(), settings=settings)

    assert (report.done, report.failed) == (DOCUMENTS, 0)
    assert (place / "out.jsonl").read_bytes() == (place / "live.jsonl").read_bytes()
    found = {r["document"]["id"]: r for r in rows(place)}
    assert {i: r["meetings"][0]["verdict"] for i, r in found.items()} == {
        f"d{n}": "flagged" if n == 5 else "verified" for n in range(DOCUMENTS)
    }
    assert {r["provenance"]["judge"] for r in found.values()} == {other or "m1"}
    assert found["d3"]["provenance"]["attempts"] == 3, "judged after it was mended, not before"
    assert set(server.answered.values()) == {1}, "nothing is asked twice"
    asked = [(sorted({line["body"]["model"] for line in b.lines}), len(b.lines)) for b in server.batches.values()]
    # a file of a batch has requests to one model
    second = [(["m2"], 5), (["m1"], 2), (["m2"], 2)] if other else [(["m1"], 7), (["m1"], 2)]
    assert asked == [(["m1"], 7), *second]


def test_a_judge_on_another_server_is_refused(place, server):
    settings = BatchSettings(judge=OpenAIBackend("m2", base_url="http://127.0.0.1:9/v1"))
    with pytest.raises(ConfigurationError, match="the judge 'm2' is not on the server of 'm1'"):
        run(place, server, plan=Plan(), settings=settings)


def test_tokens_are_counted_once(place, server):
    price = BatchSettings(bounds=Bounds(price=Price(1.0, 2.0)))
    report = run(place, server, settings=price)
    run_live(place, server)
    first, second = journal_status(place / "out.jsonl"), journal_status(place / "live.jsonl")
    assert first["tokens"] == second["tokens"]
    assert report.cost is not None


def test_an_answer_that_is_there_is_not_counted_again_when_its_document_is_finished_live(place, server):
    while run(
        place, server, wait=False
    ).left:  # each run reads one document live: here one that lacks its second answer
        pass
    run_live(place, server)
    first, second = journal_status(place / "out.jsonl"), journal_status(place / "live.jsonl")
    assert server.live == 2 + DOCUMENTS + 2
    assert first["tokens"] == second["tokens"]


@pytest.mark.parametrize("share", [0.5, 0.25, 1.0])
def test_a_batch_costs_its_share_of_the_price_and_the_live_document_all_of_it(place, server, share):
    price = Price(1.0, 2.0, share)
    settings = BatchSettings(bounds=Bounds(price=price))
    report = run(place, server, settings=settings)
    full = price.of(tokens_of(place))
    live = price.of(tokens_of(place, "d0"))
    assert report.cost == pytest.approx(live + share * (full - live))
    assert run_report(place / "out.jsonl")["cost"] == pytest.approx(report.cost, abs=1e-6)
    assert run(place, server, settings=settings).cost == report.cost, "the journal knows what was paid how"
    assert run_live(place, server, out="out.jsonl", settings=settings).cost == report.cost


def tokens_of(place, document=None):
    """Return the tokens of all results, or of one document's."""
    which, bound = ("WHERE id = ?", [document]) if document else ("", [])
    with contextlib.closing(sqlite3.connect(journal_path(place / "out.jsonl"))) as db:
        row = db.execute(f"SELECT sum(tokens_in), sum(tokens_out) FROM result {which}", bound).fetchone()
    return Usage(input_tokens=row[0], output_tokens=row[1])


def test_a_bound_in_money_goes_by_the_price_of_a_batch(place, server):
    """What requests may take is set aside before they are sent; at half the price, so is half the money."""
    run(place, server, settings=BatchSettings(bounds=Bounds(price=Price(1.0, 1.0))), out="measure.jsonl")
    first = [line["body"] for line in server.batches["batch_1"].lines]
    most = sum(sum(len(m["content"]) for m in b["messages"]) // 3 + b["max_tokens"] for b in first) / 1e6
    sent = {}
    for share in (1.0, 0.5):
        before = len(server.batches)
        settings = BatchSettings(bounds=Bounds(max_cost=0.8 * most, price=Price(1.0, 1.0, share)))
        assert run(place, server, settings=settings, out=f"{share}.jsonl").cost <= 0.8 * most
        sent[share] = len(list(server.batches.values())[before].lines)
    assert sent[0.5] == len(first) > sent[1.0]


def test_the_windows_of_a_long_document_go_into_one_batch(place, server):
    text = " ".join(f"Minister Anna Novak met envoy number {100 + n} in Vienna." for n in range(60))
    with (place / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "long", "text": text, "language": "en"}) + "\n")
    plan = Plan(window_chars=900, judge="off")
    run(place, server, plan=plan)
    run_live(place, server, plan=plan)
    assert (place / "out.jsonl").read_bytes() == (place / "live.jsonl").read_bytes()
    windows = rows(place)[-1]["provenance"]["windows"]
    assert windows >= 3
    assert len(server.batches["batch_1"].lines) == DOCUMENTS - 1 + windows
    assert len(server.batches) == 2


def test_equal_documents_are_asked_about_once(place, server):
    write(place / "in.jsonl", [1, 2, 1, 2, 2])
    run(place, server)
    assert server.live + sum(server.answered.values()) == 2
    assert len(rows(place)) == 5


def test_the_same_command_again_sends_nothing(place, server):
    run(place, server)
    sent = len(server.calls)
    report = run(place, server)
    assert report.already_complete
    assert len(server.calls) == sent


def test_a_live_run_goes_on_with_the_same_journal(place, server):
    run(place, server)
    with (place / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "new", "text": "Anna Novak met envoy number 50.", "language": "en"}) + "\n")
    report = run_live(place, server, out="out.jsonl")
    assert report.tally.already == DOCUMENTS
    assert server.live == 2


def test_without_waiting_it_returns_and_status_shows_the_batch(place, server):
    report = run(place, server, wait=False)
    assert report.left == DOCUMENTS - 1
    assert "7 requests are pending at the provider (batch_1)" in report.pending
    shown = journal_status(place / "out.jsonl")["provider_batches"]
    assert shown == [{"batch": "batch_1", "state": "submitted", "requests": 7, "detail": ""}]
    for _ in range(6):
        report = run(place, server, wait=False)
    assert (report.done, report.left, report.pending) == (DOCUMENTS, 0, "")
    assert [b["state"] for b in journal_status(place / "out.jsonl")["provider_batches"]] == ["completed"] * 2
    assert set(server.answered.values()) == {1}


def test_a_live_run_does_not_pay_for_what_lies_with_the_provider(place, server):
    run(place, server, wait=False)
    with pytest.raises(ConfigurationError, match="7 requests are pending at the provider"):
        run_live(place, server, out="out.jsonl")
    assert server.live == 1
    run(place, server)
    assert run_live(place, server, out="out.jsonl").done == DOCUMENTS


def test_a_parameter_that_the_model_does_not_take_is_left_out_of_the_file(place, server):
    real = server.respond

    def picky(method, target, headers, raw):
        if target.endswith("/chat/completions") and "temperature" in json.loads(raw):
            error = {"error": {"message": "unsupported", "param": "temperature", "code": "unsupported_value"}}
            return 400, {"content-type": "application/json"}, json.dumps(error).encode()
        return real(method, target, headers, raw)

    server.respond = picky
    assert run(place, server).done == DOCUMENTS
    assert not any("temperature" in line["body"] for b in server.batches.values() for line in b.lines)
    assert len(server.batches) == 2


def test_it_looks_as_often_as_told_and_as_the_server_asks(place, server):
    server.looks = 3
    slept = Slept()
    run(place, server, sleep=slept, every=7.0)
    assert set(slept) == {7.0}
    assert len(slept) == 8, "four looks at each of two batches"
    server.retry_after = "30"
    slept.clear()
    run(place, server, sleep=slept, every=7.0, out="second.jsonl")
    assert max(slept) == 30.0


def test_files_stay_within_the_bounds(place, server):
    server.max_requests = 3
    run(place, server, max_requests=3)
    assert [len(b.lines) for b in server.batches.values()] == [3, 3, 1, 2]
    largest = max(len(content) for _, content in server.files.values())
    server.max_bytes = largest // 2
    run(place, server, max_bytes=largest // 2, out="second.jsonl")
    assert len(rows(place, "second.jsonl")) == DOCUMENTS


def test_a_request_that_no_file_can_hold_fails_alone(place, server):
    run(place, server, out="measure.jsonl")
    one = max(len(content) for name, content in server.files.values() if name.startswith("communique-")) // (
        DOCUMENTS - 1
    )
    text = "Minister Anna Novak met envoy number 99 in Vienna. " * 40
    with (place / "in.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "long", "text": text, "language": "en"}) + "\n")
    report = run(place, server, max_bytes=one + 900)
    assert failures(place) == {"long": "too_long"}
    assert report.done == DOCUMENTS


def test_a_line_that_is_refused_fails_its_document(place, server):
    server.line_fault = lambda line: (
        {"status": 400, "code": "context_length_exceeded"} if "number 5 " in json.dumps(line) else None
    )
    report = run(place, server)
    assert (report.done, failures(place)) == (DOCUMENTS - 1, {"d5": "too_long"})


def test_a_line_that_failed_by_chance_is_asked_again_three_times_at_most(place, server):
    tries = []

    def fault(line):
        text = json.dumps(line["body"])
        if "number 6 " in text and len(tries) < 2:
            tries.append(6)
            return {"status": 500, "code": "server_error"}
        return {"status": 503, "code": "overloaded"} if "number 7 " in text else None

    server.line_fault = fault
    report = run(place, server)
    assert report.done == DOCUMENTS - 1
    assert failures(place) == {"d7": "server_error"}
    assert sum("number 7 " in json.dumps(line) for b in server.batches.values() for line in b.lines) == 3
    server.line_fault = lambda _line: None
    again = run(place, server, settings=BatchSettings(retry_failed="all"))
    assert (again.done, again.failed) == (DOCUMENTS, 0)


def test_what_expired_is_asked_again_and_nothing_else(place, server):
    server.endings = [("expired", 0.5)]
    said = []
    report = run(place, server, said=said)
    assert report.done == DOCUMENTS
    states = [b["state"] for b in journal_status(place / "out.jsonl")["provider_batches"]]
    assert states[:2] == ["expired", "completed"]
    assert set(server.answered.values()) == {1}
    assert any("expired: 3 requests without an answer" in line for line in said)


def test_rows_that_are_nowhere_are_asked_again(place, server):
    server.endings = [("completed", 0.5)]
    report = run(place, server)
    assert report.done == DOCUMENTS
    assert journal_status(place / "out.jsonl")["provider_batches"][0]["state"] == "partial"
    assert set(server.answered.values()) == {1}


def test_a_cancelled_batch_stops_the_run_and_its_answers_are_kept(place, server):
    server.endings = [("cancelled", 0.5)]
    report = run(place, server)
    assert isinstance(report.ending.cause, PermanentBackendError)
    assert "batch_1 was cancelled" in str(report.ending.cause)
    assert report.done >= 3
    assert len(server.batches) == 1, "nothing is sent behind the back of who cancelled"
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


@pytest.mark.parametrize(
    ("code", "kind"), [("model_not_found", UnknownModelError), ("invalid_json_line", PermanentBackendError)]
)
def test_a_batch_that_fails_as_a_whole_stops_the_run_and_costs_no_try(place, server, code, kind):
    for _ in range(4):
        server.endings = [("failed", 0.0, code)]
        report = run(place, server)
        assert isinstance(report.ending.cause, kind)
    assert run(place, server).done == DOCUMENTS


def test_a_full_queue_means_one_batch_at_a_time(place, server):
    server.endings = [("completed",), ("failed", 0.0, "token_limit_exceeded"), ("completed",)]
    report = run(place, server, max_requests=3)
    assert report.done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_a_queue_that_is_too_small_for_one_file_makes_files_smaller(place, server):
    server.endings = [("failed", 0.0, "token_limit_exceeded")] * 2
    report = run(place, server)
    assert report.done == DOCUMENTS
    assert [len(b.lines) for b in server.batches.values()][:3] == [7, 7, 3]


def test_no_quota_in_a_line_stops_the_run_until_there_is_some(place, server):
    server.line_fault = lambda line: (
        {"status": 429, "code": "insufficient_quota"} if re.search(r"number [5-7] ", json.dumps(line)) else None
    )
    for done in (3, 5, 6, 7):  # each run reads one of them live; the second finishes another two
        report = run(place, server)
        assert isinstance(report.ending.cause, QuotaError)
        assert (report.failed, report.done) == (0, done)
    server.line_fault = lambda _line: None
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_lines_of_nobody_and_no_lines_are_ignored_and_told(place, server):
    stranger = {"custom_id": "x" * 62, "response": {"status_code": 200, "body": {"choices": [{}]}}}
    server.strange_lines = [json.dumps(stranger), "not JSON", '{"custom_id": 7}', "[]"]
    said = []
    assert run(place, server, said=said).done == DOCUMENTS
    assert sum("4 lines that don't belong to any request" in line for line in said) == 2


def test_a_line_is_read_up_to_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("communique.batch.provider_batch.ledger.MAX_LINE", 100)
    path = tmp_path / "answers.jsonl"
    path.write_text("x" * 5000 + "\n" + '{"custom_id":"a","response":{"status_code":500}}\n')
    found = list(answers_of(path))
    assert [a and (a.custom_id, a.status, a.body) for a in found] == [None, ("a", 0, "server_error")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_not_taken_for_the_servers_fault(place, server, monkeypatch):
    with monkeypatch.context() as full:
        real = traffic.batch_file
        full.setattr(traffic, "batch_file", lambda *of: Path("/dev/full") if "answers" in of else real(*of))
        report = run(place, server)
    assert isinstance(report.ending.cause, OutputError)
    assert "/dev/full can't be written: No space left" in str(report.ending.cause)
    assert sum(path.endswith("/content") for _, path in server.calls) == 1, "no retry mends it"
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_a_refused_key_stops_before_anything_is_uploaded(place, server):
    server.key = "right"
    report = run(place, server)
    assert isinstance(report.ending.cause, AuthenticationError)
    assert not server.files
    assert report.failed == 0


def test_a_key_that_is_revoked_on_the_way_loses_nothing(place, server):
    run(place, server, wait=False)
    server.key = "other"
    report = run(place, server)
    assert isinstance(report.ending.cause, AuthenticationError)
    assert report.pending, "the batch is still known"
    server.key = None
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_what_could_not_be_uploaded_is_not_pending(place, server):
    server.refuse["POST", "/v1/files"] = (500, "")
    report = run(place, server)
    assert isinstance(report.ending.cause, TransientBackendError)
    assert not report.pending
    assert not list(place.glob("*.requests.jsonl"))
    assert ("GET", "/v1/batches") not in server.calls, "none was asked for"
    assert run_live(place, server, out="out.jsonl").done == DOCUMENTS


def test_a_server_that_knows_of_no_batches_at_all_says_so(place, in_here):
    with FakeServer() as plain:
        asked = ["-m", "openai/m1", "--base-url", plain.url, "--no-judge"]
        made = ["batch", str(place / "in.jsonl"), "-o", str(place / "out.jsonl"), *asked]
        ended = in_here([*made, "--provider-batch"])
        assert ended.returncode == terminal.STOPPED
        assert "has no /v1/files (HTTP 404) (if the server has no Batch API, omit --provider-batch)" in ended.stderr
        assert "pending" not in ended.stderr
        assert in_here(made).returncode == 0


def test_a_batch_that_was_refused_is_not_pending(place, server):
    server.refuse["POST", "/v1/batches"] = (400, "billing_hard_limit")
    report = run(place, server)
    assert isinstance(report.ending.cause, PermanentBackendError)
    assert not report.pending
    assert run_live(place, server, out="out.jsonl").done == DOCUMENTS


def test_a_batch_that_is_refused_when_it_is_sent_again_is_not_pending(place, server):
    server.refuse["POST", "/v1/batches"] = (503, "")
    assert run(place, server).pending
    server.refuse["POST", "/v1/batches"] = (404, "")
    assert not run(place, server).pending
    assert run_live(place, server, out="out.jsonl").done == DOCUMENTS


def test_no_file_is_left_of_several_when_the_first_is_refused(place, server):
    server.refuse["POST", "/v1/files"] = (404, "")
    assert not run(place, server, max_requests=2).pending
    assert not list(place.glob("*.requests.jsonl"))


@pytest.mark.parametrize("path", ["/v1/files", "/v1/batches"])
@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_the_batch_api_says_so_and_is_asked_live_instead(place, server, path, status):
    server.refuse["POST", path] = (status, "")
    report = run(place, server)
    assert isinstance(report.ending.cause, PermanentBackendError)
    assert "omit --provider-batch" in str(report.ending.cause)
    assert not report.pending
    assert journal_status(place / "out.jsonl")["provider_batches"] == []
    assert not list(place.glob("*.requests.jsonl"))
    assert run_live(place, server, out="out.jsonl").done == DOCUMENTS


def test_a_batch_that_may_be_there_is_not_forgotten_when_the_list_is_missing(place, server):
    real = server.respond

    def lossy(method, target, headers, raw):
        answered = real(method, target, headers, raw)
        return (502, {}, b"") if (method, target) == ("POST", "/v1/batches") else answered

    server.respond = lossy
    server.refuse["GET", "/v1/batches"] = (404, "")
    assert run(place, server).pending
    del server.refuse["GET", "/v1/batches"]
    server.respond = real
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


@pytest.mark.parametrize("what", [("POST", "/v1/files"), ("POST", "/v1/batches"), ("GET", "/v1/batches/")])
def test_a_passing_fault_is_tried_again(place, server, what):
    server.refuse[what] = (500, "", 1)
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


class Time(Slept):
    """Sleeps in no time; tells a server how often it was slept."""

    def __init__(self, wakes=lambda times: None):
        super().__init__()
        self.wakes = wakes

    async def __call__(self, seconds):
        await super().__call__(seconds)
        self.wakes(len(self))

    def clock(self):
        return sum(self)


@pytest.mark.parametrize("path", ["/v1/batches/", "/v1/files/"])
def test_an_outage_that_passes_does_not_end_the_wait(place, server, path):
    def wakes(times):
        if times == 1:
            server.refuse["GET", path] = (503, "")
        if times == 4:
            server.refuse.clear()

    slept, said = Time(wakes), []
    assert run(place, server, said=said, sleep=slept, clock=slept.clock).done == DOCUMENTS
    assert sum("looking again for up to 600 s" in line for line in said) == 1
    assert set(server.answered.values()) == {1}


def test_an_outage_that_lasts_ends_the_wait_and_leaves_the_batch(place, server):
    slept = Time(lambda _: server.refuse.update({("GET", "/v1/batches/"): (503, "")}))
    report = run(place, server, sleep=slept, clock=slept.clock)
    assert type(report.ending.cause) is PermanentBackendError
    assert "failing for more than 600 s: server error at 127.0.0.1" in str(report.ending.cause)
    assert slept.clock() == 660.0
    assert report.pending
    again = Time()
    report = run(place, server, sleep=again, clock=again.clock)
    assert again.clock() == 660.0, "from the start, with nothing read or sent"
    server.refuse.clear()
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_without_waiting_an_outage_is_told_at_once(place, server):
    assert run(place, server, wait=False).pending
    server.refuse["GET", "/v1/batches/"] = (503, "")
    assert isinstance(run(place, server, wait=False).ending.cause, TransientBackendError)


def test_an_answer_to_create_that_gets_lost_makes_no_second_batch(place, server):
    real = server.respond

    def lossy(method, target, headers, raw):
        answered = real(method, target, headers, raw)
        if (method, target) == ("POST", "/v1/batches") and len(server.batches) == 1:
            return 502, {}, b""
        return answered

    server.respond = lossy
    assert run(place, server).done == DOCUMENTS
    assert len(server.batches) == 2
    assert set(server.answered.values()) == {1}


def test_a_budget_holds_back_requests_and_a_higher_one_goes_on(place, server):
    small = BatchSettings(bounds=Bounds(max_tokens=9_000))
    report = run(place, server, settings=small)
    assert isinstance(report.ending.cause, BudgetExceededError)
    assert 1 <= report.done < DOCUMENTS
    assert report.left > 0
    assert journal_status(place / "out.jsonl")["tokens"]["input"] < 9_000
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}


def test_a_backend_without_a_batch_api_is_refused(place):
    async def main():
        await arun_batch(
            [str(place / "in.jsonl")], place / "out.jsonl", ScriptedBackend([EMPTY]), provider=ProviderOptions()
        )

    with pytest.raises(ConfigurationError, match="openai/MODEL"):
        anyio.run(main)
    assert not journal_path(place / "out.jsonl").exists()


def test_standard_input_is_refused(place, server):
    async def main():
        await arun_batch(["-"], place / "out.jsonl", backend_of(server), provider=ProviderOptions())

    with pytest.raises(ConfigurationError, match="read twice"):
        anyio.run(main)


def test_salvage_keeps_what_lies_with_the_provider(place, server):
    run(place, server, wait=False)
    salvage(journal_path(place / "out.jsonl"))
    assert run(place, server).done == DOCUMENTS
    assert set(server.answered.values()) == {1}
    assert len(server.batches) == 2


def test_a_limit_reads_only_so_many(place, server):
    report = run(place, server, settings=BatchSettings(limit=5))
    assert report.done == 5
    assert server.live + len(server.answered) == 5 + 2, "two of the five are asked again"


def command(place, server, *more):
    asked = ["-m", "openai/m1", "--base-url", server.url, "--provider-batch", "--poll-every", "0.05"]
    return ["batch", "-o", str(place / "out.jsonl"), str(place / "in.jsonl"), *asked, *more]


@pytest.fixture
def finish(place, server, in_here):
    return lambda *more: in_here(command(place, server, *more))


STEPS = [
    *("planned", "uploaded", "created", "noted", "downloaded", "stored", "finished"),
    *("commit", "committed", "export"),
]


@pytest.fixture(scope="module")
def live_rows(tmp_path_factory, provider_servers):
    """Return a function that gives the file of a live run in a place."""
    there = tmp_path_factory.mktemp("live")
    write(there / "in.jsonl", range(DOCUMENTS))
    with provider_servers["openai"].BatchServer(answer) as server:
        run_live(there, server)
    made = (there / "live.jsonl").read_bytes()
    return lambda place: made.replace(str(there).encode(), str(place).encode())


@pytest.fixture
def finished(place, server, live_rows):
    """Goes on to the end, and asserts that all is as if nothing had happened."""

    def finished():
        assert run(place, server).done == DOCUMENTS
        assert (place / "out.jsonl").read_bytes() == live_rows(place)
        assert set(server.answered.values()) == {1}
        assert not list(place.glob("*.requests.jsonl")) + list(place.glob("*.answers.jsonl"))

    return finished


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_after_any_step_pays_for_nothing_twice(killed, step, finished):
    assert killed(step)
    finished()


def test_kills_one_after_another_pay_for_nothing_twice(killed, finished):
    """Each run dies one step later than the one before, and takes over what that one left."""
    assert sum(killed(step) for step in STEPS) >= 7
    finished()


def test_the_command_dies_like_that_too(place, server, apart, finish):
    ended = apart(command(place, server), dies_at="created")
    ended.communicate()
    assert ended.returncode == 137
    assert finish().returncode == terminal.OK
    assert set(server.answered.values()) == {1}


@pytest.fixture
def killed(place, server, die_at):
    """Runs in a child that ends at once, as by kill -9, when it passes a step; tells whether it did."""

    def killed(step):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the server's threads are not needed in the child
            child = os.fork()
        if child == 0:
            try:
                die_at(step)
                run(place, server)
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137

    return killed


def test_the_command_waits_and_ends_with_zero(finish):
    ended = finish()
    assert ended.returncode == terminal.OK
    lines = ended.stderr.splitlines()
    assert "batch_1 submitted, 7 requests" in lines
    assert "batch_1 in_progress, 0 of 7 answered" in lines
    assert lines[-1].startswith(f"done {DOCUMENTS}, failed 0, left 0")


def test_without_waiting_the_command_ends_with_eight(place, finish, in_here):
    ended = finish("--no-wait")
    assert ended.returncode == terminal.PENDING
    assert "7 requests are pending at the provider (batch_1)" in ended.stderr
    assert "resume with the same command" in ended.stderr
    told = in_here(["status", str(place / "out.jsonl")])
    assert "batch_1 submitted, 7 requests" in told.stdout


def test_a_refused_key_is_four(server, finish):
    server.key = "right"
    ended = finish()
    assert ended.returncode == terminal.STOPPED
    assert "API key refused" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_signal_leaves_the_batch_with_the_provider(place, server, apart, finish):
    server.looks = 10**6
    process = apart(command(place, server))
    until = time.monotonic() + 20
    while server.count("GET", "/batches/batch_1") < 2 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == terminal.INTERRUPTED
    assert "7 requests are pending at the provider" in said
    server.looks = 0
    assert finish().returncode == terminal.OK
    assert set(server.answered.values()) == {1}
