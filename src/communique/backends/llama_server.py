"""The child process that holds a local model: llama.cpp's OpenAI-compatible server on loopback.

    python -m communique.backends.llama_server --model FILE.gguf [--port N] [--threads N] [--no-prompt-cache] [--stay]

It prints one JSON line with its address when it is ready, and ends when its standard input closes, so that it never
outlives the process that started it; `--stay` keeps it until it is killed (for recording cassettes).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def parameters(options: argparse.Namespace) -> Any:
    """Return xllamacpp's parameters: one slot, greedy sampling fixed by the requests, no prompt store in RAM."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.n_ctx = options.context
    params.n_parallel = 1
    params.port = options.port
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.cache_ram_mib = 0  # the store of old prompts grew by gigabytes; the slot still reuses its prefix
    params.cache_prompt = options.prompt_cache
    params.warmup = False
    params.ui = False
    params.model_alias = {options.alias or Path(options.model).stem}
    return params


def main(arguments: list[str] | None = None) -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser(
        prog="communique.backends.llama_server", description="Serve a GGUF model on loopback."
    )
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", default="")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--prompt-cache", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--stay", action="store_true")
    options = parser.parse_args(arguments)
    if options.port == 0:
        options.port = _free_port()
    ready = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever the library prints goes to the log
    import xllamacpp

    server = xllamacpp.Server(parameters(options))
    print(
        json.dumps({"url": f"{server.listening_address}/v1", "model": Path(options.model).name}),
        file=ready,
        flush=True,
    )
    if options.stay:
        while True:
            time.sleep(3600)
    sys.stdin.buffer.read()
    os._exit(0)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
