"""The worker of `sandbox.py`: limits itself, then parses one document after another.

python -P -m communique.documents.readers.worker MEMORY_BYTES
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import signal
import sys
from typing import Any

from communique.documents.readers.reader import ReadError

try:
    import resource
except ImportError:  # Windows has no such limits; the parent's clock holds
    resource = None  # type: ignore[assignment]

_FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system",
    "os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "os.mkdir")  # fmt: skip


def main() -> None:
    """Serve until standard input ends."""
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


if __name__ == "__main__":
    main()
