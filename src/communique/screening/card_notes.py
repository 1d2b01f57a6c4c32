"""What screening says of a record, for its card in the HTML report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from communique.schemas import Record, VerifiedSummary
from communique.screening.output import Screening
from communique.screening.sink import read_screenings
from communique.sinks.cards import CardNote, NotesOf

GROUP = "Known names"


def notes_of(path: Path | str) -> NotesOf:
    """Return what the cards of a report say of a file of screenings, for `SinkOptions.notes`.

    The file is held in memory. Names are found by document, its text and the record's id: a record that has changed since
    has no note.

    Raises:
        UnreadableDocumentError: It is no file of screenings.
    """
    found: dict[tuple[str, str, str], list[Screening]] = {}
    for one in read_screenings(path):
        found.setdefault((one.document_id, one.document_sha256, one.record_id), []).append(one)

    def of(summary: VerifiedSummary, record: Record) -> Iterator[CardNote]:
        own = found.get((summary.document.id, summary.document.sha256, record.id), [])
        for one in {s.name: s for s in own if s.state != "NO_MATCH"}.values():
            state = one.state.lower().replace("_", " ")
            yield CardNote(GROUP, one.name, state, "look", one.statement)
        others = list(dict.fromkeys(s.name for s in own if s.state == "NO_MATCH"))
        if others:
            where = f"{own[0].list.name} ({own[0].list.date})"
            yield CardNote(GROUP, ", ".join(others), "no match", "plain", f"No entry of {where} has such a name.")

    return of
