"""The input: from an iterator of documents to documents that are not done yet, a chunk at a time, in a thread."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from communique.batch.fingerprint import document_key
from communique.batch.journal import Journal
from communique.batch.outcome import Occurrence
from communique.batch.progress import Tally
from communique.documents import Document
from communique.documents.readers import ReadOptions, Skipped, expand
from communique.errors import CommuniqueError, ConfigurationError, UnreadableDocumentError

CHUNK = 32
PATIENCE = 0.1
"""Seconds after which a chunk is handed on, full or not."""


OpenInput = Callable[[], Iterator[Document | Skipped]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was read in one go."""

    places: list[Occurrence]  # where everything stood
    documents: list[tuple[bytes, Document]]  # what is to be read by the model, with its key
    last: bool  # whether the input has ended
    broken: CommuniqueError | None = None  # what ended it, if not its end


@dataclass(slots=True)
class InputStream:
    """Reads the input once, in order, as fast as it is used, and leaves out what is done."""

    documents: Iterator[Document | Skipped]
    journal: Journal
    tally: Tally
    limit: int | None = None  # places to read at most
    count: int = field(default=0, init=False)  # places read so far
    _size: int = field(default=1, init=False)  # grows: the first documents are on their way while the next are read
    _busy: set[bytes] = field(default_factory=set, init=False)

    def release(self, key: bytes) -> None:
        """Say that a document is in the journal, or given up: its key is no longer kept here."""
        self._busy.discard(key)

    def next_chunk(self) -> Chunk:
        """Read on. Blocks."""
        read: list[tuple[Occurrence, Document | None]] = []
        until = time.monotonic() + PATIENCE
        last = False
        broken: CommuniqueError | None = None
        self._size = min(2 * self._size, CHUNK)
        try:
            while len(read) < self._size and time.monotonic() < until and not last:
                item = None if self.count == self.limit else next(self.documents, None)
                if item is None:
                    last = True
                else:
                    read.append(self._place(item))
                    self.count += 1
        except CommuniqueError as error:
            broken = error
        except OSError as error:
            broken = UnreadableDocumentError(f"the input can't be read any further: {error.strerror}")
        return Chunk([place for place, _ in read], self._sifted(read), last, broken)

    def _place(self, item: Document | Skipped) -> tuple[Occurrence, Document | None]:
        if isinstance(item, Document):
            return Occurrence(self.count, item.id, item.source or "", document_key(item)), item
        if isinstance(item, Skipped):
            return Occurrence(self.count, "", item.source, b"", item.reason, item.detail), None
        raise ConfigurationError(
            f"an input is no document but a {type(item).__name__}", hint="pass a list of names, or documents, not both"
        )

    def _sifted(self, read: list[tuple[Occurrence, Document | None]]) -> list[tuple[bytes, Document]]:
        states = self.journal.states({place.key for place, document in read if document is not None})
        documents: list[tuple[bytes, Document]] = []
        for place, document in read:
            self.tally.seen += 1
            if document is None:
                self.tally.skipped += 1
                self.tally.reasons[place.reason] += 1
            elif place.key in states:
                self.tally.already += 1
            elif place.key in self._busy:
                self.tally.duplicates += 1
            else:
                self._busy.add(place.key)
                documents.append((place.key, document))
        return documents


@contextmanager
def closing_input(documents: Iterator[Document | Skipped]) -> Iterator[Iterator[Document | Skipped]]:
    """Give an input, and close its files at the end of the block."""
    try:
        yield documents
    finally:
        close = getattr(documents, "close", None)
        if close is not None:
            close()


def signature(inputs: Iterable[str], options: ReadOptions) -> str:
    """Return a hash of the names, sizes and times of all input files and of how they are read.

    It is "" where that can't be told: standard input, pipes, what isn't there.
    """
    digest = hashlib.sha256(repr(options).encode())
    try:
        for name, _ in (found for each in inputs for found in expand(each, options)):
            path = Path(name)
            stat = path.stat()
            if not path.is_file():
                return ""
            digest.update(f"\0{path}\0{stat.st_size}\0{stat.st_mtime_ns}".encode("utf-8", "surrogateescape"))
    except (OSError, UnreadableDocumentError):
        return ""
    return digest.hexdigest()
