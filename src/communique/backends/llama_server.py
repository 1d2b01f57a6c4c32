"""The process that holds a local model: llama.cpp's OpenAI-compatible server, on loopback.

    python -m communique.backends.llama_server --model FILE.gguf [--port N] [--threads N] [--prompt-cache off]

It prints one JSON line (`url`, `model`, `sha256`) when it is ready and serves until it is killed. As the child of a
`LocalBackend` (`--parent PID`) it ends when its standard input closes or its parent is gone, so that it never outlives
it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

TOKEN = "COMMUNIQUE_LLAMA_TOKEN"  # noqa: S105 - the name of a variable
"""Environment variable with the key that requests must bear; unset: none."""


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="communique.backends.llama_server", description=__doc__)
    parser.add_argument("--model", required=True, type=Path, help="GGUF file")
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
    server = xllamacpp.Server(parameters(options))
    line: dict[str, str] = {
        "url": f"{server.listening_address}/v1",
        "model": options.alias or options.model.stem,
    }
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
    """Return the number of physical cores among the CPUs that this process may use; at least 1.

    Hyper-threads of one core don't help a model.

    Args:
        cpus: Where Linux describes them; elsewhere, and where it doesn't, each CPU counts as a core.
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
    sys.stdin.buffer.read()
    gone.set()


if __name__ == "__main__":
    main()
