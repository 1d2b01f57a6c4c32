"""Backends that others wrote: what goes wrong in one is told as its fault, in one line, and never as a bug of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from communique.backends.backend import Completion
from communique.errors import BackendError, CommuniqueError

_LOG = logging.getLogger("communique.backends")
_HINT = "a bug in that plug-in: update it, or tell its author"


@contextmanager
def answering(backend: object) -> Iterator[None]:
    """Turn what a stranger's backend raises into a `BackendError` that names it.

    Our own errors, and our own backends, pass.

    Raises:
        BackendError: It raised something that is no error of ours.
    """
    try:
        yield
    except CommuniqueError:
        raise
    except (Exception, SystemExit) as error:
        if (who := _stranger(backend)) is None:
            raise
        raise BackendError(f"{who} failed with {_said(error)}", hint=_HINT) from error


@contextmanager
def closing(backend: object) -> Iterator[None]:
    """Log what a stranger's backend raises when it is closed: what was read stays read."""
    try:
        yield
    except Exception as error:
        if (who := _stranger(backend)) is None:
            raise
        _LOG.warning("%s can't be closed: %s", who, _said(error), exc_info=True)


def completion(backend: object, answer: Any) -> Completion:
    """Return what a backend gave, if it is an answer.

    Raises:
        BackendError: It is something else.
    """
    who = _stranger(backend)
    if who is not None and not isinstance(answer, Completion):
        raise BackendError(f"{who} returned a {type(answer).__name__}, not a Completion", hint=_HINT)
    if who is not None and not isinstance(answer.data, dict):
        raise BackendError(f"{who} returned data that is a {type(answer.data).__name__}, not a dict", hint=_HINT)
    return answer  # type: ignore[no-any-return]


def _stranger(backend: Any) -> str | None:
    """Return what a backend that isn't ours is called, or None; a batch puts wrappers of ours around one."""
    while _ours(backend) and (inner := getattr(backend, "_backend", None)) is not None:
        backend = inner
    if _ours(backend):
        return None
    kind = type(backend)
    return f"the backend {str(getattr(backend, 'name', kind.__name__))!r} ({kind.__module__}:{kind.__qualname__})"


def _ours(backend: object) -> bool:
    return type(backend).__module__.partition(".")[0] == "communique"


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
