"""Event: what several records tell of one event or one claim, side by side; nothing of theirs is changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from communique.errors import UnreadableDocumentError
from communique.schemas.stored import json_line

EVENTS_VERSION = "1.0"
"""Version of the output. The first number changes when a reader of the old output would break."""


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
        copy_basis: How that was seen: `sha256` the same text, `text` nearly the same, `cited` nearly the same sentences
            are cited (the results hold no text).
        signature: MinHash, so that copies that come later are seen.
    """

    document: str
    sha256: str
    outlet: str | None = None
    title: str | None = None
    source: str | None = None
    published: str | None = None
    copy_of: str | None = None
    copy_basis: Literal["sha256", "text", "cited"] | None = None
    signature: str = ""


class Citation(_Part):
    """Which record says it, in which sentences.

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


class Answer(_Part):
    """A denial or another answer to a claim, in one of the records."""

    type: str
    responders: tuple[str, ...] = ()
    cue: str = ""
    told_by: Citation


class Why(_Part):
    """Why a record is in the event: its score with the member that it fits best, and with all.

    Attributes:
        record: The record.
        best: The member that it fits best.
        score: Their score, 0 to 1.
        parts: What that is made of; see `communique.events.score`.
        average: Mean score with the other members (at most 30, spread evenly).
        lowest: The lowest of those.
    """

    record: str
    best: str
    score: float
    parts: dict[str, float]
    average: float
    lowest: float


class Event(_Part):
    """An event, or a claim, with all that was told of it.

    Attributes:
        id: `cmq-` and a SHA-1, from the record that founded it; it stays when others join.
        kind: The record type's plural key: `meetings`, `allegations`, `sanctions_concerns`, or a type of one's own.
        plover: Event types of PLOVER that the records stand for; empty for a type of one's own.
        headline: Of the record that was told last, one that no check flags if there is one.
        first_told: ISO date of the earliest publication, None if no article has one; `sources[0]` told it.
        last_told: The same of the latest.
        independent_sources: Articles without their copies, those of one outlet counted once.
        flagged: Records that a check asks a person to look at.
        response_status: Of all records: denied, admitted, contested, none_reported; None if the type has no answers.
        fields: Each field's values with all who give them.
        contradictions: Fields whose values contradict one another.
        responses: Denials and other answers, from all records.
        sources: The articles, the earliest first.
        members: The records, each as a result of its own, untouched.
        why: Why each record is in it; empty where there is one.
    """

    events_version: str = EVENTS_VERSION
    id: str
    kind: str
    plover: tuple[str, ...] = ()
    headline: str = ""
    first_told: str | None = None
    last_told: str | None = None
    independent_sources: int
    flagged: int = 0
    response_status: Literal["denied", "admitted", "contested", "none_reported"] | None = None
    fields: dict[str, tuple[Value, ...]] = {}
    contradictions: tuple[Contradiction, ...] = ()
    responses: tuple[Answer, ...] = ()
    sources: tuple[Source, ...] = ()
    members: tuple[dict[str, Any], ...] = ()
    why: tuple[Why, ...] = ()

    @property
    def record_ids(self) -> tuple[str, ...]:
        """The ids of the records, in the order of the members."""
        own = (group for member in self.members for group in member.get(self.kind, ()))
        return tuple(record["id"] for record in own)

    def to_json(self) -> str:
        """Return the event as one line of JSON; what is null, and what an event has none of, is left out."""
        return json_line(self.model_dump(mode="json", exclude_defaults=True) | {"events_version": self.events_version})


def read_events(path: Path | str) -> Iterator[Event]:
    """Yield the events of a file that `communique events` wrote.

    Raises:
        UnreadableDocumentError: The file can't be read, or a line is no event; the message has the line's number.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="\n") as file:
            yield from _events(file, path)
    except UnicodeDecodeError as error:
        raise UnreadableDocumentError(f"{path} is not UTF-8: {error.reason}") from error
    except OSError as error:
        raise UnreadableDocumentError(f"can't read {path}: {error.strerror or error}") from error


def _events(lines: Iterable[str], path: Path | str) -> Iterator[Event]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UnreadableDocumentError(
                f"{path}, line {number}: not JSON", hint="was the file cut short? group the results anew"
            ) from error
        if not isinstance(found, dict) or not {"events_version", "members"} <= found.keys():
            raise UnreadableDocumentError(
                f"{path}, line {number}: not an event of communique", hint="pass a file that `events` wrote"
            )
        if str(found["events_version"]).partition(".")[0] != EVENTS_VERSION.partition(".")[0]:
            raise UnreadableDocumentError(
                f"{path}, line {number}: events version {found['events_version']}, but this version of communique reads"
                f" {EVENTS_VERSION}",
                hint="use the version that wrote it",
            )
        try:
            yield Event.model_validate(found)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise UnreadableDocumentError(
                f"{path}, line {number}: {where}: {first['msg']}", hint="was the file edited by hand?"
            ) from error
