"""Run parsers of hostile formats in a worker process that is reused while it behaves, and killed when it doesn't.

Bytes and JSON over pipes; no pickle. The worker has a limit on processor time and address space, may open no socket,
start no process and write no file. Where the operating system has no such limits (Windows; macOS for memory), the wall
clock still holds.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from communique.documents.document import Document
from communique.documents.readers.bounded import read_all
from communique.documents.readers.reader import Article, ReadError, ReadOptions, Skipped

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MAX_ANSWER = 256 << 20  # bytes of JSON: more than the longest text that memory lets through
STARTUP = 120.0  # seconds that a worker may take to start; they count for no document
WALL = 3  # wall seconds for a processor second: on a busy machine the fairer processor time should end a document first
MAX_DOCUMENTS = 500  # after which a worker is replaced, so that a leak of a parser stays small
_FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system",
    "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir")  # fmt: skip
_WORKER = f"from {__name__} import serve; serve()"
_OVER_CPU = {-getattr(signal, name) for name in ("SIGPROF", "SIGXCPU") if hasattr(signal, name)}


class Sandbox:
    """One worker process; it starts with the first document. Threads take turns.

    Args:
        seconds: Processor seconds for one document; the wall clock gives it three times as many.
        memory: Bytes of address space.
    """

    def __init__(self, seconds: float, memory: int) -> None:
        self.seconds, self.memory, self.max_answer = seconds, memory, MAX_ANSWER
        self.started = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = threading.Lock()

    def parse(self, parser: str, raw: bytes, hints: Mapping[str, Any] | None = None) -> list[Article]:
        """Run a parser, `module:function`, on the bytes of one document and on hints, which JSON can carry.

        Raises:
            ReadError: It found nothing, or trouble: extract_timeout, extract_memory, extract_failed.
        """
        request = {"parser": parser, "hints": dict(hints or {}), "seconds": self.seconds, "size": len(raw)}
        with self._lock:
            answer = self._exchange(json.dumps(request).encode() + b"\n", raw)
        if "reason" in answer:
            raise ReadError(str(answer["reason"]), str(answer["detail"]))
        return [Article(**{**a, "notes": tuple(a["notes"]), "pages": tuple(a["pages"])}) for a in answer["articles"]]

    def close(self) -> None:
        """Stop the worker."""
        with self._lock:
            self._stop()

    def _exchange(self, request: bytes, raw: bytes) -> dict[str, Any]:
        """Send a line of JSON and the document; return what the line of JSON holds that comes back."""
        process = self._ready()
        begun = time.monotonic()
        line = b""
        answer: dict[str, Any] | None = None
        with _killed_after(process, WALL * self.seconds), contextlib.suppress(OSError, ValueError):
            if process.stdin and process.stdout:
                process.stdin.write(request)
                process.stdin.write(raw)
                process.stdin.flush()
                line = process.stdout.readline(self.max_answer)
                answer = json.loads(line)
        late = time.monotonic() - begun >= WALL * self.seconds
        self._done += 1
        if answer is None or answer.get("ends") or self._done >= MAX_DOCUMENTS:
            self._stop()
        if answer is not None:
            return answer
        if late or process.returncode in _OVER_CPU:
            raise ReadError("extract_timeout", f"its parser was stopped after {self.seconds:g} s")
        if len(line) == self.max_answer:
            raise ReadError("extract_failed", f"its parser returned more than {self.max_answer:,} bytes")
        if line.endswith(b"\n"):
            raise ReadError("extract_failed", "its parser returned no usable answer")
        raise ReadError("extract_failed", f"its parser ended with code {process.returncode}")

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-c", _WORKER, str(self.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
            self.started += 1
            self._done = 0
            with _killed_after(self._process, STARTUP):  # a dead one is told when it is asked
                if self._process.stdout:
                    self._process.stdout.readline()
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):  # what a dead worker didn't take
                    pipe.close()


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


_shared: dict[tuple[int, float, int], Sandbox] = {}


@atexit.register
def close_all() -> None:
    """Stop the workers of this process."""
    for key in [k for k in list(_shared) if k[0] == os.getpid()]:
        _shared.pop(key).close()


class SandboxedReader:
    """A reader of a hostile format: all bytes of a file go to `parse` of the reader's own module, in the sandbox.

    The workers are this process's own, one for each set of limits. The parser's hints are the options and
    `max_container`.
    """

    suffixes: tuple[str, ...]
    counted_from: ClassVar[int] = 2  # number of the first article whose source has its number behind a colon

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the articles of a file in order, or why there is none."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield from self.read_bytes(raw, options.source or str(path), options)

    def read_bytes(
        self, raw: bytes, source: str, options: ReadOptions, **hints: str | None
    ) -> Iterator[Document | Skipped]:
        """Yield the articles that these bytes hold, or why there is none; `hints` go to the parser beside the options."""
        key = (os.getpid(), options.seconds, options.memory)  # a forked child must not talk to its parent's worker
        sandbox = _shared.setdefault(key, Sandbox(options.seconds, options.memory))
        known = {**dataclasses.asdict(options), "max_container": options.max_container, **hints}
        try:
            articles = sandbox.parse(f"{type(self).__module__}:parse", raw, known)
        except ReadError as error:
            yield Skipped(source, error.reason, error.detail)
            return
        for number, article in enumerate(articles, 1):
            yield article.to_document(f"{source}:{number}" if number >= self.counted_from else source, options)


def serve() -> None:
    """Be the worker: limit this process, then parse one document after another until standard input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints must not look like an answer
    _limit_memory(int(sys.argv[1]))
    sys.addaudithook(_refuse)
    answers.write(b"\n")  # it has started
    answers.flush()
    for head in iter(requests.readline, b""):
        request = json.loads(head)
        raw = requests.read(request["size"])
        module, _, function = request["parser"].partition(":")
        parser = getattr(importlib.import_module(module), function)  # this takes none of the document's time
        _limit_time(request["seconds"])
        answer = _parse(parser, raw, request["hints"])
        _limit_time(0)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()
        if answer.get("ends"):
            return


def _parse(parser: Any, raw: bytes, hints: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"articles": [dataclasses.asdict(article) for article in parser(raw, hints)]}
    except ReadError as error:
        return {"reason": error.reason, "detail": error.detail}
    except MemoryError:
        detail = "its parser needs more memory than it is allowed"
        return {"reason": "extract_memory", "detail": detail, "ends": True}
    except ModuleNotFoundError as error:
        return {"reason": "missing_extra", "detail": f"needs {error.name}: pip install 'communique[readers]'"}
    except RecursionError:
        return {"reason": "extract_failed", "detail": "it is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - whatever a parser of hostile bytes may raise fails this document alone
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return {"reason": "extract_failed", "detail": detail}


def _limit_memory(size: int) -> None:
    if resource is None:
        return
    for what, limit in ((resource.RLIMIT_AS, size), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses RLIMIT_AS
            resource.setrlimit(what, (limit, limit))


def _limit_time(seconds: float) -> None:
    """Let SIGPROF end the process after so many processor seconds, or never if 0; SIGXCPU, in whole seconds, later."""
    if resource is None:
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    if seconds:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime + seconds) + 2
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: the worker reads modules and nothing else."""
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parser is not allowed to do this: {event}")
