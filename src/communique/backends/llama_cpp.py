"""The embedded model: a GGUF file in a child process that can die without us, asked like any compatible server."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from communique.backends.backend import Completion
from communique.backends.model_files import locate
from communique.backends.openai_chat import OpenAIBackend
from communique.backends.retrying import RetryPolicy
from communique.errors import BackendError, DeadlineError, MissingExtraError, TransientBackendError
from communique.prompts.prompt import Prompt

MAX_RESTARTS = 3
START_DEADLINE = 180.0
_POLICY = RetryPolicy(attempts=1, attempt_deadline=900.0, call_deadline=1800.0)


class EngineError(BackendError):
    """The local model's process can't be started or keeps dying."""

    reason = "engine"


class LocalBackend:
    """Asks a model on this machine. The model is loaded with the first prompt and given back by `close`.

    Args:
        model: "" for the embedded model; a path to a GGUF file, or `ORG/REPO/FILE.gguf` that was pulled.
        context: Tokens of prompt and answer.
        threads: Threads; all cores if None.
        command: Command of the child, for tests; it must print one JSON line with `url`.

    Raises:
        MissingExtraError: xllamacpp is not installed.
        ConfigurationError: The model is nowhere, or its hash is wrong.
    """

    name = "local"
    narrows = True

    def __init__(
        self,
        model: str = "",
        *,
        context: int = 8192,
        threads: int | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self.context_tokens: int | None = context
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._chat: OpenAIBackend | None = None
        self._starts = 0
        self._log = Path(tempfile.gettempdir()) / f"communique-llama-{os.getpid()}-{id(self):x}.log"
        if command is None:
            if importlib.util.find_spec("xllamacpp") is None:
                raise MissingExtraError.of("the model 'local'", "local")
            path = locate(model)
            command = [
                sys.executable,
                "-m",
                "communique.backends.llama_server",
                "--model",
                str(path),
                "--context",
                str(context),
            ]
            command += ["--threads", str(threads)] if threads else []
            model = path.stem
        self.model = model
        self._command = list(command)
        atexit.register(self.close)

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer. A child that dies is started again, at most three times.

        Raises:
            EngineError: It keeps dying, or doesn't start.
            communique.errors.ResponseError: An answer that can't be used.
        """
        for _ in range(2):
            chat = self._ready()
            try:
                return chat.complete(prompt)
            except DeadlineError:
                raise
            except TransientBackendError as error:
                self._buried(error)
        return self._ready().complete(prompt)

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer. Raises as `complete`."""
        import anyio.to_thread

        return await anyio.to_thread.run_sync(self.complete, prompt)

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._stop()
        atexit.unregister(self.close)

    async def aclose(self) -> None:
        """End the child."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Address of the child's server, started if need be."""
        return self._ready().endpoint.url

    def _ready(self) -> OpenAIBackend:
        with self._lock:
            if self._chat is not None and self._child is not None and self._child.poll() is None:
                return self._chat
            if self._starts > MAX_RESTARTS:
                raise EngineError(f"the local model died {self._starts} times", hint=f"see {self._log}")
            self._stop()
            self._starts += 1
            url = self._start()
            self._chat = OpenAIBackend(self.model, base_url=url, policy=_POLICY, timeout=900.0)
            return self._chat

    def _start(self) -> str:
        with self._log.open("ab") as log:
            child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)  # noqa: S603
        self._child = child
        lines: queue.Queue[bytes] = queue.Queue()
        pipe = child.stdout
        threading.Thread(target=lambda: lines.put(pipe.readline() if pipe else b""), daemon=True).start()
        try:
            line = lines.get(timeout=START_DEADLINE)
            return str(json.loads(line)["url"])
        except (queue.Empty, ValueError, KeyError):
            self._stop()
            raise EngineError("the local model did not start", hint=self._last_words()) from None

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return f"{lines[-1][:200] if lines else 'it said nothing'}; log: {self._log}"

    def _buried(self, error: TransientBackendError) -> None:
        """Make room for a new child if this one is dead; otherwise the fault is not ours to mend."""
        with self._lock:
            if self._child is not None:
                try:
                    self._child.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    raise error from None

    def _stop(self) -> None:
        child, self._child = self._child, None
        chat, self._chat = self._chat, None
        if chat is not None:
            chat.close()
        if child is None:
            return
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.returncode == 0:
            self._log.unlink(missing_ok=True)
