"""The batch as a process: signals, kills, locks, pipes, full disks. Exit codes as documented."""

import io
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import pytest

from communique.cli import terminal
from communique.testing import FakeServer
from communique.testing.chat_wires import schema_of

COMMUNIQUE = (sys.executable, "-m", "communique")


@pytest.fixture
def server():
    with FakeServer(latency=0.02) as running:
        yield running


@pytest.fixture
def place(tmp_path):
    write(tmp_path / "in.jsonl", 60)
    return tmp_path


def write(path, count):
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            text = f"Minister Anna Novak met envoy number {number} in Vienna. They spoke about trade."
            stream.write(json.dumps({"id": f"d{number}", "text": text, "language": "en"}) + "\n")


def command(place, server, *more):
    asked = ["-m", "openai/m1", "--base-url", server.url, "-c", "8", "--language", "en"]
    return ["batch", "-o", str(place / "out.jsonl"), str(place / "in.jsonl"), *asked, *more]


@pytest.fixture
def finish(place, server, in_here):
    """Runs the command to its end, in this process: a new one costs two seconds of imports."""
    return lambda *more: in_here(command(place, server, *more))


@pytest.fixture
def start(place, server, apart):
    """Starts the command in a process of its own, and waits until requests are on their way."""

    def start(*more, requests=8):
        return begun(apart(command(place, server, *more)), server, server.requests + requests)

    return start


def begun(process, server, requests=8):
    until = time.monotonic() + 60
    while server.requests < requests and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    return process


def anew(place, server, *more):
    """Start the command as people do, in a new interpreter."""
    line = [*COMMUNIQUE, *command(place, server, *more)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ids(place):
    return [json.loads(line)["document"]["id"] for line in (place / "out.jsonl").read_text("utf-8").splitlines()]


def test_all_done_is_zero_and_one_line(server, finish):
    ended = finish()
    assert ended.returncode == terminal.OK
    assert ended.stderr.splitlines()[-1].startswith("done 60, failed 0, left 0")
    assert ended.stdout == ""
    again = finish()
    assert again.returncode == 0
    assert "already done 60" in again.stderr
    assert server.requests == 60


def test_some_failed_is_three_and_says_why(server, finish):
    server.fail("refusal", times=2)
    ended = finish()
    assert ended.returncode == terminal.SOME_FAILED
    assert "done 58, failed 2" in ended.stderr
    assert "model declined to answer [refusal] 2" in ended.stderr


def test_failed_documents_are_read_again_all_or_by_reason(place, server, finish):
    server.fail("refusal", times=3)
    finish()
    assert "failed 3" in finish("--retry-failed=timeout").stderr
    assert server.requests == 60
    assert "done 60, failed 0" in finish("--retry-failed=refusal").stderr
    server.fail("refusal", times=2)
    write(place / "in.jsonl", 62)
    assert "failed 2" in finish().stderr
    ended = finish("--retry-failed")
    assert ended.returncode == 0
    assert server.requests == 60 + 3 + 2 + 2


def test_columns_and_traits_of_the_input_reach_the_rows(place, server, finish, in_here):
    row = {"body": "Ministerin Anna Novak traf den Botschafter in Wien.", "link": "https://news.example/1"}
    (place / "in.jsonl").write_text(json.dumps(row), "utf-8")
    named = ["--text-field", "body", "--url-field", "link", "--outlet", "The Example", "--language", "de"]
    assert finish(*named).returncode == 0
    told = json.loads((place / "out.jsonl").read_text("utf-8"))["document"]
    assert (told["source"], told["outlet"], told["language"]) == (
        "https://news.example/1",
        "The Example",
        "de",
    )
    (place / "a.txt").write_bytes("Müller traf Novák in Köln.".encode("cp1252"))
    made = ["batch", "-o", str(place / "b.jsonl"), str(place / "a.txt"), "--encoding", "cp1252"]
    made += ["-m", "openai/m1", "--base-url", server.url]
    assert in_here(made).returncode == 0
    assert "Müller traf" in server.arrivals[-1].body["messages"][-1]["content"]


def test_a_refused_key_is_four_and_says_so_once(server, finish):
    server.fail("401")
    ended = finish()
    assert ended.returncode == terminal.STOPPED
    assert ended.stderr.count("API key refused") == 1
    assert "Traceback" not in ended.stderr


def test_a_budget_is_five(finish):
    ended = finish("--max-tokens", "9000")
    assert ended.returncode == terminal.BUDGET
    assert "resume with the same command" in ended.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ["--max-cost", "1"],
        ["--price", "cheap"],
        ["--record", "Meating"],
        ["--published", "yesterday"],
        ["--files-from", "none.txt"],
        ["--encoding", "klingon"],
        ["--retry-failed=bad_weather"],
        ["--retry-failed=journal"],
    ],
)
def test_a_users_mistake_is_two_with_one_line(server, wrong, finish):
    ended = finish(*wrong)
    assert ended.returncode == terminal.USAGE
    assert len(ended.stderr.strip().splitlines()) == 1
    assert server.requests == 0


def test_an_input_that_is_missing_is_two(place, finish):
    (place / "in.jsonl").unlink()
    ended = finish()
    assert ended.returncode == terminal.USAGE
    assert "there is no file" in ended.stderr


def test_a_damaged_journal_is_six_and_salvage_mends_it(place, finish):
    finish()
    (place / "out.jsonl.journal.db").write_bytes(b"garbage" * 4096)
    ended = finish()
    assert ended.returncode == terminal.STORAGE
    assert "--salvage" in ended.stderr
    assert finish("--salvage").returncode == terminal.OK


def test_whatever_page_of_a_journal_is_damaged_no_wrong_row_is_published(place, server, finish):
    write(place / "in.jsonl", 20)
    finish()
    output, journal = place / "out.jsonl", place / "out.jsonl.journal.db"
    right, sound = output.read_bytes(), journal.read_bytes()
    refused = 0
    for page in range(0, len(sound), 4096):
        output.unlink(missing_ok=True)
        (place / "in.jsonl").touch()
        journal.write_bytes(sound[:page] + b"\xaa" * 4096 + sound[page + 4096 :])
        ended = finish()
        assert "bug" not in ended.stderr
        if ended.returncode == terminal.STORAGE:
            refused += 1
            assert "out.jsonl.journal.db is damaged" in ended.stderr
            assert "--salvage" in ended.stderr
            assert not output.exists()
            ended = finish("--salvage")
        assert ended.returncode == terminal.OK
        assert output.read_bytes() == right
    assert refused >= 8


def test_a_journal_of_another_version_or_configuration_is_two_and_says_which(place, server, finish):
    assert finish().returncode == 0
    ended = finish("--strict")
    assert ended.returncode == terminal.USAGE
    assert "strict: False" in ended.stderr
    db = sqlite3.connect(place / "out.jsonl.journal.db")
    db.execute("UPDATE meta SET value = '99' WHERE key = 'journal_version'")
    db.commit()
    db.close()
    ended = finish()
    assert ended.returncode == terminal.USAGE
    assert "version 99" in ended.stderr
    assert server.requests == 60


def test_a_second_run_on_one_output_is_seven(server, finish, start):
    server.latency = 0.3
    first = start()
    sent = server.requests
    began = time.monotonic()
    second = finish()
    assert time.monotonic() - began < 5, "nothing waits for the lock"
    assert second.returncode == terminal.LOCKED
    assert f"process {first.pid} on {socket.gethostname()} since 20" in second.stderr
    first.kill()
    first.communicate()
    assert sent >= 8
    assert finish().returncode == terminal.OK, "the lock of a killed run is free"


def test_sigint_once_finishes_what_is_in_flight_and_begins_nothing(place, server, finish):
    server.latency = 0.3
    process = begun(anew(place, server), server)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    sent = server.requests
    _, said = process.communicate(timeout=60)
    assert process.returncode == terminal.INTERRUPTED
    assert server.requests == sent
    assert "resume with the same command" in said
    assert len(ids(place)) == sent, "all that was paid for is published"
    server.latency = 0
    assert finish().returncode == 0
    assert server.requests == 60


def judging(body):
    """Find a meeting, and judge it."""
    if "judgements" in schema_of(body)["properties"]:
        return {"judgements": [{"statement": 1, "sentences": [1], "probability": 0.93}]}
    met = {"evidence": [1], "status": "held", "participants": ["Anna Novak"]}
    return {"meetings": [met], "allegations": [], "sanctions_concerns": []}


def test_a_document_that_was_read_when_the_signal_came_is_judged_too(place, server, finish, start):
    server.answer, server.latency = judging, 0.3
    process = start()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == terminal.INTERRUPTED
    assert len(ids(place)) == 8, said
    assert server.requests == 16
    server.latency = 0
    assert finish().returncode == 0
    assert server.requests == 120


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_finishes_what_is_in_flight_and_is_143(place, server, number, start):
    server.latency = 0.3
    process = start()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == terminal.TERMINATED
    assert len(ids(place)) == server.requests


def test_after_a_signal_nobody_waits_longer_than_the_grace(server, start):
    server.fail("hang")
    process = start("--grace", "0.2")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == terminal.INTERRUPTED
    assert time.monotonic() - began < 5


def test_sigint_twice_ends_at_once(server, finish, start):
    server.fail("hang")
    process = start()
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == terminal.INTERRUPTED
    assert time.monotonic() - began < 2.5
    server.heal()
    assert finish().returncode == 0


@pytest.mark.parametrize("point", ["commit", "committed", "export", "exported"])
def test_a_crash_at_any_point_loses_nothing(place, server, apart, point):
    """SQLite's way: fail at the n-th passage for n = 1, 2, … until a run comes through."""
    for number in (1, 2, 4, 8, 64):
        ended = apart(command(place, server), dies_at=f"{point}:{number}")
        ended.communicate()
        for path in place.glob("out*.jsonl"):
            assert path.read_text("utf-8") == "" or path.read_text("utf-8").endswith("\n")
        if ended.returncode != 137:
            break
    assert ended.returncode == 0
    assert ids(place) == [f"d{i}" for i in range(60)]
    assert not list(place.glob(".*.tmp*")) or point in {"export", "exported"}
    assert server.requests <= 60 + 5 * 8


def test_kill_9_costs_at_most_what_was_in_flight(place, server, finish, start):
    server.latency = 0.05
    kills = 0
    for _ in range(4):
        process = start(requests=12)  # of which some are answered and stored, and some are in flight
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        kills += 1
    assert finish().returncode == 0
    assert ids(place) == [f"d{i}" for i in range(60)]
    assert server.requests <= 60 + kills * 8
    resumed = (place / "out.jsonl").read_bytes()
    finish("-o", str(place / "clean.jsonl"))
    assert resumed == (place / "clean.jsonl").read_bytes()


def test_follow_writes_each_row_as_it_is_done(place, finish):
    ended = finish("--follow")
    assert sorted(json.loads(line)["document"]["id"] for line in ended.stdout.splitlines()) == sorted(ids(place))


def test_a_closed_pipe_does_not_end_the_batch(place, server):
    process = anew(place, server, "--follow")
    process.stdout.readline()
    process.stdout.close()
    process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 0
    assert len(ids(place)) == 60


def test_a_dry_run_sends_nothing(place, server, finish):
    ended = finish("--dry-run", "--price", "0.25,2")
    assert ended.returncode == 0
    assert ended.stdout.startswith("60 documents (0 duplicates, 0 unreadable), 120 requests"), "with a judge's"
    alone = finish("--dry-run", "--no-judge")
    assert alone.stdout.startswith("60 documents (0 duplicates, 0 unreadable), 60 requests")
    assert server.requests == 0
    assert not (place / "out.jsonl").exists()


def test_a_list_of_inputs_comes_from_standard_input(place, server, tmp_path, in_here, monkeypatch):
    for number in range(3):
        (tmp_path / f"a{number}.txt").write_text(f"Minister Novak met envoy {number} in Vienna.")
    listed = "".join(f"{tmp_path}/a{n}.txt\n" for n in range(3))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(listed.encode()), "utf-8"))
    asked = ["-m", "openai/m1", "--base-url", server.url, "--files-from", "-"]
    assert "done 3" in in_here(["batch", "-o", str(place / "list.jsonl"), *asked]).stderr


def test_status_tells_how_far_it_is(place, server, finish, in_here):
    server.fail("refusal", times=1)
    finish("--limit", "20")
    said = in_here(["status", str(place / "out.jsonl"), "--json"])
    found = json.loads(said.stdout)
    assert (found["counts"]["ok"], found["counts"]["failed"], found["finished"]) == (19, 1, False)


def test_status_says_that_a_run_came_to_its_limit_or_that_more_may_be_left(place, server, finish, in_here):
    def told(*more):
        return in_here(["status", str(place / "out.jsonl"), *more]).stdout

    assert finish("--limit", "20").returncode == 0
    for more in ([], ["--report"]):
        assert "finished up to --limit" in told(*more)
    server.revoke_after = server.requests + 10
    assert finish().returncode == terminal.STOPPED
    for more in ([], ["--report"]):
        assert re.search(r"left \d+\+", told(*more))
        assert "not finished: run the same command again" in told(*more)
    assert json.loads(told("--json"))["all_seen"] is False
    server.revoke_after = None
    assert finish().returncode == 0
    assert "left 0\n" in told()
    assert told().endswith("\nfinished\n")
    assert json.loads(told("--json"))["all_seen"] is True


def test_one_id_for_two_texts_is_said_at_the_end_and_by_status_and_is_no_failure(place, finish, in_here):
    write(place / "in.jsonl", 6)
    lines = (place / "in.jsonl").read_text("utf-8").replace('"d4"', '"d\\u202e1"').replace('"d1"', '"d\\u202e1"')
    (place / "in.jsonl").write_text(lines, "utf-8")
    said = "one id for more than one text: 'd"
    for _ in range(2):  # the second finds everything done
        ended = finish()
        assert ended.returncode == terminal.OK
        assert ended.stderr.count(said) == 1
        assert "\u202e" not in ended.stderr
    for more in ([], ["--report"]):
        assert said in in_here(["status", str(place / "out.jsonl"), *more]).stdout
    assert len(ids(place)) == 6
    write(place / "in.jsonl", 6)
    assert said not in finish().stderr
    assert said not in in_here(["status", str(place / "out.jsonl")]).stdout


@pytest.fixture
def small_disk(tmp_path):
    point = tmp_path / "small"
    point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(point)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a file system isn't allowed here")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=False)


def test_a_full_disk_is_six_and_loses_nothing_that_was_acknowledged(small_disk, server, tmp_path, in_here):
    write(tmp_path / "in.jsonl", 200)
    output = small_disk / "out.jsonl"
    asked = ["-m", "openai/m1", "--base-url", server.url, "-c", "8", "--follow"]
    made = [
        "batch",
        "-o",
        str(small_disk / "out.jsonl"),
        str(tmp_path / "in.jsonl"),
        *asked,
    ]
    assert in_here([*made, "--limit", "5"]).returncode == terminal.OK
    before = output.read_bytes()
    ended = in_here(made)
    assert ended.returncode == terminal.STORAGE
    assert "disk full" in ended.stderr
    assert re.search(r"\d+ answers were paid for and could not be stored", ended.stderr)
    assert "Traceback" not in ended.stderr
    assert output.read_bytes() == before, "the last export is whole"
    assert not list(small_disk.glob(".*.tmp"))
    acknowledged = {json.loads(line)["document"]["id"] for line in ended.stdout.splitlines()}
    assert acknowledged
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    sent = server.requests
    again = in_here(made)
    assert again.returncode == 0
    assert len(output.read_text("utf-8").splitlines()) == 200
    assert server.requests - sent <= 200 - len(acknowledged)


def test_a_read_only_target_is_two_before_anything_is_sent(small_disk, server, tmp_path, in_here):
    write(tmp_path / "in.jsonl", 3)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    asked = ["-m", "openai/m1", "--base-url", server.url]
    made = [
        "batch",
        "-o",
        str(small_disk / "out.jsonl"),
        str(tmp_path / "in.jsonl"),
        *asked,
    ]
    ended = in_here(made)
    assert ended.returncode == terminal.USAGE
    assert server.requests == 0
