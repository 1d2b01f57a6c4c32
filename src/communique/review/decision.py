"""What a person decides on a record, the file that keeps it, and where a record stands by it, through later runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import threading
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

from filelock import FileLock, Timeout
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import to_jsonable_python

from communique.batch.export import sync_folder
from communique.errors import OutputError, UnreadableDocumentError
from communique.schemas import Evidence, Record, stated_fields
from communique.schemas.annotation import LISTS, ordered
from communique.schemas.stored import json_line

JUDGES = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}
"""The decisions that settle a record, and the states that they lead to; `OPEN` are those in which a person is asked."""
OPEN = ("undecided", "again")
_BEGIN = b'{"id":"'  # of each line that we write


class StaleDecisionError(OutputError, reason="stale_decision"):
    """Somebody else decided on the record meanwhile, or the record changed; nothing was written."""


class Decision(BaseModel, frozen=True):
    """One line of the file of decisions.

    `at` is ISO 8601, UTC. `key` is that of the record; for `missing`, it is that of the document, `record` is "", and
    `kind` is the plural key of the type that is missing. `document` is the SHA-256 of its text, `fingerprint` that of
    what the record stated, `original`; `edited` is what it should state. `undo` takes back the decision `undoes`.
    """

    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    at: str = Field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"))
    by: str
    decision: Literal["accept", "correct", "reject", "missing", "comment", "undo"]
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


class Standing(NamedTuple):
    """Where a record stands: settled by the `last` decision on it as it is, `again` where it changed since, or `undecided`."""

    state: str = "undecided"  # or `accepted`, `corrected`, `rejected`, `again`
    last: Decision | None = None
    conflict: bool = False  # two people's last decisions differ
    why: str = ""  # why it is asked again: it or its article has changed since
    told: str = ""  # who decided when, and what was said: `ana on 2026-11-28: wrong side`


def key_of(document: str, record: str) -> str:
    """Return the key of a record, in hex: of its document's SHA-256 and its own id; "" for the document itself."""
    return _digest([document, record])


def stated(value: Any, cited: Callable[[Evidence], Any] = lambda e: e.sentence) -> Any:
    """Return what a record, or a part of one, states as JSON has it: no field that code fills; `cited` for evidence."""
    if isinstance(value, BaseModel):
        found = {name: stated(getattr(value, name), cited) for name, _ in stated_fields(type(value))}
        found |= {name: stated(item, cited) for name, item in (value.model_extra or {}).items()}
        if "evidence" in type(value).model_fields:
            found["evidence"] = [cited(e) for e in getattr(value, "evidence", ())]
        return found
    if isinstance(value, LISTS):
        return [stated(item, cited) for item in ordered(value)]
    return to_jsonable_python(value, fallback=str)


def fingerprint_of(record: Record) -> str:
    """Return the digest, in hex, of what a record states and cites: new checks, which code fills in, ask nobody again."""
    return _digest(stated(record, lambda e: e.exact))


def edited_fingerprint_of(record: Record) -> str:
    """Return the digest, in hex, of what a record states as `Decision.edited` has it: it tells a corrected record."""
    return _digest(stated(record))


def decisions_path(results: Path) -> Path:
    """Return where the decisions on a results file are kept unless the user says otherwise."""
    return results.with_name(results.name + ".decisions.jsonl")


class DecisionsFile:
    """Decisions by their record's key, in the order of the file, which may be absent; threads and processes may share it.

    The file has one decision a line, is only ever appended to, and is on disk before a decision counts. A line that a crash
    cut short, or NULs of a power failure, were never acknowledged; the next one to write removes them.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._guard, self.edition = path, threading.RLock(), 0  # another edition whenever something was read
        self._forget()
        self.refresh()

    def of(self, key: str) -> list[Decision]:
        """Return the decisions on a record or document, by its key, also those that were taken back."""
        return self._by_key.get(key, [])

    def standing(self, key: str) -> list[Decision]:
        """Return those that were not taken back."""
        return [d for d in self.of(key) if d.id not in self._undone and d.decision != "undo"]

    def missing(self, document: str) -> list[Decision]:
        """Return the marks of what is missing in a document, by the SHA-256 of its text."""
        return [d for d in self.standing(key_of(document, "")) if d.decision == "missing"]

    def version(self, key: str) -> str:
        """Return the id of the last decision on a record, "" if there is none."""
        return next((d.id for d in reversed(self.of(key))), "")

    def standing_of(
        self, key: str, record: str, fingerprint: str, edited: str, documents: Collection[str] = ()
    ) -> Standing:
        """Return where a record stands, by its key, its id and what it states now, as both fingerprints tell.

        A record that states what the last decision wants is corrected already. `documents` are the SHA-256 of the texts
        of all results: two texts of one id are no change of one of them.
        """
        found = self.standing(key)
        comments = {d.by: d.comment for d in found if d.comment}
        settled = [d for d in found if d.decision in JUDGES]
        current = [d for d in settled if d.fingerprint == fingerprint]
        current = current or [d for d in settled[-1:] if d.edited is not None and _digest(d.edited) == edited]
        others = (d for d in self._by_record.get(record, ()) if d.document not in documents)
        earlier = [d for d in others if d.id not in self._undone]
        if not (last := next((group[-1] for group in (current, settled, earlier) if group), None)):
            return Standing()
        told = ": ".join(filter(None, (f"{last.by} on {last.at[:10]}", comments.get(last.by))))
        if not current:
            return Standing("again", last, why=f"the {'record' if settled else 'article'} has changed since", told=told)
        latest = {d.by: (d.decision, json_line(d.edited)) for d in current}
        return Standing(JUDGES[last.decision], last, conflict=len({*latest.values()}) > 1, told=told)

    def refresh(self) -> None:
        """Read what anybody appended; UnreadableDocumentError if a line is no decision, or the file can't be read."""
        with self._guard:
            content = b""
            with UnreadableDocumentError.reading(self.path), suppress(FileNotFoundError):
                content = self.path.read_bytes()
            if content[: len(self._read)] != self._read:  # another file took its place
                self._forget()
            for line in io.BytesIO(content[len(self._read) :]):
                text = line if line.endswith(b"\n") else line.rstrip(b"\0")  # a power failure leaves a tail of NULs
                try:
                    if text.strip():
                        self._take(Decision.model_validate_json(text))
                except ValidationError as error:
                    if _is_cut_short(text, error):
                        return
                    nul, number = "NUL bytes, " if b"\0" in text else "", self._read.count(b"\n") + 1
                    said = f"{self.path}, line {number}: {nul}not a decision"
                    raise UnreadableDocumentError(said, hint="mend or delete it, or give another file") from error
                self._read += text

    def add(self, decision: Decision, *, saw: str | None = None) -> None:
        """Append a decision; when this returns, it is on disk. `saw` is the `version` that the person saw, or None.

        Raises StaleDecisionError, and nothing is written, if the version is another one by now; OutputError if it can't be
        written, or couldn't be read again.
        """
        line = json_line({name: value for name, value in decision.model_dump(mode="json").items() if value}).encode()
        try:
            Decision.model_validate_json(line)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._guard, FileLock(f"{self.path}.lock", timeout=10):
                self.refresh()
                if saw not in {None, self.version(decision.key)}:
                    raise StaleDecisionError("somebody else decided on this record meanwhile")
                self._append(line + b"\n")
                self.refresh()
        except ValidationError as error:
            raise OutputError("the decision can't be kept: not UTF-8, or nested too deeply") from error
        except Timeout as error:
            raise OutputError(f"{self.path} is locked by another process", hint="try again") from error
        except OSError as error:
            said = f"can't write {self.path}: {error.strerror or error}"
            raise OutputError(said, hint="is the disk full?") from error

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.truncate(len(self._read))  # what a crash cut short
            try:
                file.write(line if not self._read or self._read.endswith(b"\n") else b"\n" + line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self.path, len(self._read))
                raise
        if not self._read:
            sync_folder(self.path.parent)

    def _take(self, decision: Decision) -> None:
        self.edition += 1
        self._undone.add(decision.undoes)
        self._by_key.setdefault(decision.key, []).append(decision)
        if decision.decision in JUDGES:
            self._by_record.setdefault(decision.record, []).append(decision)

    def _forget(self) -> None:
        self._read = bytearray()  # the lines that were taken
        self._by_key: dict[str, list[Decision]] = {}
        self._by_record: dict[str, list[Decision]] = {}
        self._undone: set[str] = set()
        self.edition += 1


def _is_cut_short(line: bytes, error: ValidationError) -> bool:
    """Tell whether a crash left this of a line of ours. Anything else is somebody's text, which must not be cut off."""
    ours = not line.endswith(b"\n") and line[: len(_BEGIN)] == _BEGIN[: len(line)]
    return ours and "EOF while parsing" in error.errors()[0]["msg"]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
