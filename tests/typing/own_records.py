"""What records and hooks of one's own look like to a type checker. Never run: mypy and pyright read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_type

from pydantic import BaseModel

from communique import Document, Extractor, Meeting, Plan, Record
from communique.backends.scripted import ScriptedBackend
from communique.engine import Answered, Event, Hooks
from communique.schemas import Check


class Resignation(BaseModel):
    """A plain model."""

    who: str


class Pledge(Record):
    """A record type."""

    donor: str


def long_ago(record: Record, document: Document) -> Iterator[Check]:
    if document.published is not None and record.derived.date is None:
        yield Check(field="when", outcome="unsupported", severity="flag", reason="no_date")


def listen(event: Event) -> None:
    assert_type(event.document_id, str)


def tokens(event: Answered) -> int:
    return event.answer.usage.input_tokens


def read() -> None:
    hooks = Hooks([listen])
    hooks.on(Answered, tokens)
    plan = Plan(checks=(long_ago,))
    extractor = Extractor(ScriptedBackend(), records=[Meeting, Resignation, Pledge], plan=plan, hooks=hooks)
    summary = extractor.extract("text")
    assert_type(summary.of(Resignation), tuple[Resignation, ...])
    assert_type(summary.of(Pledge)[0].donor, str)
