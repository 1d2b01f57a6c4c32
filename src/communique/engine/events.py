"""Events: what happens to a document, typed, for progress, logs, traces and tests; and the hooks that are told of them.

- `asked`, then `answered` or `failed`: for every question, a judge's too; one about failed checks is `repaired` as well
- `rejected`: for every record that the checks kept out
- `verified` or `failed`: once for every document
- `stored`: once the journal of a batch has the document
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, fields
from time import perf_counter
from typing import Any, ClassVar, Self, TypeVar

from communique.backends import Completion
from communique.errors import CommuniqueError
from communique.prompts import Prompt
from communique.schemas import Rejection, Usage, VerifiedSummary

_LOG = logging.getLogger("communique.hooks")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document."""

    kind: ClassVar[str] = ""
    document_id: str
    reading: int  # number of this reading of it, from 1; 0 where it is not being read. Many may go on at once

    @property
    def detail(self) -> dict[str, Any]:
        """Numbers and names for a log; never a word of the article, the prompt or the answer."""
        own = (f.name for f in fields(self) if f.name not in {"document_id", "reading"} and f.repr)
        told = {name: getattr(self, name) for name in own} | self._told()
        if "seconds" in told:
            told["seconds"] = round(told.pop("seconds"), 3)  # at the end
        return told

    def _told(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """A prompt is about to be sent."""

    kind: ClassVar[str] = "asked"
    call: int  # number of the question, from 1; its answer has the same
    backend: str  # name of the backend
    model: str  # as asked for
    prompt: Prompt = field(repr=False)  # what is sent; it holds the article

    def _told(self) -> dict[str, Any]:
        asked = self.prompt
        told = {"prompt": asked.fingerprint, "turns": len(asked.messages)}
        return {**told, "purpose": asked.purpose, "complaints": asked.complaints}


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """An answer has come."""

    kind: ClassVar[str] = "answered"
    call: int  # number of the question
    prompt: Prompt = field(repr=False)  # what was sent
    answer: Completion = field(repr=False)  # what came back, with its tokens
    seconds: float = field(compare=False)  # wall time of the question, waits and retries included

    def _told(self) -> dict[str, Any]:
        answer = self.answer
        return {"model": answer.model, "usage": answer.usage.model_dump(), "attempts": answer.attempts}


@dataclass(frozen=True, slots=True)
class Repaired(Event):
    """The model has answered again about checks that failed. Whether that holds, the checks say."""

    kind: ClassVar[str] = "repaired"
    call: int  # number of the question
    complaints: int  # how many failed checks it was told of


@dataclass(frozen=True, slots=True)
class Rejected(Event):
    """The checks kept a record out."""

    kind: ClassVar[str] = "rejected"
    rejection: Rejection = field(repr=False)  # the record and the reason; it holds words of the article

    def _told(self) -> dict[str, Any]:
        return {name: getattr(self.rejection, name) for name in ("kind", "reason", "field")}


@dataclass(frozen=True, slots=True)
class Verified(Event):
    """The document is read and checked."""

    kind: ClassVar[str] = "verified"
    summary: VerifiedSummary = field(repr=False)  # the result
    seconds: float = field(compare=False)  # wall time of the reading

    def _told(self) -> dict[str, Any]:
        verdicts = Counter(r.verdict for r in self.summary.all_records())
        found = {"records": verdicts.total(), "verdicts": dict(verdicts)}
        return {**found, "rejections": len(self.summary.rejections)}


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A question had no usable answer, or the document can't be read on."""

    kind: ClassVar[str] = "failed"
    call: int | None  # number of the question, or None if it is the document
    reason: str  # machine-readable (`CommuniqueError.reason`), or the exception's name
    error: BaseException = field(repr=False, compare=False)  # what was raised
    seconds: float = field(compare=False)  # wall time of the question or the reading


@dataclass(frozen=True, slots=True)
class Stored(Event):
    """The journal of a batch has the document: whatever happens now, it is done."""

    kind: ClassVar[str] = "stored"
    state: str  # ok, partial or failed
    reason: str = ""  # why not ok
    usage: Usage = field(default=Usage(), repr=False)
    cost: float = 0.0  # US dollars, 0 without a price
    attempts: int = 0  # requests
    seconds: float = field(default=0.0, compare=False)  # wall time

    def _told(self) -> dict[str, Any]:
        return {"cost": round(self.cost, 6)}


E = TypeVar("E", bound=Event)
Listener = Callable[[Any], object]


class Hooks:
    """Functions that are called with each `Event`, in the thread or task that reads the document.

    One that raises is reported once, and breaks nothing.
    """

    def __init__(self, listeners: Sequence[Listener] | None = None) -> None:
        self.listeners = list(listeners or ())
        self.calls = itertools.count(1)
        self.readings = itertools.count(1)
        self._broken: set[int] = set()

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
            except Exception:  # noqa: BLE001 - third-party code must not break a run
                if id(listener) not in self._broken:
                    self._broken.add(id(listener))
                    _LOG.warning("a hook raised on %s and is reported once", event.kind, exc_info=True)


class Reading:
    """One document being read, for hooks: questions are numbered and timed, and an exception that leaves it is told."""

    def __init__(self, hooks: Hooks, document_id: str) -> None:
        self._hooks, self._which = hooks, (document_id, next(hooks.readings))
        self._started = perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            self._failed(None, error, self._started)

    async def question(self, prompt: Prompt, backend: object, answer: Awaitable[Completion]) -> Completion:
        """Tell that a prompt is sent, wait for its answer, and tell what has come."""
        call = next(self._hooks.calls)
        name = str(getattr(backend, "name", type(backend).__name__))
        self._hooks.tell(Asked(*self._which, call, name, str(getattr(backend, "model", "")), prompt))
        started = perf_counter()
        try:
            given = await answer
        except BaseException as error:
            self._failed(call, error, started)
            raise
        self._hooks.tell(Answered(*self._which, call, prompt, given, perf_counter() - started))
        if prompt.complaints:
            self._hooks.tell(Repaired(*self._which, call, prompt.complaints))
        return given

    def verified(self, summary: VerifiedSummary) -> None:
        """Tell what the checks kept out, and what they left."""
        for rejection in summary.rejections:
            self._hooks.tell(Rejected(*self._which, rejection))
        self._hooks.tell(Verified(*self._which, summary, perf_counter() - self._started))

    def _failed(self, call: int | None, error: BaseException, started: float) -> None:
        reason = error.reason if isinstance(error, CommuniqueError) else type(error).__name__
        self._hooks.tell(Failed(*self._which, call, reason, error, perf_counter() - started))
