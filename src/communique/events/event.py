"""Event: what several records tell of one event or one claim, side by side; nothing of theirs is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from communique.events.copies import Basis
from communique.schemas import Part, Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.reading import read_lines


class Source(Part):
    """An article that tells of the event."""

    document: str
    sha256: str
    outlet: str | None = None  # publisher as the result names it, or else the host of its address
    title: str | None = None
    source: str | None = None  # file name or URL
    published: str | None = None  # ISO date
    copy_of: str | None = None  # id of the article that it is a copy of, which counts in its place
    copy_basis: Basis | None = None
    signature: str = ""  # MinHash, so that copies that come later are seen


class Citation(Part):
    """Which record of which article says it; the words and offsets of the sentences are in the member's `evidence`."""

    document: str
    record: str
    sentences: tuple[int, ...] = ()
    flagged: bool = False  # a check asks a person to look at this record


class Value(Part):
    """One value of a field, with every record that gives it."""

    value: Any
    told_by: tuple[Citation, ...]


class Contradiction(Part):
    """Values of one field that can't all hold at one time, the earliest told first."""

    field: str  # its name; `date` for the day that code found, `numbers` for numbers of one thing
    values: tuple[Value, ...]
    over_time: bool = False  # each was told only after the one before: a development (planned, then held), it seems


class Why(Part):
    """Why a record is in the event."""

    record: str
    fits: str  # the member that it fits best
    score: float  # with that member; `parts` says what it is made of, as in `Score`
    parts: dict[str, float]
    average: float  # mean score with the others (at most 30, spread evenly), what contradicts one counted as 0


class Event(Part):
    """An event, or a claim, with all that was told of it."""

    events_version: Literal["1.0"] = "1.0"
    id: str  # `cmq-` and a SHA-1, from the record that founded it; it stays when others join
    kind: str  # the record type's plural key, such as `meetings`
    headline: str = ""  # of the record that was told last, one that no check flags if there is one
    first_told: str | None = None  # ISO date of the earliest publication; `sources[0]` told it
    last_told: str | None = None
    independent_sources: int  # articles without their copies, those of one outlet counted once
    flagged: int = 0  # records that a check asks a person to look at
    contradictions: tuple[Contradiction, ...] = ()
    fields: dict[str, tuple[Value, ...]] = {}  # noqa: RUF012 - Pydantic copies it
    responses: tuple[Value, ...] = ()  # denials and other answers, from all records
    sources: tuple[Source, ...]  # the earliest first
    why: tuple[Why, ...] = ()  # of each record, where there are several
    members: tuple[dict[str, Any], ...]  # the records, each as a result of its own, untouched

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids of the records, in the order of the members."""
        return tuple(record["id"] for member in self.members for record in member[self.kind])

    def to_json(self) -> str:
        """Return the event as one line of JSON; what is null, and what an event has none of, is left out."""
        return json_line({"events_version": self.events_version} | self.model_dump(mode="json", exclude_defaults=True))


def read_events(path: Path | str) -> Iterator[Event]:
    """Yield the events of a file that `communique events` wrote.

    Raises:
        UnreadableDocumentError: The file can't be read, or a line is no event of this version; the message has its
            number and what is wrong.
    """
    return read_lines(path, Event, "event", "pass a file that `communique events` of this version wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what the cards of a report say of a file of events, for `SinkOptions.notes`; it is held in memory.

    Raises as `read_events`.
    """
    found: dict[tuple[str, str, str], list[CardNote]] = {}
    for event in read_events(path):
        notes = list(_notes(event)) if len(event.members) > 1 else []
        for member, own in zip(event.members, event.record_ids, strict=True):
            found[member["document"]["id"], member["document"]["sha256"], own] = notes

    def of(summary: VerifiedSummary, record: Record) -> list[CardNote]:
        return found.get((summary.document.id, summary.document.sha256, record.id), [])

    return of


def _notes(event: Event) -> Iterator[CardNote]:
    first, told = event.sources[0], event.independent_sources
    outlets = {source.document: source.outlet or source.document for source in event.sources}
    day = f" on {first.published}" if first.published else ""
    text = f"Told by {len(event.sources)} articles, first by {outlets[first.document]}{day}."
    yield CardNote("Event", event.headline, f"{told} source{'s' * (told != 1)}", "plain", text)
    for clash in event.contradictions:
        who = [", ".join(dict.fromkeys(outlets[c.document] for c in value.told_by)) for value in clash.values]
        text = " / ".join(f"{value.value} ({by})" for value, by in zip(clash.values, who, strict=True))
        state = "changed" if clash.over_time else "contradicted"
        yield CardNote("Event", clash.field.replace("_", " "), state, "plain" if clash.over_time else "look", text)
