"""Hooks: functions that are told the events of a run. One that raises is reported once, and breaks nothing."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

from communique.backends.backend import Completion
from communique.documents import Document
from communique.engine.events import Answered, Asked, Event, Failed, Rejected, Repaired, Verified
from communique.errors import CommuniqueError
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary

_LOG = logging.getLogger("communique.hooks")
E = TypeVar("E", bound=Event)
Listener = Callable[[Any], object]


class Hooks:
    """Functions that are called with each `Event`, in the thread or task that reads the document.

    Args:
        listeners: Called with every event.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, listeners: list[Listener] | None = None, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.listeners: list[Listener] = list(listeners or ())
        self.now = clock
        self.calls = itertools.count(1)
        self._broken: set[int] = set()
        self._readings = itertools.count(1)

    def on(self, kind: type[E], listener: Callable[[E], object]) -> None:
        """Call a function with the events of one kind only: `hooks.on(Answered, count_tokens)`."""

        def only(event: Event) -> None:
            if isinstance(event, kind):
                listener(event)

        self.listeners.append(only)

    def tell(self, event: Event) -> None:
        """Call every listener. What one raises is logged the first time, and goes no further."""
        for listener in self.listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - a stranger's code must not break a run
                if id(listener) not in self._broken:
                    self._broken.add(id(listener))
                    _LOG.warning("a hook raised on %s and is reported once", event.kind, exc_info=True)

    def reading(self, document: Document, asked: Callable[[Prompt], object]) -> Reading:
        """Return what a driver tells its events to, for one document; a context manager."""
        return Reading(self, document.id, next(self._readings), asked)


class Reading:
    """One document being read: numbers its questions, times them, and tells that it failed if it is left by an exception."""

    def __init__(self, hooks: Hooks, document_id: str, number: int, backend_of: Callable[[Prompt], object]) -> None:
        self._hooks, self._id, self._number, self._backend_of = hooks, document_id, number, backend_of
        self._call = 0
        self._started = self._asked_at = hooks.now()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            self._failed(None, error, self._hooks.now() - self._started)

    def asked(self, prompt: Prompt) -> None:
        """Tell that a prompt is about to be sent."""
        self._call = next(self._hooks.calls)
        backend = self._backend_of(prompt)
        name = str(getattr(backend, "name", type(backend).__name__))
        model = str(getattr(backend, "model", ""))
        self._hooks.tell(Asked(self._id, self._number, self._call, name, model, prompt))
        self._asked_at = self._hooks.now()

    def answered(self, prompt: Prompt, answer: Completion) -> None:
        """Tell that an answer has come; and that it repairs, where it does."""
        seconds = self._hooks.now() - self._asked_at
        self._hooks.tell(Answered(self._id, self._number, self._call, prompt, answer, seconds))
        if prompt.complaints:
            self._hooks.tell(Repaired(self._id, self._number, self._call, prompt.complaints))
        self._call = 0

    def unusable(self, error: BaseException) -> None:
        """Tell that a question has no usable answer; the document may go on without it."""
        self._failed(self._call, error, self._hooks.now() - self._asked_at)
        self._call = 0

    def verified(self, summary: VerifiedSummary) -> None:
        """Tell what the checks kept out, and what they left."""
        for rejection in summary.rejections:
            self._hooks.tell(Rejected(self._id, self._number, rejection))
        self._hooks.tell(Verified(self._id, self._number, summary, self._hooks.now() - self._started))

    def _failed(self, call: int | None, error: BaseException, seconds: float) -> None:
        reason = error.reason if isinstance(error, CommuniqueError) else type(error).__name__
        for which in (self._call or None, None) if call is None and self._call else (call,):
            self._hooks.tell(Failed(self._id, self._number, which, reason, error, seconds))
