"""What screening says: one line per mention of an actor, with the entries whose names are like its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from communique.schemas import Record, VerifiedSummary
from communique.schemas.record import Part
from communique.sinks.cards import CardNote, NotesOf
from communique.sinks.json_files import read_lines

_WHY = {
    "score": "the spelling differs",
    "country": "no country confirms it",
    "gap": "several entries have such a name",
    "one_word": "one word is not a full name",
    "contradiction": "country or type are another",
}


class ListVersion(Part):
    """Which list was asked: name of its file, SHA-256 of its bytes, ISO date of its last change, entries that have names."""

    name: str
    sha256: str
    date: str
    entries: int


class Candidate(Part):
    """An entry of the list whose name is like the name in the article.

    Attributes:
        type: FollowTheMoney schema; `id`, `caption`, `countries` (codes) and `topics` (such as `sanction`) are the entry's, too.
        score: 0 to 1, made of `parts`: `name_match`, and what is taken off, such as `country_mismatch`.
        written: The name that was compared, the actor's or another full form of it, with the entry's name `listed`;
            `words` says how their words were matched.
    """

    id: str
    caption: str
    type: str
    score: float
    parts: dict[str, float]
    written: str
    listed: str
    words: str
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Answer(Part):
    """What a list holds of a name.

    Attributes:
        state: `SAME`: the name matches one entry, and no other nearly as well. `UNDECIDED`: a person has to look.
            `NO_MATCH`: no entry has such a name. None of them says that the actor is the listed one.
        why: What keeps it from `SAME`: `score`, `country`, `gap`, `one_word`, `contradiction`.
        gap: By how much the score of the first candidate, the best, is above that of the next entry.
    """

    state: Literal["SAME", "UNDECIDED", "NO_MATCH"]
    why: tuple[str, ...] = ()
    gap: float | None = None
    candidates: tuple[Candidate, ...] = ()


class Screening(Answer):
    """A mention of an actor, and what a list holds of its name.

    Attributes:
        document_sha256: SHA-256 of the document's text.
        record_type: Plural key of the record's type.
        field: Path of the name in the record, such as `participants[0].name`.
        name: As written, with the `kind` and the `country_code` (ISO 3166-1 alpha-2) that the record has.
    """

    document_id: str
    document_sha256: str
    record_id: str
    record_type: str
    field: str
    name: str
    kind: str | None = None
    country_code: str | None = None
    list: ListVersion

    @property
    def entries(self) -> str:
        """The candidates in one line: caption, id and countries of each."""
        return ", ".join(f"“{c.caption}” ({', '.join((c.id, *c.countries))})" for c in self.candidates)

    @property
    def statement(self) -> str:
        """What may be said of it, in a sentence or two."""
        of = f"of {self.list.name} ({self.list.date})"
        if self.state == "NO_MATCH":
            return f"No entry {of} has such a name."
        if self.state == "SAME":
            return f"The name matches list entry {self.entries} {of}. A person decides whether it is the same one."
        several, why = len(self.candidates) > 1, ", ".join(_WHY[reason] for reason in self.why)
        return f"The name is like list {'entries' if several else 'entry'} {self.entries} {of}. Undecided: {why}."


def read_screenings(path: Path | str) -> Iterator[Screening]:
    """Return the screenings of a file, one at a time; raises UnreadableDocumentError with the number of a wrong line."""
    return read_lines(path, Screening.model_validate_json, "screening", "pass a file that `communique screen` wrote")


def notes_of(path: Path | str) -> NotesOf:
    """Return what the cards of a report say of a file of screenings, for `SinkOptions.notes`; raises as `read_screenings`.

    The file is held in memory. A record that has changed since, or its text, has no note.
    """
    mentions: dict[tuple[str, str, str], dict[tuple[str, str], Screening]] = {}
    for one in read_screenings(path):
        own = mentions.setdefault((one.document_id, one.document_sha256, one.record_id), {})
        own[one.name, one.state] = one

    def of(summary: VerifiedSummary, record: Record) -> Iterator[CardNote]:
        own = mentions.get((summary.document.id, summary.document.sha256, record.id), {})
        for one in own.values():
            if one.state != "NO_MATCH":
                yield CardNote("Known names", one.name, f"{one.state.lower()} name", "look", one.statement)
        none = [one for one in own.values() if one.state == "NO_MATCH"]
        if none:
            yield CardNote("Known names", ", ".join(s.name for s in none), "no match", "plain", none[0].statement)

    return of
