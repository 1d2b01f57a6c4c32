"""The file of decisions: one a line, only ever appended to, on disk before it counts.

Several processes may share it. A line that a crash cut short was never acknowledged; the next one to write removes it.
"""

from __future__ import annotations

import os
import threading
from io import BytesIO
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from communique.batch.filesystem import sync_folder
from communique.errors import OutputError, UnreadableDocumentError
from communique.review.decision import JUDGES, Decision, StaleDecisionError
from communique.schemas.stored import json_line


def decisions_path(results: Path) -> Path:
    """Return where the decisions on a results file are kept unless the user says otherwise."""
    return results.with_name(results.name + ".decisions.jsonl")


class DecisionsFile:
    """Decisions by the key of their record, in the order of the file.

    Args:
        path: The file; it need not be there.

    Raises:
        UnreadableDocumentError: A line is no decision.
    """

    _place: tuple[int, int]
    _offset: int
    _lines: int

    def __init__(self, path: Path) -> None:
        self.path = path
        self.edition = 0  # another one whenever something was read
        self._guard = threading.RLock()
        self._forget()
        self.refresh()

    def __len__(self) -> int:
        return sum(map(len, self._by_key.values()))

    def of(self, key: str) -> list[Decision]:
        """Return the decisions on a record or document, also those that were taken back."""
        return self._by_key.get(key, [])

    def standing(self, key: str) -> list[Decision]:
        """Return the decisions on a record or document that were not taken back."""
        return [d for d in self.of(key) if d.id not in self._undone and d.decision != "undo"]

    def of_record(self, record: str) -> list[Decision]:
        """Return the decisions on records of this id, in whatever text, that settle it and were not taken back."""
        found = (d for key in self._keys.get(record, ()) for d in self.standing(key) if d.decision in JUDGES)
        return sorted(found, key=lambda d: d.at)

    def version(self, key: str) -> str:
        """Return the id of the last decision on a record, "" if there is none."""
        found = self.of(key)
        return found[-1].id if found else ""

    def refresh(self) -> None:
        """Read what was appended since, by anybody.

        Raises:
            UnreadableDocumentError: A line is no decision, or the file can't be read.
        """
        with self._guard:
            try:
                with self.path.open("rb") as file:
                    status = os.fstat(file.fileno())
                    if (status.st_dev, status.st_ino) != self._place or status.st_size < self._offset:
                        self._forget()
                        self._place = status.st_dev, status.st_ino
                    file.seek(self._offset)
                    data = file.read()
            except FileNotFoundError:
                if self._offset:
                    self._forget()
                return
            except OSError as error:
                raise UnreadableDocumentError(f"can't read {self.path}: {error.strerror or error}") from error
            for line in BytesIO(data):  # lines end with LF alone
                if not self._take(line):
                    return
                self._offset += len(line)
                self._lines += line.endswith(b"\n")

    def add(self, decision: Decision, *, saw: str | None = None) -> None:
        """Append a decision; when this returns, it is on disk.

        Args:
            decision: The decision.
            saw: The `version` that the person saw; None if it doesn't matter.

        Raises:
            StaleDecisionError: The version is another one by now. Nothing was written.
            OutputError: It can't be written.
        """
        filled = {name: value for name, value in decision.model_dump(mode="json").items() if value}
        line = json_line(filled).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._guard, FileLock(f"{self.path}.lock", timeout=10):
                self.refresh()
                if saw is not None and saw != self.version(decision.key):
                    raise StaleDecisionError("somebody else decided on this record meanwhile")
                new = not self.path.exists()
                self._append(line)
                if new:
                    sync_folder(self.path.parent)
                self.refresh()
        except Timeout as error:
            raise OutputError(f"{self.path} is locked by another process", hint="try again") from error
        except OSError as error:
            said = f"can't write {self.path}: {error.strerror or error}"
            raise OutputError(said, hint="is the disk full?") from error

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.truncate(self._offset)  # what a crash cut short
            if self._unended:
                line = b"\n" + line
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(self.path, self._offset)
                raise

    def _take(self, line: bytes) -> bool:
        """Index a line; False for the end of a file that was cut short."""
        self._unended = not line.endswith(b"\n")
        if not line.strip():
            return True
        try:
            decision = Decision.model_validate_json(line)
        except ValidationError as error:
            if self._unended:
                self._unended = False
                return False
            raise UnreadableDocumentError(
                f"{self.path}, line {self._lines + 1}: not a decision", hint="mend or delete the line"
            ) from error
        self.edition += 1
        self._by_key.setdefault(decision.key, []).append(decision)
        self._undone.add(decision.undoes)
        self._keys.setdefault(decision.record, set()).add(decision.key)
        return True

    def _forget(self) -> None:
        self._by_key: dict[str, list[Decision]] = {}
        self._keys: dict[str, set[str]] = {}  # by record
        self._undone: set[str] = set()
        self._place = 0, 0
        self._offset = self._lines = 0
        self._unended = False
        self.edition += 1
