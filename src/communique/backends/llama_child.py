"""A child process that serves a model on loopback, as its parent sees it: started, waited for, ended."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Sequence

from communique.backends.llama_server import TOKEN
from communique.errors import EngineStoppedError

_GRACE = 5.0
"""Seconds that a child has to end after its input was closed."""
_TAIL = 300
"""Characters of the log that an error shows."""


class LlamaChild:
    """A running server. It ends with this process, whatever happens to it.

    Args:
        command: Prints one JSON line with `url` when it is ready, and ends when its standard input closes.
        deadline: Seconds until it must be ready.

    Attributes:
        url: Where it listens, ending in `/v1`.
        token: Key that its requests must bear, so that no other user of the machine can ask it.

    Raises:
        EngineStoppedError: It ended, or it was not ready in time.
    """

    def __init__(self, command: Sequence[str], deadline: float) -> None:
        self.token = secrets.token_urlsafe(24)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop; nameless, so that it can't be left behind
        try:
            self._process = subprocess.Popen(  # noqa: S603 - no shell, our own command
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env={**os.environ, TOKEN: self.token},
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
    def headers(self) -> dict[str, str]:
        """Headers that every request to it must bear."""
        return {"Authorization": f"Bearer {self.token}"}

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
        pipe = self._process.stdout
        threading.Thread(
            target=lambda: lines.put(pipe.readline() if pipe else b""),
            name="communique-llama-ready",
            daemon=True,
        ).start()
        try:
            line = lines.get(timeout=deadline)
        except queue.Empty:
            raise EngineStoppedError(
                f"the local model was not ready within {deadline:.0f} s", hint=self.last_words()
            ) from None
        try:
            return str(json.loads(line)["url"])
        except (ValueError, KeyError, TypeError):
            self.ended(_GRACE)
            raise EngineStoppedError("the local model did not start", hint=self.last_words()) from None
