"""The input: from an iterator of documents to documents that are not done yet, a chunk at a time, in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from communique.batch.fingerprint import document_key
from communique.batch.journal import Journal
from communique.batch.outcome import Occurrence, Tally
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.errors import CommuniqueError, ConfigurationError, UnreadableDocumentError

OpenInput = Callable[[], AbstractContextManager[Iterator[Document | Skipped]]]
CHUNK = 32
PATIENCE = 0.1
"""Seconds after which a chunk is handed on, full or not."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was read in one go."""

    places: list[Occurrence]  # where everything stood
    documents: list[tuple[bytes, Document]]  # what is to be read by the model, with its key
    last: bool  # whether the input has ended
    broken: CommuniqueError | None = None  # what ended it, if not its end


class InputStream:
    """Reads the input once, in order, as fast as it is used, `limit` places at most, and leaves out what is done."""

    def __init__(
        self, documents: Iterator[Document | Skipped], journal: Journal, tally: Tally, limit: int | None = None
    ) -> None:
        self.count = 0  # places read so far
        self._documents = documents
        self._journal = journal
        self._tally = tally
        self._limit = limit
        self._size = 1  # grows: the first documents are on their way while the next are read
        self._busy: set[bytes] = set()

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
                item = None if self.count == self._limit else next(self._documents, None)
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
        states = self._journal.states({place.key for place, document in read if document is not None})
        documents: list[tuple[bytes, Document]] = []
        for place, document in read:
            self._tally.seen += 1
            if document is None:
                self._tally.skipped += 1
                self._tally.reasons[place.reason] += 1
            elif place.key in states:
                self._tally.already += 1
            elif place.key in self._busy:
                self._tally.duplicates += 1
            else:
                self._busy.add(place.key)
                documents.append((place.key, document))
        return documents
