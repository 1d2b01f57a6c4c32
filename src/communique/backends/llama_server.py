"""The process that holds a local model, llama.cpp's OpenAI-compatible server on loopback; and its parent's side of it.

    python -m communique.backends.llama_server --model FILE.gguf [--port N] [--threads N] [--prompt-cache off]

It prints one JSON line (`url`, `model`, `sha256`) when it is ready and serves until it is killed; as a child (`--parent
PID`), until its standard input closes or its parent is gone, so that it never outlives it.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from communique.errors import EngineStoppedError

TOKEN = "COMMUNIQUE_LLAMA_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable with the key that requests must bear; unset: none."""
_GRACE = 5.0  # seconds that a child has to end after its input was closed
_TAIL = 300  # characters of the log that an error shows


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="communique.backends.llama_server", description=__doc__)
    parser.add_argument("--model", required=True, type=Path, help="GGUF file")
    parser.add_argument("--adapter", type=Path, help="GGUF file with weights that are added to the model's")
    parser.add_argument("--alias", default="", help="name that the server reports; the file's name")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 for a free one")
    parser.add_argument("--context", type=int, default=8192, help="tokens of prompt and answer")
    parser.add_argument("--threads", type=int, default=0, help="threads; 0 for one per physical core")
    parser.add_argument("--prompt-cache", choices=["on", "off"], default="on", help="reuse the common prefix")
    parser.add_argument("--states", default="", help="folder where evaluated prompts may be saved")
    parser.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)
    return parser


def parameters(options: argparse.Namespace) -> Any:
    """Return xllamacpp's parameters: one slot, no store of old prompts, nothing but answers is served."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # its stubs lack what it exports
    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    if options.adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(options.adapter), 1.0)]
    params.model_alias = {options.alias or options.model.stem}
    params.port = options.port
    params.n_ctx = options.context
    params.n_parallel = 1
    params.n_ubatch = 512
    threads = options.threads or physical_cores()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_AUTO
    params.cache_ram_mib = 0  # the store of old prompts grew by gigabytes; the slot reuses its prefix without it
    params.cache_prompt = options.prompt_cache == "on"
    if options.states:
        params.slot_save_path = os.path.join(options.states, "")  # noqa: PTH118 - it must end in a separator
    params.warmup = False
    params.ui = False
    params.endpoint_slots = False  # it would show the article to other users of this machine
    params.verbosity = 1  # errors only
    if os.environ.get(TOKEN):
        params.api_keys = [os.environ.pop(TOKEN)]
    return params


def main(given: list[str] | None = None) -> None:
    """Serve until killed, or until the parent is gone."""
    options = arguments().parse_args(given)
    ready = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the library prints goes to the log
    gone = threading.Event()
    if options.parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        threading.Thread(target=_until_closed, args=(gone,), daemon=True).start()
    xllamacpp: Any = importlib.import_module("xllamacpp")
    try:
        server = xllamacpp.Server(parameters(options))
    except RuntimeError:  # it says nothing of use; the library's log does, above this line
        sys.exit(f"{options.model} can't be loaded: is it damaged, cut short, or larger than the memory?")
    line = {"url": f"{server.listening_address}/v1", "model": options.alias or options.model.stem}
    if not options.parent:
        from communique.backends.model_files import sha256_of

        line["sha256"] = sha256_of(options.model)
    print(json.dumps(line), file=ready, flush=True)
    ready.close()
    while not gone.wait(1.0):
        if options.parent and os.name == "posix" and os.getppid() != options.parent:
            break  # the pipe is still open in a fork of the parent, which doesn't count
    os._exit(0)  # the server's threads have nothing to save


def physical_cores(cpus: Path = Path("/sys/devices/system/cpu")) -> int:
    """Return the number of physical cores among the CPUs that this process may use: hyper-threads don't help a model.

    Where Linux doesn't describe them in `cpus`, each CPU counts as a core.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores: set[str] = set()
    for cpu in allowed:
        try:
            cores.add((cpus / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text("ascii").strip())
        except OSError:
            cores.add(str(cpu))
    return max(len(cores), 1)


def _until_closed(gone: threading.Event) -> None:
    while os.read(0, 4096):  # not through sys.stdin: an interpreter that ends while a thread waits there crashes
        pass
    gone.set()


class LlamaChild:
    """A running server. It ends with this process, whatever happens to it.

    The command prints one JSON line with `url` within `deadline` seconds (else EngineStoppedError is raised), and ends
    when its standard input closes.
    """

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        token = secrets.token_urlsafe(24)
        self.headers = {"Authorization": f"Bearer {token}"}  # of every request, so that no other user can ask it
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop; nameless, so that it can't be left behind
        try:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, our own command
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, TOKEN: token},
                start_new_session=True,  # a signal to the terminal's group is ours to handle, not the child's
            )
        except OSError as error:
            self._log.close()
            raise EngineStoppedError(f"the local model's process can't be started: {error.strerror}") from error
        try:
            self.url = self._address(deadline)
        except BaseException:
            self._process.kill()
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def ended(self, within: float = 0.0) -> bool:
        """Tell whether the process ends within so many seconds."""
        try:
            self._process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self) -> str:
        """Return how it ended and the end of its log, in one line."""
        code = self._process.poll()
        how = "still running" if code is None else f"exit code {code}" if code >= 0 else f"signal {-code}"
        tail = ""
        if not self._log.closed:
            self._log.seek(0)
            tail = " ".join(self._log.read().decode("utf-8", "replace").split())[-_TAIL:]
        return f"{how}; its log says: {tail}" if tail else f"{how}; its log is empty"

    def stop(self, *, grace: float = _GRACE) -> None:
        """End it: ask, wait `grace` seconds, kill. It may be called twice."""
        process = self._process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if not self.ended(grace):
            process.kill()
            process.wait()
        self._log.close()

    def _address(self, deadline: float) -> str:
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        pipe: Any = self._process.stdout
        threading.Thread(target=lambda: lines.put(pipe.readline()), name="llama-ready", daemon=True).start()
        try:
            line = lines.get(timeout=deadline)
        except queue.Empty:
            told = f"the local model was not ready within {deadline:.0f} s"
            raise EngineStoppedError(told, hint=self.last_words()) from None
        try:
            return str(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            self.ended(_GRACE)
            raise EngineStoppedError("the local model did not start", hint=self.last_words()) from None


if __name__ == "__main__":
    main()
