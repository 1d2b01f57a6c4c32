"""The local backend over a stand-in child: its life, its deaths, what is sent and what comes back."""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from communique import errors
from communique.backends import connect
from communique.backends.backend import AsyncBackend, Backend
from communique.backends.llama_cpp import RESTARTS, LocalBackend
from communique.backends.model_files import ADAPTER, EMBEDDED, adapter_name
from communique.prompts.prompt import Message, Prompt

FAKE = Path(__file__).with_name("fake_llama.py")
SCHEMA = {"type": "object", "properties": {"meeting": {"type": "null"}}, "required": ["meeting"]}
PROMPT = Prompt(
    messages=(Message("system", "Read."), Message("user", "[1] They {{ met }}.")),
    schema=SCHEMA,
    fingerprint="0" * 16,
    max_tokens=50,
    document_id="doc-1",
)


@pytest.fixture
def local(tmp_path):
    made = []

    def make(behaviour, **options):
        command = [sys.executable, str(FAKE), behaviour, str(tmp_path)]
        backend = LocalBackend("m", command=command, **options)
        made.append(backend)
        return backend

    yield make
    for backend in made:
        backend.close()


def starts(tmp_path):
    return [int(line) for line in (tmp_path / "starts").read_text().split()]


def request(tmp_path):
    return json.loads((tmp_path / "request.json").read_text())


def running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid, seconds=10.0):
    end = time.monotonic() + seconds
    while running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not running(pid)


def test_it_fulfils_both_protocols(local):
    backend = local("good")
    assert isinstance(backend, Backend)
    assert isinstance(backend, AsyncBackend)
    assert (backend.name, backend.narrows, backend.context_tokens) == ("local", True, 8192)


def test_an_answer_comes_with_its_tokens_and_the_cached_ones(local):
    answer = local("good").complete(PROMPT)
    assert answer.data == {"meeting": None}
    assert answer.model == "fake"
    assert answer.attempts == 1
    assert (answer.usage.input_tokens, answer.usage.cached_tokens, answer.usage.output_tokens) == (40, 30, 5)
    assert answer.seconds > 0


def test_the_request_fixes_what_makes_answers_drift(local, tmp_path):
    local("good").complete(PROMPT)
    sent = request(tmp_path)
    body = sent["body"]
    assert sent["path"] == "/v1/chat/completions"
    assert (body["temperature"], body["seed"], body["max_tokens"], body["cache_prompt"]) == (0, 1, 50, True)
    assert body["messages"][-1]["content"] == "[1] They {{ met }}."
    schema = body["response_format"]["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"] == SCHEMA


@pytest.mark.parametrize(("behaviour", "requests"), [("begun", 1), ("repeated", 1), ("no-grammar", 2)])
def test_a_trained_model_is_given_the_beginning_of_its_answer_where_it_takes_one(local, tmp_path, behaviour, requests):
    backend = local(behaviour)
    backend.trained = True
    answer = backend.complete(replace(PROMPT, messages=(Message("user", "They met."),), trained=True))
    assert (answer.data, answer.text, answer.attempts) == ({"meeting": None}, '{"meeting":null}', 1)
    assert len((tmp_path / "paths").read_text().splitlines()) == requests
    sent = request(tmp_path)["body"]
    assert (sent["messages"][-1]["role"] == "assistant") is ("grammar" in sent) is ("response_format" not in sent)


@pytest.mark.parametrize(("file", "trained"), [(EMBEDDED.filename, True), ("other.gguf", False)])
def test_the_adapter_is_for_the_embedded_model_alone(tmp_path, monkeypatch, file, trained):
    path = tmp_path / file
    path.write_bytes(b"GGUF")
    monkeypatch.setattr("communique.backends.llama_cpp.locate", lambda _: path)
    monkeypatch.setenv("COMMUNIQUE_CACHE", str(tmp_path))
    backend = LocalBackend()
    assert backend.trained is trained
    assert backend.model == (f"{path.stem}+{adapter_name()}" if trained else "other")


def test_the_adapter_is_a_file_that_llama_cpp_reads():
    assert ADAPTER.read_bytes()[:4] == b"GGUF"


@pytest.mark.parametrize("trained", [True, False])
def test_the_adapter_counts_only_where_it_was_trained_for_the_question(local, tmp_path, trained):
    backend = local("good")
    backend.trained = True  # as the embedded model is
    backend.complete(replace(PROMPT, trained=trained))
    assert request(tmp_path)["body"]["lora"] == [{"id": 0, "scale": float(trained)}]
    local("good").complete(PROMPT)
    assert "lora" not in request(tmp_path)["body"]


def test_each_child_takes_only_requests_with_its_own_key(local, tmp_path):
    backend = local("good")
    backend.complete(PROMPT)
    first = request(tmp_path)["key"]
    backend.close()
    backend.complete(PROMPT)
    assert first.startswith("Bearer ")
    assert len(first) > 30
    assert request(tmp_path)["key"] != first


def test_a_proxy_in_the_environment_is_not_used(local, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert local("good").complete(PROMPT).data == {"meeting": None}


def test_the_child_starts_with_the_first_prompt_and_serves_the_next(local, tmp_path):
    backend = local("good")
    assert backend.pid is None
    backend.complete(PROMPT)
    backend.complete(PROMPT)
    assert starts(tmp_path) == [backend.pid]


def test_a_child_that_dies_once_is_started_again_and_asked_again(local, tmp_path):
    answer = local("die-once").complete(PROMPT)
    assert answer.data == {"meeting": None}
    assert answer.attempts == 2
    assert len(starts(tmp_path)) == 2


def test_a_child_that_was_killed_between_prompts_is_started_again(local, tmp_path):
    backend = local("good")
    backend.complete(PROMPT)
    os.kill(backend.pid, signal.SIGKILL)
    assert gone(starts(tmp_path)[0])
    assert backend.complete(PROMPT).attempts in {1, 2}  # 2 where the death is seen only by the next request
    assert len(starts(tmp_path)) == 2


def test_a_prompt_that_kills_twice_fails_alone_and_says_what_the_child_said(local):
    with pytest.raises(errors.EngineError, match=r"exit code 9.*third layer") as caught:
        local("die").complete(PROMPT)
    assert caught.value.reason == "engine"
    assert caught.value.document_id == "doc-1"


def test_a_child_that_keeps_dying_stops_the_run(local, tmp_path):
    backend = local("die")
    for _ in range((RESTARTS + 1) // 2):
        with pytest.raises(errors.EngineError):
            backend.complete(PROMPT)
    with pytest.raises(errors.EngineStoppedError, match=rf"died {RESTARTS + 1} times") as caught:
        backend.complete(PROMPT)
    assert isinstance(caught.value, errors.PermanentBackendError)
    assert caught.value.reason == "engine"
    assert len(starts(tmp_path)) == RESTARTS + 1


def test_a_child_that_does_not_start_says_why_in_one_line(local):
    with pytest.raises(errors.EngineStoppedError, match=r"exit code 1.*bad magic") as caught:
        local("no-start").complete(PROMPT)
    assert "\n" not in str(caught.value)


def test_a_child_that_is_never_ready_is_ended_at_the_deadline(local, tmp_path, monkeypatch):
    monkeypatch.setattr("communique.backends.llama_cpp.START_DEADLINE", 1.0)
    backend = local("never-ready")
    with pytest.raises(errors.EngineStoppedError, match="not ready within 1 s"):
        backend.complete(PROMPT)
    assert all(gone(pid) for pid in starts(tmp_path))


def test_a_command_that_is_not_there_is_one_line():
    backend = LocalBackend("m", command=["/nowhere/llama"])
    with pytest.raises(errors.EngineStoppedError, match="can't be started"):
        backend.complete(PROMPT)


def test_an_answer_that_takes_too_long_ends_at_the_deadline(local):
    with pytest.raises(errors.DeadlineError) as caught:
        local("hang", deadline=0.5).complete(PROMPT)
    assert caught.value.document_id == "doc-1"


def test_close_ends_the_child_and_leaves_no_file_behind(local, tmp_path, monkeypatch):
    logs = tmp_path / "logs"
    logs.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(logs))
    backend = local("good")
    backend.complete(PROMPT)
    pid = backend.pid
    backend.close()
    backend.close()
    assert gone(pid)
    assert backend.pid is None
    assert list(logs.iterdir()) == []


def test_a_backend_that_is_let_go_ends_its_child(tmp_path):
    backend = LocalBackend("m", command=[sys.executable, str(FAKE), "good", str(tmp_path)])
    backend.complete(PROMPT)
    pid = backend.pid
    del backend
    gc.collect()
    assert gone(pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_ends_when_the_parent_is_killed(tmp_path, end):
    script = (
        "import sys, time\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from test_llama_cpp import *\n"
        "backend = LocalBackend('m', command=[sys.executable, str(FAKE), 'good', sys.argv[2]])\n"
        "backend.complete(PROMPT)\n"
        "print(backend.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(FAKE.parent), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert running(child)
        parent.send_signal(end)
        parent.wait()
    assert gone(child)


@pytest.mark.parametrize(
    ("behaviour", "expected", "words"),
    [
        ("cut", errors.TruncatedResponseError, "token limit"),
        ("prose", errors.MalformedResponseError, "missing: meeting"),
        ("list", errors.MalformedResponseError, "missing: meeting"),
        ("silent", errors.MalformedResponseError, "missing: meeting"),
        ("lacking", errors.MalformedResponseError, "missing: meeting"),
        ("odd", errors.MalformedResponseError, "no chat answer"),
        ("long", errors.ContextExceededError, "9 tokens.*only 8"),
        ("refuse", errors.RequestRefusedError, "bad grammar"),
        ("fail", errors.EngineError, "out of memory"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_of_ours(local, tmp_path, behaviour, expected, words):
    with pytest.raises(expected, match=words) as caught:
        local(behaviour).complete(PROMPT)
    assert type(caught.value) is expected
    assert caught.value.document_id == "doc-1"
    assert len(starts(tmp_path)) == 1


def test_a_cut_answer_is_kept_in_the_error(local):
    with pytest.raises(errors.TruncatedResponseError) as caught:
        local("cut").complete(PROMPT)
    assert caught.value.raw == '{"mee'


def test_sync_and_async_share_the_child_and_give_the_same(local, tmp_path):
    backend = local("good")

    async def several():
        return [a.data for a in await asyncio.gather(*(backend.acomplete(PROMPT) for _ in range(3)))]

    assert asyncio.run(several()) == [backend.complete(PROMPT).data] * 3
    assert len(starts(tmp_path)) == 1


def test_an_async_call_outlives_a_death_too(local):
    assert asyncio.run(local("die-once").acomplete(PROMPT)).attempts == 2


def test_a_cancelled_call_returns_at_once(local):
    backend = local("hang")

    async def impatient():
        async with asyncio.timeout(0.5):
            await backend.acomplete(PROMPT)

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert time.monotonic() - started < 10


def test_without_xllamacpp_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(errors.MissingExtraError, match=r"communique\[local\]"):
        LocalBackend()


@pytest.mark.parametrize("spelling", ["local/{}", "local:{}"])
def test_a_path_names_another_model(spelling, tmp_path):
    pytest.importorskip("xllamacpp")
    file = tmp_path / "tiny.gguf"
    file.write_bytes(b"GGUF rest")
    assert connect(spelling.format(file)).model == "tiny"


@pytest.mark.model
def test_the_embedded_model_answers_and_reuses_its_prefix():
    pytest.importorskip("xllamacpp")
    filler = Message("system", "Answer in JSON. " + "Meetings are encounters of officials. " * 30)
    schema = {
        "type": "object",
        "properties": {"place": {"enum": ["Geneva", "Vienna"]}, "number": {"type": "integer", "maximum": 3}},
        "required": ["place", "number"],
        "additionalProperties": False,
    }
    first, second = (
        Prompt((filler, Message("user", text)), schema, "0" * 16, max_tokens=60)
        for text in ("The envoys met in Geneva. Where?", "The envoys met in Vienna. Where?")
    )
    with LocalBackend() as backend:
        assert backend.complete(first).data["place"] == "Geneva"
        answer = backend.complete(second)
        assert answer.data["place"] == "Vienna"
        assert answer.data["number"] <= 3
        assert answer.usage.cached_tokens > 0.8 * answer.usage.input_tokens
        too_long = Prompt((Message("user", "word " * 9000),), schema, "0" * 16)
        with pytest.raises(errors.DocumentTooLongError):
            backend.complete(too_long)
