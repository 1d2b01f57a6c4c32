"""Run parsers of hostile formats in a worker process that is reused while it behaves, and killed when it doesn't.

Bytes and JSON over pipes; no pickle. The worker has a limit on processor time and address space, may open no socket,
start no process and write no file (see `worker.py`). Where the operating system has no such limits (Windows; macOS for
memory), the wall clock still holds.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from communique.documents.document import Document
from communique.documents.readers.article import Article
from communique.documents.readers.reader import ReadOptions, Skipped

LENGTH = struct.Struct(">Q")
"""How both sides write the length of what follows."""

READY = LENGTH.pack(0)
"""What a worker writes when it has started."""

MAX_ANSWER = 256 << 20
"""Bytes of JSON: more than the longest text that memory lets through."""

STARTUP = 120.0
"""Seconds that a worker may take to start; they count for no document."""

WALL = 3
"""Wall seconds for a processor second: on a busy machine the processor time, which is fair, should end a document
first."""

MAX_DOCUMENTS = 500
"""Documents after which a worker is replaced, so that a leak of a parser stays small."""


class ParseError(Exception):
    """A parser gave nothing.

    Args:
        reason: Machine-readable, see `Skipped`.
        detail: One line for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Sandbox:
    """One worker process; it starts with the first document. Threads take turns.

    Args:
        seconds: Wall and processor seconds for one document.
        memory: Bytes of address space.
        max_answer: Bytes of JSON that a parser may answer with.
    """

    def __init__(self, seconds: float = 20.0, memory: int = 1 << 30, max_answer: int = MAX_ANSWER) -> None:
        self.seconds = seconds
        self.memory = memory
        self.max_answer = max_answer
        self.started = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = threading.Lock()

    def parse(self, parser: str, raw: bytes, hints: Mapping[str, Any] | None = None) -> list[Article]:
        """Run a parser on the bytes of one document.

        Args:
            parser: `module:function`; the function takes the bytes and the hints, and returns articles.
            raw: The document.
            hints: What JSON can carry.

        Raises:
            ParseError: It found nothing, or trouble: extract_timeout, extract_memory, extract_failed.
        """
        head = json.dumps({"parser": parser, "hints": dict(hints or {}), "seconds": self.seconds}).encode()
        with self._lock:
            answer = self._exchange(LENGTH.pack(len(head)) + head + LENGTH.pack(len(raw)), raw)
        if "reason" in answer:
            raise ParseError(str(answer["reason"]), str(answer["detail"]))
        return [_article(found) for found in answer["articles"]]

    def close(self) -> None:
        """Stop the worker."""
        with self._lock:
            self._stop()

    def _exchange(self, head: bytes, raw: bytes) -> dict[str, Any]:
        process = self._ready()
        late: threading.Event | None = None
        try:
            with _alarm(process, WALL * self.seconds) as late:
                answer = _talk(process, head, raw, self.max_answer)
        except (OSError, EOFError, ValueError) as error:
            self._stop()
            raise _trouble(process.returncode, self, late=late is not None and late.is_set(), error=error) from None
        self._done += 1
        if answer.get("ends") or self._done >= MAX_DOCUMENTS:
            self._stop()
        return answer

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "communique.documents.readers.worker", str(self.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={
                    **os.environ,
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                    "MALLOC_ARENA_MAX": "1",
                },
                start_new_session=True,  # Ctrl-C is the parent's to handle
            )
            self.started += 1
            self._done = 0
            with (
                _alarm(self._process, STARTUP),
                contextlib.suppress(EOFError),
            ):  # a dead one is told when it is asked
                _exactly(self._process, len(READY))
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
def _alarm(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kill the process if it takes longer; the event says that it was so."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _talk(process: subprocess.Popen[bytes], head: bytes, raw: bytes, max_answer: int) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    process.stdin.write(head)
    process.stdin.write(raw)
    process.stdin.flush()
    (size,) = LENGTH.unpack(_exactly(process, LENGTH.size))
    if size > max_answer:
        raise ValueError(f"an answer of {size:,} bytes")
    answer: dict[str, Any] = json.loads(_exactly(process, size))
    return answer


def _exactly(process: subprocess.Popen[bytes], size: int) -> bytes:
    raw = process.stdout.read(size) if process.stdout else b""
    if len(raw) < size:
        raise EOFError
    return raw


def _trouble(code: int | None, sandbox: Sandbox, *, late: bool, error: Exception) -> ParseError:
    over_cpu = code in {-getattr(signal, name, 0) for name in ("SIGPROF", "SIGXCPU")} if code else False
    if late or over_cpu:
        return ParseError("extract_timeout", f"its parser was stopped after {sandbox.seconds:g} s")
    if isinstance(error, ValueError):
        return ParseError("extract_failed", f"its parser returned no usable answer: {error}")
    return ParseError("extract_failed", f"its parser ended with code {code}")


def _article(found: dict[str, Any]) -> Article:
    return Article(**{**found, "notes": tuple(found["notes"]), "pages": tuple(found["pages"])})


_shared: dict[tuple[int, float, int], Sandbox] = {}
_shared_lock = threading.Lock()


def parse(parser: str, raw: bytes, options: ReadOptions, hints: Mapping[str, Any] | None = None) -> list[Article]:
    """Run a parser in this process's own worker for these limits; see `Sandbox.parse`.

    The parser's hints are the options, `max_container` and `hints`.

    Raises:
        ParseError: See `Sandbox.parse`.
    """
    key = (
        os.getpid(),
        options.seconds,
        options.memory,
    )  # a forked child must not talk to its parent's worker
    with _shared_lock:
        sandbox = _shared.get(key)
        if sandbox is None:
            sandbox = _shared[key] = Sandbox(options.seconds, options.memory)
    known = {**dataclasses.asdict(options), "max_container": options.max_container}
    return sandbox.parse(parser, raw, {**known, **(hints or {})})


@atexit.register
def close_all() -> None:
    """Stop the workers of this process."""
    with _shared_lock:
        for key in [k for k in _shared if k[0] == os.getpid()]:
            _shared.pop(key).close()


def read_single(
    parser: str, raw: bytes, source: str, options: ReadOptions, hints: Mapping[str, Any] | None = None
) -> Document | Skipped:
    """Run a parser and return its one article, or why there is none.

    Args:
        parser: `module:function`; it gives one article.
        raw: The bytes.
        source: What to call them.
        options: See `ReadOptions`.
        hints: What the parser is told beside the options.
    """
    try:
        (article,) = parse(parser, raw, options, hints)
    except ParseError as error:
        return Skipped(source, error.reason, error.detail)
    return article.to_document(source, options)
