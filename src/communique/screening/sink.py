"""Screenings as a file: JSONL, one line per mention of an actor; read back, and as notes in the cards of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from communique.schemas import Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.schemas.summary import AnyRecord
from communique.screening.compare import Bands
from communique.screening.index import NameIndex
from communique.screening.mentions import screen
from communique.screening.output import Screening
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.reading import read_lines
from communique.sinks.sink import TextFileSink


class ScreeningSink(TextFileSink):
    """Writes screenings as JSONL.

    Attributes:
        counts: Mentions by state.
        matches: Mentions by state, name and the entries that its name is like, best first.
        untyped: Records by plural key whose type isn't at hand, so that nothing tells which of their fields are names.
    """

    name: ClassVar[str] = "screening"
    suffix: ClassVar[str] = ".screening.jsonl"
    media_type: ClassVar[str] = "application/x-ndjson"

    def __init__(self, index: NameIndex, bands: Bands) -> None:
        self._index, self._bands = index, bands
        self.counts: Counter[str] = Counter()
        self.matches: Counter[tuple[str, str, str]] = Counter()
        self.untyped: Counter[str] = Counter()

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        """Yield the lines of one document."""
        self.untyped.update(k for k, group in summary.records.items() for r in group if type(r) is AnyRecord)
        for found in screen(summary, self._index, self._bands):
            self.counts[found.state] += 1
            if found.candidates:
                self.matches[found.state, found.name, found.entries] += 1
            yield json_line(found.model_dump(mode="json")) + "\n"


def read_screenings(path: Path | str) -> Iterator[Screening]:
    """Return the screenings of a file, one at a time.

    Raises:
        UnreadableDocumentError: The file can't be read, or a line is no screening; the message has its number
            and what is wrong.
    """
    return read_lines(path, Screening, "screening", "pass a file that `communique screen` wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what the cards of a report say of a file of screenings, for `SinkOptions.notes`.

    The file is held in memory. A mention is found by document, its text and the record's id: a record that has changed
    since has no note. Raises as `read_screenings`.
    """
    found: dict[tuple[str, str, str], list[Screening]] = {}
    for one in read_screenings(path):
        found.setdefault((one.document_id, one.document_sha256, one.record_id), []).append(one)

    def of(summary: VerifiedSummary, record: Record) -> Iterator[CardNote]:
        own = found.get((summary.document.id, summary.document.sha256, record.id), [])
        for one in {s.name: s for s in own if s.state != "NO_MATCH"}.values():
            yield CardNote("Known names", one.name, f"{one.state.lower()} name", "look", one.statement)
        others = list(dict.fromkeys(s.name for s in own if s.state == "NO_MATCH"))
        if others:
            where = f"{own[0].list.name} ({own[0].list.date})"
            text = f"No entry of {where} has such a name."
            yield CardNote("Known names", ", ".join(others), "no match", "plain", text)

    return of
