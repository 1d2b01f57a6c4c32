"""Event: what several records tell of one event or one claim, side by side; nothing of theirs is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from communique.events.copies import Basis
from communique.schemas import Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.reading import read_lines


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """An article that tells of the event.

    Attributes:
        document: Its id.
        sha256: Of its text.
        outlet: Publisher as the result names it, or else the host of its address.
        title: Its title.
        source: File name or URL.
        published: ISO date, or None.
        copy_of: Id of the article that it is a copy of, which counts in its place.
        copy_basis: How that was seen: `sha256`, `text` or `cited`.
        signature: MinHash, so that copies that come later are seen.
    """

    document: str
    sha256: str
    outlet: str | None = None
    title: str | None = None
    source: str | None = None
    published: str | None = None
    copy_of: str | None = None
    copy_basis: Basis | None = None
    signature: str = ""


class Citation(_Part):
    """Which record of which article says it.

    Attributes:
        document: Id of the article.
        record: Id of the record.
        sentences: Numbers of its sentences; their words and offsets are in the member's `evidence`.
        flagged: A check asks a person to look at this record.
    """

    document: str
    record: str
    sentences: tuple[int, ...] = ()
    flagged: bool = False


class Value(_Part):
    """One value of a field, with every record that gives it."""

    value: Any
    told_by: tuple[Citation, ...]


class Contradiction(_Part):
    """Values of one field that can't all hold at one time.

    Attributes:
        field: Name of the field; `date` for the day that code found, `numbers` for numbers of one thing.
        values: The earliest told first.
        over_time: Each value was told only after the one before it: a development (planned, then held), it seems.
    """

    field: str
    values: tuple[Value, ...]
    over_time: bool = False


class Why(_Part):
    """Why a record is in the event.

    Attributes:
        record: The record.
        fits: The member that it fits best.
        score: Their score, 0 to 1.
        parts: What that is made of; see `communique.events.score`.
        average: Mean score with the other members (at most 30, spread evenly), what contradicts one counted as 0.
    """

    record: str
    fits: str
    score: float
    parts: dict[str, float]
    average: float


class Event(_Part):
    """An event, or a claim, with all that was told of it.

    Attributes:
        id: `cmq-` and a SHA-1, from the record that founded it; it stays when others join.
        kind: The record type's plural key: `meetings`, `allegations`, `sanctions_concerns`, or a type of one's own.
        headline: Of the record that was told last, one that no check flags if there is one.
        first_told: ISO date of the earliest publication, None if no article has one; `sources[0]` told it.
        last_told: The same of the latest.
        independent_sources: Articles without their copies, those of one outlet counted once.
        flagged: Records that a check asks a person to look at.
        contradictions: Fields whose values contradict one another.
        fields: Each field's values with all who give them.
        responses: Denials and other answers with who tells of them, from all records.
        sources: The articles, the earliest first.
        why: Why each record is in it; empty where there is one.
        members: The records, each as a result of its own, untouched.
    """

    events_version: Literal["1.0"] = "1.0"
    id: str
    kind: str
    headline: str = ""
    first_told: str | None = None
    last_told: str | None = None
    independent_sources: int
    flagged: int = 0
    contradictions: tuple[Contradiction, ...] = ()
    fields: dict[str, tuple[Value, ...]] = {}
    responses: tuple[Value, ...] = ()
    sources: tuple[Source, ...]
    why: tuple[Why, ...] = ()
    members: tuple[dict[str, Any], ...]

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids of the records, in the order of the members."""
        return tuple(record["id"] for member in self.members for record in member[self.kind])

    def to_json(self) -> str:
        """Return the event as one line of JSON; what is null, and what an event has none of, is left out."""
        return json_line({"events_version": self.events_version} | self.model_dump(mode="json", exclude_defaults=True))


def read_events(path: Path | str) -> Iterator[Event]:
    """Return the events of a file that `communique events` wrote, one at a time.

    Raises:
        UnreadableDocumentError: The file can't be read, or a line is no event of this version; the message has its
            number and what is wrong.
    """
    return read_lines(path, Event, "event", "pass a file that `communique events` of this version wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what the cards of a report say of a file of events, for `SinkOptions.notes`.

    The notes are held in memory. A record is found by document, its text and its id. Raises as `read_events`.
    """
    found: dict[tuple[str, str, str], list[CardNote]] = {}
    for event in read_events(path):
        notes = _notes(event) if len(event.members) > 1 else []
        for member, own in zip(event.members, event.record_ids, strict=True):
            found[member["document"]["id"], member["document"]["sha256"], own] = notes

    def of(summary: VerifiedSummary, record: Record) -> list[CardNote]:
        return found.get((summary.document.id, summary.document.sha256, record.id), [])

    return of


def _notes(event: Event) -> list[CardNote]:
    first, told = event.sources[0], event.independent_sources
    names = {source.document: source.outlet or source.document for source in event.sources}
    by = f"Told by {len(event.sources)} articles, first by {names[first.document]}"
    text = f"{by} on {first.published}." if first.published else f"{by}."
    notes = [CardNote("Event", event.headline, f"{told} source{'s' * (told != 1)}", "plain", text)]
    for clash in event.contradictions:
        who = [", ".join(dict.fromkeys(names[c.document] for c in value.told_by)) for value in clash.values]
        text = " / ".join(f"{value.value} ({by})" for value, by in zip(clash.values, who, strict=True))
        field = clash.field.replace("_", " ")
        if clash.over_time:
            notes.append(CardNote("Event", field, "changed", "plain", text))
        else:
            notes.append(CardNote("Event", field, "contradicted", "look", text))
    return notes
