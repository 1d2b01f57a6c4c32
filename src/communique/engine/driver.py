"""The one driver of an exchange, for sync and async: it has prompts answered, and throws in what fails.

What goes wrong in a backend that others wrote is told as its fault, in one line, and never as a bug of ours.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from communique.backends import Completion
from communique.engine.exchange import Exchange
from communique.errors import BackendError, CommuniqueError
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary

_LOG = logging.getLogger("communique.backends")
_HINT = "a bug in that plug-in: update it, or tell its author"


async def drive(talk: Exchange, ask: Callable[[Prompt], Awaitable[Completion]]) -> VerifiedSummary:
    """Go through an exchange to its end.

    Raises:
        CommuniqueError: As `ask`, where the exchange can't go on without that answer.
    """
    try:
        prompt = next(talk)
        while True:
            try:
                answer = await ask(prompt)
            except CommuniqueError as error:
                prompt = talk.throw(error)
            else:
                prompt = talk.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


async def completion(backend: object, answer: Awaitable[Any]) -> Completion:
    """Return what a backend gives, if it is an answer. Our own errors, and those of our own backends, pass.

    Raises:
        BackendError: A third-party backend raised something that is no error of ours, or gave no `Completion`.
    """
    try:
        given = await answer
    except CommuniqueError:
        raise
    except (Exception, SystemExit) as error:
        if (who := _third_party(backend)) is None:
            raise
        raise BackendError(f"{who} failed with {_said(error)}", hint=_HINT) from error
    who = _third_party(backend)
    if who is not None and not isinstance(given, Completion):
        raise BackendError(f"{who} returned a {type(given).__name__}, not a Completion", hint=_HINT)
    if who is not None and not isinstance(given.data, dict):
        raise BackendError(f"{who} returned data that is a {type(given.data).__name__}, not a dict", hint=_HINT)
    return given  # type: ignore[no-any-return]


@contextmanager
def closing(backend: object) -> Iterator[None]:
    """Log what a third-party backend raises when it is closed: what was read stays read."""
    try:
        yield
    except Exception as error:
        if (who := _third_party(backend)) is None:
            raise
        _LOG.warning("%s can't be closed: %s", who, _said(error), exc_info=True)


def _third_party(backend: Any) -> str | None:
    """Return what a backend that isn't ours is called, or None; a batch puts wrappers of ours around one."""
    while _is_ours(backend):
        backend = getattr(backend, "_backend", None)
        if backend is None:
            return None
    kind = type(backend)
    return f"the backend {str(getattr(backend, 'name', kind.__name__))!r} ({kind.__module__}:{kind.__qualname__})"


def _is_ours(backend: object) -> bool:
    return type(backend).__module__.partition(".")[0] == "communique"


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
