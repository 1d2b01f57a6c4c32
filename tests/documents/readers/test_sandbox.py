import os
import threading
import time

import pytest

from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import Sandbox

PARSERS = """
import ctypes, os, socket, subprocess, sys, time
from communique.documents.readers.reader import Article
from communique.documents.readers.reader import ReadError

def echo(raw, hints):
    return [Article(raw.decode(), title=hints.get("title"), notes=("n",), pages=(0, 2))]
def spin(raw, hints):
    while True: pass
def sleep(raw, hints):
    time.sleep(60)
def eat(raw, hints):
    return [Article("x" * (1 << 40))]
def die(raw, hints):
    os._exit(3)
def crash(raw, hints):
    os.kill(os.getpid(), 11)
def fail(raw, hints):
    raise KeyError("broken\\nline")
def deep(raw, hints):
    return deep(raw, hints)
def shout(raw, hints):
    print("{}" * 1000); sys.stdout.flush(); os.write(1, b"x" * 100)
    return echo(raw, hints)
def flood(raw, hints):
    return [Article("x" * (9 << 20))]
def refuse(raw, hints):
    raise ReadError("no_text", "nothing")
def lack(raw, hints):
    import a_module_that_nobody_has
def fetch(raw, hints):
    socket.create_connection(("127.0.0.1", 9), timeout=1)
def look_up(raw, hints):
    socket.getaddrinfo("news.example", 80)
def start(raw, hints):
    subprocess.run(["true"])
def write(raw, hints):
    open(raw.decode(), "w").write("x")
def write_low(raw, hints):
    os.write(os.open(raw.decode(), os.O_CREAT | os.O_WRONLY), b"x")
"""


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    (tmp_path / "hostile_parsers.py").write_text(PARSERS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    box = Sandbox(seconds=1, memory=1 << 30)
    yield box
    box.close()


def run(sandbox, name, raw=b"text", **hints):
    return sandbox.parse(f"hostile_parsers:{name}", raw, hints)


def test_a_worker_is_reused(sandbox):
    for n in range(20):
        assert run(sandbox, "echo", b"%d" % n, title="T") == [Article(str(n), title="T", notes=("n",), pages=(0, 2))]
    assert sandbox.started == 1


@pytest.mark.parametrize(
    ("name", "reason", "started"),
    [
        ("spin", "extract_timeout", 2),
        ("eat", "extract_memory", 2),
        ("die", "extract_failed", 2),
        ("crash", "extract_failed", 2),
        ("flood", "extract_failed", 2),
        ("fail", "extract_failed", 1),
        ("deep", "extract_failed", 1),
        ("refuse", "no_text", 1),
        ("lack", "missing_extra", 1),
        ("fetch", "extract_failed", 1),
        ("look_up", "extract_failed", 1),
        ("start", "extract_failed", 1),
        ("write", "extract_failed", 1),
        ("write_low", "extract_failed", 1),
    ],
)
def test_trouble_fails_one_document_and_the_next_is_read(sandbox, tmp_path, name, reason, started):
    before = run(sandbox, "echo")
    target = tmp_path / "written"
    sandbox.max_answer = 1 << 20
    with pytest.raises(ReadError) as trouble:
        run(sandbox, name, str(target).encode())
    assert trouble.value.reason == reason
    assert "\n" not in trouble.value.detail
    assert run(sandbox, "echo") == before
    assert sandbox.started == started
    assert not target.exists()


def test_a_parser_that_sleeps_is_killed_by_the_wall_clock(tmp_path, sandbox):
    run(sandbox, "echo")
    sandbox.seconds = 0.2
    begun = time.monotonic()
    with pytest.raises(ReadError, match=r"stopped after 0\.2 s"):
        run(sandbox, "sleep")
    assert time.monotonic() - begun < 20


def test_the_time_to_start_counts_for_no_document(tmp_path, sandbox, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import time; time.sleep(1.5)")
    sandbox.seconds = 0.4
    assert run(sandbox, "echo")[0].text == "text"


def test_what_a_parser_prints_is_no_answer(sandbox):
    assert run(sandbox, "shout")[0].text == "text"


def test_a_large_document_goes_through_the_pipe(sandbox):
    sandbox.seconds = 20
    assert len(run(sandbox, "echo", b"x" * 20_000_000)[0].text) == 20_000_000


def test_threads_take_turns(sandbox):
    found = {}
    threads = [
        threading.Thread(target=lambda n=n: found.update({n: run(sandbox, "echo", b"%d" % n)[0].text}))
        for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: str(n) for n in range(16)}


def test_a_module_in_the_current_folder_is_not_imported(sandbox, tmp_path, monkeypatch):
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "trafilatura.py").write_text("raise SystemExit('ran')")
    (folder / "only_here.py").write_text("def parse(raw, hints): return []")
    monkeypatch.chdir(folder)
    with pytest.raises(ReadError):
        sandbox.parse("only_here:parse", b"")
    assert run(sandbox, "echo")[0].text == "text"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_closing_leaves_no_process(sandbox):
    run(sandbox, "echo")
    pid = sandbox._process.pid
    sandbox.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
