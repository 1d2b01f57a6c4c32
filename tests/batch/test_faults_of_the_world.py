"""Faults outside the server: certificates, clocks, inputs that change under the run, answers that fill memory."""

import json
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import anyio
import pytest

from communique import errors
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.batch import BatchSettings, Bounds, arun_batch
from communique.batch.export import manifest_path
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.plan import Plan
from communique.testing import FakeServer

QUICK = RetryPolicy(base=0.005, cap=0.01)


def text(number):
    return f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about trade."


def article(number, **traits):
    return Document.from_text(text(number), id=traits.pop("id", f"d{number}"), language="en", **traits)


def batch(inputs, output, url, *, concurrency=4, on_row=None, **plan):
    async def main():
        async with OpenAIBackend("m1", base_url=url, api_key="k", policy=QUICK) as backend:
            settings = BatchSettings(Bounds(concurrency), on_row=on_row)
            return await arun_batch(inputs, output, backend, Plan(**plan), settings)

    return anyio.run(main)


def rows(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.jsonl"


@pytest.fixture
def untrusted(tmp_path):
    """A server on loopback whose certificate nobody has signed but itself; gives its URL and its handshakes."""
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    made += [
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        f"{tmp_path}/key",
        "-out",
        f"{tmp_path}/cert",
    ]
    try:
        subprocess.run(made, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    listener = socket.create_server(("127.0.0.1", 0))
    handshakes = []

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            handshakes.append(1)
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}/v1", handshakes
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_certificate_that_nobody_signed_ends_the_run_at_once(untrusted, output):
    url, handshakes = untrusted
    report = batch((article(i) for i in range(100)), output, url)
    assert type(report.ending.cause) is errors.PermanentBackendError
    assert "no secure connection" in str(report.ending.cause)
    assert (report.failed, len(handshakes)) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("moderation", "content_filter"), ("azure_filter", "content_filter"), ("firewall", "bad_request")],
)
def test_an_article_that_a_gateway_refuses_fails_alone_and_is_not_sent_again(output, fault, reason):
    with FakeServer() as server:
        server.fail(fault, when=lambda body: "number 3 in" in json.dumps(body))
        for requests in (12, 12):
            report = batch((article(i) for i in range(12)), output, server.url)
            assert report.ending.cause is None
            assert (report.done, report.failed, report.left) == (11, 1, 0)
            assert server.requests == requests
    assert [e["reason"] for e in rows(manifest_path(output))] == [reason]


def test_a_gateway_that_refuses_everything_ends_the_run_and_nothing_is_lost(output):
    with FakeServer() as server:
        server.fail("firewall")
        report = batch((article(i) for i in range(40)), output, server.url)
        assert isinstance(report.ending.cause, errors.PermanentBackendError)
        assert server.requests < 12
        server.heal()
        assert batch((article(i) for i in range(40)), output, server.url).done == 40


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_clock_that_jumps_a_day_changes_nothing(monkeypatch, output, jump):
    with FakeServer() as server:
        batch((article(i) for i in range(30)), output, server.url)
        calm = output.read_bytes()
        real, jumped = time.time, []

        def row(_outcome):
            jumped.append(1)
            if len(jumped) == 10:
                monkeypatch.setattr(time, "time", lambda: real() + jump)

        server.fail("429_seconds", times=1, when=lambda _: len(jumped) >= 10)
        other = output.with_name("jump.jsonl")
        report = batch((article(i) for i in range(30)), other, server.url, on_row=row)
        assert (report.done, report.failed, report.ending.cause) == (30, 0, None)
        assert other.read_bytes().replace(b'"attempts":2', b'"attempts":1') == calm
        assert server.requests == 61


def test_a_file_that_changes_is_what_it_was_when_it_was_read_and_is_read_again(tmp_path, output):
    files = [tmp_path / f"a{i}.txt" for i in range(6)]
    for number, path in enumerate(files):
        path.write_text(text(number))
    with FakeServer(latency=0.01) as server:
        names = [str(f) for f in files]

        def change(outcome):
            if outcome.source.endswith("a0.txt"):
                files[0].write_text(text(100))  # read already
                files[5].write_text(text(105))

        assert batch(names, output, server.url, concurrency=1, on_row=change).done == 6
        sent = [a.body["messages"][-1]["content"] for a in server.arrivals]
        assert "envoy number 0 " in sent[0]
        report = batch(names, output, server.url)
        assert report.done == 6
        changed = [a.body["messages"][-1]["content"] for a in server.arrivals[6:]]
        assert any("envoy number 100 " in c for c in changed)
        assert len(changed) <= 2, "the others are not read again"
        assert batch(names, output, server.url).already_complete


def test_a_file_that_vanishes_under_the_run_is_a_place_with_a_reason(tmp_path, output):
    files = [tmp_path / f"a{i:03}.txt" for i in range(120)]
    for number, path in enumerate(files):
        path.write_text(text(number))
    with FakeServer() as server:
        report = batch(
            [str(f) for f in files],
            output,
            server.url,
            concurrency=1,
            on_row=lambda _: files[-1].unlink(True),
        )
        assert (report.done, report.failed) == (119, 1)
        (failure,) = rows(output.with_name("out.failed.jsonl"))
        assert failure["source"].endswith("a119.txt")
        assert failure["reason"]


def test_one_id_with_two_texts_is_two_rows(output):
    with FakeServer() as server:
        report = batch(iter([article(1, id="same"), article(2, id="same")]), output, server.url)
        told = [r["document"] for r in rows(output)]
        assert [d["id"] for d in told] == ["same", "same"]
        assert len({d["sha256"] for d in told}) == 2
        assert report.same_ids == ("same",)
        assert server.requests == 2


def test_one_id_with_one_text_is_no_warning_and_neither_are_inputs_without_a_text(output):
    skipped = [Skipped(f"{n}.png", "binary", "an image") for n in range(2)]
    twins = [article(1, id="same", source=f"{n}.txt") for n in range(2)]
    with FakeServer() as server:
        report = batch(iter([*twins, *skipped, article(2)]), output, server.url)
        assert (report.same_ids, report.done, report.failed) == ((), 3, 2)


def test_ids_of_several_texts_are_named_in_input_order_ten_at_most(output):
    numbers = [*range(20, 0, -1), *range(21, 41)]
    with FakeServer() as server:
        report = batch((article(n, id=f"a{n % 20}") for n in numbers), output, server.url)
        assert report.same_ids == tuple(f"a{n % 20}" for n in numbers[:10])
        assert report.done == 40


def test_answers_cut_at_the_limit_are_a_row_that_says_so(output):
    with FakeServer() as server:
        # of the two sentences one is read, and of the other every answer is cut off
        server.fail("length", when=lambda body: "They spoke" in body["messages"][-1]["content"])
        report = batch(iter([article(1)]), output, server.url)
        assert report.counts == {"partial": 1}
        assert "answer_cut_off" in rows(output)[0]["provenance"]["warnings"]


def test_a_document_of_which_every_answer_is_cut_off_fails_and_its_tokens_are_counted(output):
    with FakeServer() as server:
        server.fail("length")
        outcomes = []
        report = batch(iter([article(1)]), output, server.url, on_row=outcomes.append)
        assert report.counts == {"failed": 1}
        (told,) = rows(manifest_path(output))
        assert (told["reason"], told["attempts"]) == ("length", server.requests)
        assert outcomes[0].usage.input_tokens > 0


def test_answers_of_400_mb_fill_no_memory(output):
    status = Path("/proc/self/status")
    try:
        Path("/proc/self/clear_refs").write_text("5")  # from here on the peak counts anew
    except OSError:
        pytest.skip("the peak of resident memory can't be reset here")

    def peak():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

    with FakeServer() as server:
        batch(iter([article(0)]), output, server.url)
        before = peak()
        server.fail("huge")
        report = batch((article(i) for i in range(6)), output, server.url)
        assert report.counts == {"ok": 1, "failed": 5}
        assert peak() - before < 5 * 16 + 50  # the server is in this process; one answer alone is 400 MB
