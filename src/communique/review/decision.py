"""Decision: what a person says of a record, and the keys that tie it to the record through later runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python

from communique.errors import OutputError
from communique.grounding.identity import record_id
from communique.schemas import DocumentInfo, Evidence, Record
from communique.schemas.markers import stated_fields

Verb = Literal["accept", "correct", "reject", "missing", "comment", "undo"]
JUDGES = ("accept", "correct", "reject")
"""The decisions that settle a record."""


class StaleDecisionError(OutputError):
    """Somebody else decided on the record meanwhile, or the record changed; nothing was written."""

    reason = "stale_decision"


class Decision(BaseModel):
    """One line of the file of decisions.

    Attributes:
        id: Its own id.
        at: When it was made: ISO 8601, UTC.
        by: Who made it.
        decision: What was decided; `undo` takes back the decision `undoes`.
        key: Of the record; of the document for `missing`.
        document: SHA-256 of the document's text.
        record: The record's id; "" for `missing`.
        kind: Plural key of the record's type; for `missing`, of the type that is missing.
        fingerprint: Of what the record stated when it was decided on.
        original: What it stated.
        edited: What it should state, for `correct`.
        sentences: The sentences that state what is missing.
        comment: Words of the person.
        undoes: Id of the decision that is taken back.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    at: str = Field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"))
    by: str
    decision: Verb
    key: str
    document: str
    record: str = ""
    kind: str = ""
    fingerprint: str = ""
    original: dict[str, Any] | None = None
    edited: dict[str, Any] | None = None
    sentences: tuple[Evidence, ...] = ()
    comment: str = ""
    undoes: str = ""


def key_of(document: str, record: str) -> str:
    """Return the key of a record, in hex: of its document's SHA-256 and its own id; "" for the document itself."""
    return _digest([document, record])


def keyed(document: DocumentInfo, records: Iterable[Record]) -> Iterator[tuple[str, Record]]:
    """Yield each record of a document with the id that its key is made of; a second one of an id gets `-2`."""
    seen: dict[str, int] = {}
    for record in records:
        own = record.id or record_id(record, document.id)
        seen[own] = seen.get(own, 0) + 1
        yield own if seen[own] == 1 else f"{own}-{seen[own]}", record


def stated(value: Any, cited: Callable[[Evidence], Any] = lambda e: e.sentence) -> Any:
    """Return what a record states as JSON has it: no field that code fills, evidence as numbers of sentences.

    Args:
        value: A record, a part of one, or a value.
        cited: What stands for a piece of evidence.
    """
    if isinstance(value, BaseModel):
        found = {name: stated(getattr(value, name), cited) for name, _ in stated_fields(type(value))}
        found |= {name: stated(item, cited) for name, item in (value.model_extra or {}).items()}
        if "evidence" in type(value).model_fields:
            found["evidence"] = [cited(e) for e in getattr(value, "evidence", ())]
        return found
    if isinstance(value, (list, tuple)):
        return [stated(item, cited) for item in value]
    return to_jsonable_python(value, fallback=str)


def fingerprint_of(record: Record) -> str:
    """Return the fingerprint of what a record states and of the sentences that it cites, in hex.

    What code fills in takes no part: a new version of the checks doesn't ask a person again.
    """
    return _digest(stated(record, lambda e: e.exact))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
