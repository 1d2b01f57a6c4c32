"""Whole batches against the fault server: what is sent, what is stored, what is published."""

import itertools
import json
import re
import time
from pathlib import Path

import anyio
import pytest

from communique import Document, errors
from communique.backends.backend import Completion
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.batch import BatchSettings, Bounds, arun_batch, front
from communique.batch.budget import Price, estimate
from communique.documents.readers import Skipped, open_documents
from communique.engine.plan import Plan
from communique.schemas import Meeting, VerifiedSummary
from communique.testing import FakeServer, Fault
from communique.testing.chat_wires import empty_answer

QUICK = RetryPolicy(base=0.005, cap=0.01)
IMPATIENT = RetryPolicy(base=0.005, cap=0.01, attempt_deadline=1.0, call_deadline=10.0)
"""For servers that never answer: two such deadlines are waited out."""


@pytest.fixture
def server():
    with FakeServer() as running:
        yield running


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "in.jsonl"
    write(path, 40)
    return path


def write(path, count, start=0):
    with path.open("w", encoding="utf-8") as stream:
        for number in range(start, start + count):
            text = f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about “trade”."
            stream.write(json.dumps({"id": f"d{number}", "text": text, "language": "en"}) + "\n")


TWO = "Story {}. Anna Novak met Ben Orel in Vienna. Carl Dahn accused Dora Elk of theft."


def test_a_backend_with_one_lane_is_asked_about_one_document_after_another(tmp_path, corpus):
    told = []

    class OneLane:
        name, model, narrows, context_tokens, lanes = "own", "m", True, None, 1

        async def acomplete(self, prompt):
            told.append(prompt.document_id)
            await anyio.lowlevel.checkpoint()
            return Completion({}, "{}", "m")

        async def aclose(self):
            pass

    documents = (Document.from_text(TWO.format(n), id=f"d{n}", language="en") for n in range(20))
    settings = BatchSettings(Bounds(8))
    anyio.run(arun_batch, documents, tmp_path / "out.jsonl", OneLane(), Plan(), settings)

    assert len(told) > len(set(told)) == 20
    assert told == sorted(told, key=lambda name: int(name[1:]))


def batch(server, corpus, output, *, plan=None, policy=QUICK, concurrency=8, limit=None, bounds=None, **options):
    async def main():
        async with OpenAIBackend("m1", base_url=server.url, policy=policy) as backend:
            settings = BatchSettings(bounds=Bounds(concurrency, **(bounds or {})), limit=limit, **options)
            return await arun_batch([str(corpus)], output, backend, plan or Plan(), settings)

    return anyio.run(main)


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.jsonl"


def rows(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def failures(output):
    return rows(output.with_name("out.failed.jsonl"))


def test_a_budget_ends_the_run_though_the_server_reports_no_tokens(server, corpus, output, caplog):
    said = {"content": '{"meetings": [], "allegations": [], "sanctions_concerns": []}'}
    server.fail(Fault(200, body=json.dumps({"choices": [{"message": said}], "usage": None}).encode()))
    report = batch(server, corpus, output, concurrency=1, bounds={"max_tokens": 30_000})
    assert isinstance(report.ending.cause, errors.BudgetExceededError)
    assert 0 < report.done < 10
    assert [m for m in caplog.messages if "reports no tokens" in m]


def test_every_document_has_a_row_in_input_order(server, corpus, output):
    report = batch(server, corpus, output)
    assert (report.done, report.failed, report.left) == (40, 0, 0)
    assert [r["document"]["id"] for r in rows(output)] == [f"d{i}" for i in range(40)]
    assert VerifiedSummary.from_json(rows(output)[0]).document.id == "d0"
    assert server.requests == 40


def test_rows_are_lean_and_the_journal_gives_the_complete_ones_without_asking_again(server, corpus, output):
    batch(server, corpus, output)
    lean = rows(output)
    batch(server, corpus, output, full=True)
    full = rows(output)
    assert server.requests == 40
    assert [VerifiedSummary.from_json(row).to_dict() for row in full] == lean
    assert [VerifiedSummary.from_json(row).to_dict(full=True) for row in full] == full
    assert output.stat().st_size > 40 * len(json.dumps(lean[0]))
    batch(server, corpus, output)
    assert (rows(output), server.requests) == (lean, 40)


def test_the_same_command_again_sends_nothing_and_reads_nothing(server, corpus, output):
    batch(server, corpus, output)
    before = output.read_bytes(), output.stat().st_mtime_ns
    report = batch(server, corpus, output)
    assert report.already_complete
    assert server.requests == 40
    assert (output.read_bytes(), output.stat().st_mtime_ns) == before


def test_a_lost_output_is_written_again_from_the_journal(server, corpus, output):
    batch(server, corpus, output)
    before = output.read_bytes()
    output.unlink()
    batch(server, corpus, output)
    assert output.read_bytes() == before
    assert server.requests == 40


def test_a_lost_list_of_failures_is_written_again_from_the_journal(server, corpus, output):
    server.fail("refusal", times=1)
    batch(server, corpus, output)
    before, written = failures(output), output.stat().st_mtime_ns
    batch(server, corpus, output)
    assert output.stat().st_mtime_ns == written
    output.with_name("out.failed.jsonl").unlink()
    batch(server, corpus, output)
    assert failures(output) == before
    assert server.requests == 40


def test_documents_that_came_later_are_the_only_ones_sent(server, corpus, output):
    batch(server, corpus, output)
    write(corpus, 45)
    report = batch(server, corpus, output)
    assert report.done == 45
    assert server.requests == 45


def test_an_input_that_shrank_leaves_no_old_rows(server, corpus, output):
    batch(server, corpus, output)
    write(corpus, 5)
    assert batch(server, corpus, output).done == 5
    assert len(rows(output)) == 5


def test_a_limit_is_a_part_of_the_whole(server, corpus, output):
    assert batch(server, corpus, output, limit=7).done == 7
    assert batch(server, corpus, output).done == 40
    assert server.requests == 40


def test_with_a_limit_rows_of_an_earlier_input_are_not_mixed_in(server, corpus, output):
    write(corpus, 3, start=1)
    batch(server, corpus, output)
    write(corpus, 4)  # d0 comes before them
    report = batch(server, corpus, output, limit=2)
    assert [r["document"]["id"] for r in rows(output)] == ["d0", "d1"]
    assert (report.done, report.outside) == (2, 2)
    report = batch(server, corpus, output)
    assert [r["document"]["id"] for r in rows(output)] == ["d0", "d1", "d2", "d3"]
    assert (server.requests, report.outside) == (4, 0)


def test_a_limit_after_a_whole_run_of_the_same_input_drops_nothing(server, corpus, output):
    batch(server, corpus, output)
    report = batch(server, corpus, output, limit=2)
    assert (len(rows(output)), report.outside, server.requests) == (40, 0, 40)


def test_results_of_documents_that_left_the_input_are_counted(server, corpus, output):
    batch(server, corpus, output)
    write(corpus, 5, start=100)
    report = batch(server, corpus, output)
    assert (report.done, report.outside) == (5, 40)


def test_changed_concurrency_and_budget_redo_nothing(server, corpus, output):
    batch(server, corpus, output)
    corpus.touch()
    batch(server, corpus, output, concurrency=3, bounds={"max_tokens": 10_000_000, "rpm": 1e6})
    assert server.requests == 40


def test_a_changed_plan_is_refused_unless_it_is_a_new_run(server, corpus, output):
    batch(server, corpus, output)
    with pytest.raises(errors.JournalMismatchError, match="strict: False → True"):
        batch(server, corpus, output, plan=Plan(strict=True))
    batch(server, corpus, output, plan=Plan(records=(Meeting,)), new_run=True)
    assert server.requests == 80


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("500", "server_error", 3),
        ("reset", "server_error", 3),
        ("cut", "server_error", 3),
        ("html200", "server_error", 3),
        ("empty200", "server_error", 3),
        ("hang", "timeout", 2),
        ("slow_loris", "timeout", 2),
        ("refusal", "refusal", 1),
        ("content_filter", "content_filter", 1),
        ("bad_json", "schema", 2),
        ("bad_schema", "schema", 2),
        ("400", "bad_request", 1),
        ("context", "too_long", 2),
        ("huge", "response_too_large", 1),
    ],
)
def test_a_fault_of_one_document_is_in_the_manifest_with_its_reason(server, corpus, output, fault, reason, requests):
    server.fail(
        fault,
        when=lambda body: "envoy number 7 " in body["messages"][-1]["content"] or len(body["messages"]) > 2,
    )
    write(corpus, 10)
    report = batch(server, corpus, output, policy=IMPATIENT if reason == "timeout" else QUICK)
    assert (report.done, report.failed) == (9, 1)
    assert [(f["id"], f["reason"], f["attempts"]) for f in failures(output)] == [("d7", reason, requests)]
    assert server.requests == 9 + requests


def test_an_answer_that_could_not_be_used_is_kept_with_the_failure_and_holds_no_key(server, corpus, output):
    write(corpus, 4)

    def answer(body):
        about_two = any("envoy number 2 " in m["content"] for m in body["messages"])
        return "Here you are: sk-canary-12345678" if about_two else empty_answer(body)

    server.answer = answer
    batch(server, corpus, output)
    (failed,) = failures(output)
    assert (failed["id"], failed["reason"]) == ("d2", "schema")
    assert failed["answer"] == "Here you are: [redacted]"
    journal = b"".join(path.read_bytes() for path in output.parent.glob("*.journal.db*"))
    assert b"canary" not in journal
    server.fail("500")
    batch(server, corpus, output, retry_failed="all")
    (failed,) = failures(output)
    assert failed["reason"] == "server_error"
    assert "answer" not in failed, "that was about the failure before"


def test_failed_documents_are_read_again_when_asked(server, corpus, output):
    server.fail("refusal", times=4)
    batch(server, corpus, output)
    assert len(failures(output)) == 4
    batch(server, corpus, output)
    assert server.requests == 40, "not retried by default"
    assert batch(server, corpus, output, retry_failed="timeout").failed == 4
    assert batch(server, corpus, output, retry_failed="refusal").failed == 0
    assert not output.with_name("out.failed.jsonl").exists()


@pytest.mark.parametrize("fault", ["503", "content_filter"])
def test_a_window_that_failed_costs_no_other_and_is_read_again_when_asked(server, corpus, output, fault):
    lines = [f"Minister Anna Nr{n} met envoy Ben Nr{n} in Vienna." for n in range(60)]
    corpus.write_text(json.dumps({"id": "long", "text": "\n".join(lines), "language": "en"}) + "\n", "utf-8")
    plan = Plan(window_chars=1000, overlap=0)
    reason = {"503": "server_error"}.get(fault, fault)

    server.fail(fault, when=lambda body: "Anna Nr59 " in json.dumps(body))
    report = batch(server, corpus, output, plan=plan)
    assert (report.counts, dict(report.tally.reasons)) == ({"partial": 1}, {reason: 1})
    (row,) = rows(output)
    warning = row["provenance"]["warnings"][0]
    assert re.fullmatch(rf"not_read: sentences \d+-60 \({reason}\)", warning)
    before = server.requests
    assert batch(server, corpus, output, plan=plan).counts == {"partial": 1}
    assert server.requests == before, "not paid again unless it is asked for"

    server.heal()
    report = batch(server, corpus, output, plan=plan, retry_failed=reason)
    assert (report.counts, dict(report.tally.reasons)) == ({"ok": 1}, {})
    assert warning not in rows(output)[0]["provenance"].get("warnings", ())


def test_with_a_limit_only_failures_within_it_are_forgotten(server, corpus, output):
    server.fail("refusal", times=40)
    batch(server, corpus, output)
    for _ in range(2):
        report = batch(server, corpus, output, retry_failed="all", limit=3)
        assert (report.done, report.failed, report.left) == (3, 37, 0)
        assert len(failures(output)) == 37
    assert server.requests == 43


def test_every_reason_of_the_manual_can_be_asked_for():
    page = Path(__file__).parents[2].joinpath("docs", "reference", "errors.md").read_text("utf-8")
    tables = page.partition("## Reasons of failures")[2].partition("## Hierarchy")[0]
    named = {
        reason for row in re.findall(r"^\| (`.*?) \|", tables, re.MULTILINE) for reason in re.findall(r"`(\w+)`", row)
    }
    assert "binary" in named
    for reason in named:
        BatchSettings(retry_failed=reason)


@pytest.mark.parametrize("reason", ["all", "encrypted"])
def test_an_input_that_could_not_be_read_is_looked_at_again_when_asked(server, corpus, output, monkeypatch, reason):
    """Its size and time may be as they were: the folder's rights or an extra have changed."""
    locked, real = [Skipped("in.jsonl:9", "encrypted", "it needs a password")], front.open_documents
    monkeypatch.setattr(front, "open_documents", lambda *asked: itertools.chain(locked, real(*asked)))
    assert batch(server, corpus, output).failed == 1
    locked.clear()
    assert batch(server, corpus, output).failed == 1, "nothing has changed"
    assert batch(server, corpus, output, retry_failed=reason).failed == 0
    assert server.requests == 40


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", errors.AuthenticationError),
        ("404_model", errors.UnknownModelError),
        ("quota", errors.QuotaError),
        ("429_long", errors.PermanentBackendError),
    ],
)
def test_a_hopeless_cause_stops_the_run_once(server, corpus, output, fault, error):
    write(corpus, 200)
    server.fail(fault)
    started = time.monotonic()
    report = batch(server, corpus, output, concurrency=16)
    assert type(report.ending.cause) is error
    assert server.requests <= 16
    assert report.failed == 0
    assert time.monotonic() - started < 5


def test_a_key_revoked_in_the_middle_leaves_the_rest_pending(corpus, output):
    write(corpus, 60)
    with FakeServer(revoke_after=20, latency=0.002) as server:
        report = batch(server, corpus, output)
        assert isinstance(report.ending.cause, errors.AuthenticationError)
        assert report.failed == 0
        assert report.done == 20
        before = server.requests
        assert before <= 20 + 8
        server.revoke_after = None
        assert batch(server, corpus, output).done == 60
        assert server.requests - before == 40


def test_a_storm_of_throttling_loses_nothing(corpus, output):
    """The server takes three at once and refuses the rest with 429.

    How much more is sent: test_storm, in virtual time.
    """
    write(corpus, 60)
    with FakeServer(latency=0.01) as server:
        server.fail("429", when=lambda _body: server.in_flight > 3)
        report = batch(server, corpus, output, concurrency=16)
        assert (report.done, report.failed) == (60, 0)


def test_nobody_sends_before_retry_after(corpus, output):
    with FakeServer(latency=0.005) as server:
        server.fail("429_seconds", times=1, when=lambda _body: server.requests >= 20)
        report = batch(server, corpus, output, concurrency=4)
        assert report.done == 40
        refused = next(a.at for a in server.arrivals if a.fault == "429_seconds")
        between = [a for a in server.arrivals if refused + 0.05 < a.at < refused + 0.25]
        assert not between


def test_a_budget_of_tokens_is_never_passed(server, corpus, output):
    report = batch(server, corpus, output, bounds={"max_tokens": 9_000})
    assert isinstance(report.ending.cause, errors.BudgetExceededError)
    used = report.tally.done
    assert 0 < used < 40
    again = batch(server, corpus, output, bounds={"max_tokens": 9_000})
    assert isinstance(again.ending.cause, errors.BudgetExceededError), "what was spent before counts"
    assert batch(server, corpus, output, bounds={"max_tokens": 10_000_000}).done == 40
    assert server.requests == 40


def test_a_budget_of_money_is_never_passed(server, corpus, output):
    report = batch(server, corpus, output, bounds={"max_cost": 0.05, "price": Price(1.0, 10.0)})
    assert isinstance(report.ending.cause, errors.BudgetExceededError)
    assert report.cost < 0.05


def test_a_server_that_stays_down_ends_the_run(server, corpus, output):
    server.fail("503")
    report = batch(server, corpus, output, bounds={"outage": 0.2}, policy=RetryPolicy(base=0.0, cap=0.0))
    assert isinstance(report.ending.cause, errors.PermanentBackendError) or report.failed == 40
    assert server.requests <= 1.2 * 40 + 20


def test_what_failed_in_an_outage_that_ended_the_run_is_read_by_the_same_command(server, corpus, output):
    batch(server, corpus, output, limit=10)
    server.fail("503")
    patience = RetryPolicy(base=0.0, cap=0.0)
    report = batch(server, corpus, output, concurrency=4, bounds={"outage": 0}, policy=patience)
    assert isinstance(report.ending.cause, errors.PermanentBackendError)
    assert (report.done, report.failed) == (10, 0)
    assert not output.with_name("out.failed.jsonl").exists()
    server.heal()
    assert batch(server, corpus, output).done == 40


def test_a_window_that_failed_in_an_outage_that_ended_the_run_is_read_by_the_same_command(server, corpus, output):
    long = " ".join(f"Anna Novak met envoy {n} in Vienna." for n in range(40))
    rows_ = [
        {"id": "long", "text": long, "language": "en"},
        *({"id": f"d{n}", "text": f"It rained {n} times."} for n in range(9)),
    ]
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows_), "utf-8")
    plan = Plan(window_chars=800, overlap=0)
    server.fail("500", when=lambda body: "envoy 39 " in json.dumps(body) or "It rained" in json.dumps(body))
    patience = RetryPolicy(base=0.0, cap=0.0)
    report = batch(server, corpus, output, plan=plan, concurrency=1, bounds={"outage": 0}, policy=patience)
    assert isinstance(report.ending.cause, errors.PermanentBackendError)
    server.heal()
    assert batch(server, corpus, output, plan=plan).counts == {"ok": 10}


def test_a_document_that_failed_before_an_outage_stays_failed(server, corpus, output):
    server.fail("500", when=lambda body: "envoy number 2 " in body["messages"][-1]["content"])
    batch(server, corpus, output, limit=10, concurrency=1)
    server.fail("503")
    report = batch(server, corpus, output, concurrency=4, bounds={"outage": 0}, policy=RetryPolicy(base=0.0, cap=0.0))
    assert (report.done, report.failed) == (9, 1)


def test_an_output_that_is_not_ours_is_not_touched(server, corpus, output):
    output.write_text("mine")
    with pytest.raises(errors.ConfigurationError, match="no journal"):
        batch(server, corpus, output)
    assert output.read_text() == "mine"
    assert server.requests == 0
    assert batch(server, corpus, output, overwrite=True).done == 40


def test_an_output_in_a_missing_folder_is_found_before_anything_is_sent(server, corpus, tmp_path):
    for bad in (tmp_path / "none" / "out.jsonl", tmp_path):
        with pytest.raises(errors.ConfigurationError):
            batch(server, corpus, bad)
    assert server.requests == 0


def test_a_file_that_vanished_is_said_and_the_others_are_read(server, tmp_path, output):
    for number in range(3):
        (tmp_path / f"a{number}.txt").write_text(f"Minister Novak met envoy {number} in Vienna.")
    paths = open_documents([str(tmp_path / f"a{number}.txt") for number in range(3)])
    (tmp_path / "a1.txt").unlink()

    async def main():
        async with OpenAIBackend("m1", base_url=server.url) as backend:
            return await arun_batch(paths, output, backend, Plan())

    report = anyio.run(main)
    assert (report.done, report.failed) == (2, 1)


def test_neither_key_nor_endpoint_secrets_are_at_rest(corpus, tmp_path):
    secret = "sk-canary-at-rest-123"
    with FakeServer(key=secret) as server:

        async def main():
            url = server.url.replace("127.0.0.1", "user:canary-user@127.0.0.1")
            async with OpenAIBackend("m1", base_url=url, api_key=secret) as backend:
                await arun_batch([str(corpus)], tmp_path / "out.jsonl", backend, Plan())

        anyio.run(main)
    for path in tmp_path.iterdir():
        assert b"canary" not in path.read_bytes(), path.name


def test_an_estimate_sends_nothing_and_is_near(server, corpus, output):
    found = estimate(open_documents(str(corpus)), Plan(), asking="full", price=Price(1.0, 1.0))
    assert (found.documents, found.requests) == (40, 40)
    assert server.requests == 0
    report = batch(server, corpus, output, bounds={"price": Price(1.0, 1.0)})
    assert report.done == 40
    used = sum(len(m["content"]) for a in server.arrivals for m in a.body["messages"]) / 4
    assert found.usage.input_tokens == pytest.approx(used, rel=0.05)


def test_an_estimate_counts_the_short_answers_about_single_sentences_as_short(corpus):
    whole, brief = (estimate(open_documents(str(corpus)), Plan(), asking=asking) for asking in ("full", "brief"))
    assert brief.requests
    assert brief.usage.output_tokens / brief.requests < whole.usage.output_tokens / whole.requests / 10


def test_a_refused_key_costs_no_request_at_all(corpus, output):
    with FakeServer(key="another") as server:
        report = batch(server, corpus, output)
        assert isinstance(report.ending.cause, errors.AuthenticationError)
        assert (server.looks, server.requests) == (1, 0)
        assert report.counts == {"left": report.tally.seen}


def test_an_unknown_model_costs_one_request(corpus, output):
    with FakeServer(model="another", latency=0.05) as server:
        report = batch(server, corpus, output)
        assert isinstance(report.ending.cause, errors.UnknownModelError)
        assert (server.looks, server.requests) == (1, 1)


def test_a_server_without_a_list_of_models_is_asked_all_the_same(server, corpus, output):
    assert batch(server, corpus, output).done == 40
    assert server.looks == 1
    batch(server, corpus, output)
    assert server.looks == 1, "nothing to do, nothing to look at"


@pytest.mark.parametrize(
    ("url", "told"),
    [("http://127.0.0.1:9/v1", "connection refused"), ("http://nowhere.invalid/v1", "host name not found")],
)
def test_a_server_that_is_not_there_ends_the_run_at_once(corpus, output, url, told):
    async def main():
        async with OpenAIBackend("m1", base_url=url, api_key="k", policy=QUICK) as backend:
            return await arun_batch([str(corpus)], output, backend, Plan())

    report = anyio.run(main)
    assert type(report.ending.cause) is errors.PermanentBackendError
    assert told in str(report.ending.cause)
    assert report.failed == 0
