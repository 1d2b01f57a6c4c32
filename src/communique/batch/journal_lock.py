"""JournalLock: one process at a time. The kernel frees it when the holder dies, however it dies."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from communique.errors import JournalError, JournalLockedError


class JournalLock:
    """A lock beside a journal, with a note of who holds it.

    Args:
        journal: Path of the journal.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._lock = FileLock(str(journal) + ".lock", timeout=0)
        self._note = Path(str(journal) + ".holder")

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            JournalLockedError: Another process has it.
            JournalError: The lock can't be made.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise JournalLockedError(
                f"another run holds {self._journal.name}{self._holder()}",
                hint="wait for it, or choose another output",
            ) from error
        except OSError as error:
            raise JournalError(f"{self._journal} can't be locked: {error.strerror}") from error
        note = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        with suppress(OSError):
            self._note.write_text(json.dumps(note), "utf-8")

    def release(self) -> None:
        """Let it go."""
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text("utf-8"))
            return f" (process {note['pid']} on {note['host']} since {note['since']})"
        except (OSError, ValueError, KeyError, TypeError):
            return ""
