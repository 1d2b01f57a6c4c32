"""The process beside a batch: it checks answers against their articles, so that the batch's own process can keep asking.

It is started by `communique.batch.checker`, which imports `main` and calls it.

Frames on standard input and output: four bytes of length, then a pickle. The first frame holds the plan, the prints of its
record types and the backend's traits; each further one a list of documents and first answers, replied to by a list of the same
length: a `Row`, or None where the batch has to go on itself, because the exchange isn't over with that answer or has raised.
It ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

from communique.batch.row import Row
from communique.documents import Document
from communique.engine.driver import Voices, begin, timed
from communique.engine.plan import Plan
from communique.schemas.record_type import type_print

LENGTH = 4


@dataclass(frozen=True, slots=True)
class Traits:
    """What an exchange has to know of its backend."""

    name: str
    model: str
    narrows: bool
    context_tokens: int | None

    @classmethod
    def of(cls, backend: Any) -> Traits:
        """Read them off a backend."""
        return cls(
            str(backend.name),
            str(backend.model),
            bool(backend.narrows),
            getattr(backend, "context_tokens", None),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, without what only the driver of an exchange needs."""

    data: Any
    text: str
    model: str
    usage: Any
    attempts: int
    reasks: int = 0


def prints(plan: Plan) -> list[str]:
    """Return a print of each record type: one that was changed while the program ran is another one over there."""
    return [type_print(kind) for kind in plan.records]


def framed(value: Any) -> bytes:
    """Return the frame of a value."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(LENGTH, "big") + body


def after_first(document: Document, plan: Plan, traits: Traits, heard: Heard) -> Row | None:
    """Return what an exchange comes to with its first answer, or None if it asks on."""
    talk = begin(document, plan, Voices(traits))
    try:
        next(talk)
        talk.send(heard)
    except StopIteration as stop:
        return Row.of(timed(stop.value, 0.0))
    talk.close()
    return None


def main() -> int:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the batch, which ends this process
    # Whatever a record type reads or prints, in C too, must not get among the frames.
    given, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    with given, told:
        return _serve(given, told)


def _serve(given: BinaryIO, told: BinaryIO) -> int:
    first = _read(given)
    if first is None:
        return 0
    try:
        plan, printed, traits = pickle.loads(first)  # noqa: S301 - from the process that started this one
    except Exception as error:  # noqa: BLE001 - a record type that can't be imported here
        return _say(told, f"{type(error).__name__}: {error}")
    if prints(plan) != printed:
        return _say(told, "a record type was changed while the program ran")
    _say(told, None)
    while (frame := _read(given)) is not None:
        _say(told, [_checked(*job, plan=plan, traits=traits) for job in pickle.loads(frame)])  # noqa: S301
    return 0


def _checked(fields: dict[str, Any], heard: Heard, *, plan: Plan, traits: Traits) -> Row | None:
    try:
        return after_first(Document.model_construct(**fields), plan, traits, heard)
    except Exception:  # noqa: BLE001 - it is raised again in the batch, by the same answer
        return None


def _read(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def _say(stream: BinaryIO, value: Any) -> int:
    try:
        stream.write(framed(value))
        stream.flush()
    except BrokenPipeError:  # the batch is gone
        sys.exit(0)
    return 0
