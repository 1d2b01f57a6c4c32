"""The child's command line and life, with a stand-in for xllamacpp; and the parameters with the real one."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from communique.backends.llama_server import TOKEN, LlamaChild, arguments, parameters, physical_cores
from communique.errors import EngineStoppedError

STAND_IN = """
from types import SimpleNamespace as Any
class _Flash: LLAMA_FLASH_ATTN_TYPE_AUTO = LLAMA_FLASH_ATTN_TYPE_ENABLED = LLAMA_FLASH_ATTN_TYPE_DISABLED = 0
llama_flash_attn_type = _Flash
class CommonParams:
    def __init__(self):
        self.model, self.cpuparams, self.cpuparams_batch = Any(), Any(), Any()
class Server:
    def __init__(self, params):
        print("noise of the library", flush=True)
        self.listening_address = f"http://127.0.0.1:{params.port}"
"""


@pytest.fixture
def serve(tmp_path):
    (tmp_path / "xllamacpp.py").write_text(STAND_IN)
    model = tmp_path / "tiny.gguf"
    model.write_bytes(b"GGUF")
    running = []

    def start(*more):
        command = [
            sys.executable,
            "-m",
            "communique.backends.llama_server",
            "--model",
            str(model),
            "--port",
            "77",
            *more,
        ]
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        running.append(child)
        return child, json.loads(child.stdout.readline())

    yield start
    for child in running:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def test_alone_it_says_address_model_and_hash_and_stays(serve):
    child, line = serve()
    assert line == {
        "url": "http://127.0.0.1:77/v1",
        "model": "tiny",
        "sha256": "b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd",
    }
    child.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.5)


def test_what_the_library_prints_is_not_on_stdout(serve):
    child, _ = serve()
    child.terminate()
    assert child.stdout.read() == b""


def test_as_a_child_it_ends_when_its_input_closes(serve):
    child, line = serve("--parent", str(os.getpid()))
    assert "sha256" not in line
    child.stdin.close()
    assert child.wait(timeout=10) == 0


def test_as_a_child_it_leaves_ctrl_c_to_its_parent(serve):
    child, _ = serve("--parent", str(os.getpid()))
    child.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(timeout=0.5)


@pytest.mark.skipif(os.name != "posix", reason="parents are known on POSIX only")
def test_as_a_child_it_ends_when_its_parent_is_another_than_it_was_told(serve):
    child, _ = serve("--parent", "1")
    assert child.wait(timeout=10) == 0  # its input is still open, as in a fork of a dead parent


def test_a_model_that_cannot_be_loaded_ends_the_child_with_the_reason(tmp_path, monkeypatch):
    broken = STAND_IN.replace('print("noise of the library", flush=True)', 'raise RuntimeError("check the params")')
    (tmp_path / "xllamacpp.py").write_text(broken)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    command = [sys.executable, "-m", "communique.backends.llama_server", "--model", "cut.gguf"]
    with pytest.raises(EngineStoppedError, match="did not start") as caught:
        LlamaChild([*command, "--parent", str(os.getpid())], 30.0)
    assert caught.value.hint.startswith("exit code 1; its log says: cut.gguf can't be loaded: ")
    assert "Error" not in caught.value.hint


def test_the_parameters_bound_memory_and_show_no_article(monkeypatch):
    pytest.importorskip("xllamacpp")
    monkeypatch.setenv(TOKEN, "secret")
    given = ["--model", "m.gguf", "--threads", "2", "--prompt-cache", "off", "--context", "4096"]
    params = parameters(arguments().parse_args(given))
    assert (params.n_parallel, params.n_ctx, params.cache_ram_mib) == (1, 4096, 0)
    assert (params.cpuparams.n_threads, params.cpuparams_batch.n_threads) == (2, 2)
    assert params.cache_prompt is False
    assert params.endpoint_slots is False
    assert params.api_keys == ["secret"]
    assert params.hostnames == ["127.0.0.1"]
    assert TOKEN not in os.environ


def test_hyper_threads_of_one_core_count_once(tmp_path):
    for cpu in range(max(os.sched_getaffinity(0)) + 1):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text("0-99\n")
    assert physical_cores(tmp_path) == 1


def test_where_nothing_is_known_each_cpu_is_a_core():
    assert physical_cores(Path("/nowhere")) == len(os.sched_getaffinity(0))
