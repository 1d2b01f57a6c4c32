"""What screening says: one line per mention of an actor, with the entries whose names are like its name."""

from __future__ import annotations

from typing import Literal

from communique.schemas.record import Part

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
        id: The entry's id in the list.
        caption: Its name for people.
        type: Its FollowTheMoney schema.
        score: 0 to 1.
        parts: What the score is made of: `name_match`, and what is taken off, such as `country_mismatch`.
        written: The name that was compared: the actor's, or another full form of it in the article.
        listed: The entry's name that is most like it.
        words: How the words of the two were matched.
        countries: The entry's countries, as codes.
        topics: What the list says of the entry, such as `sanction` or `role.pep`.
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
        gap: By how much the best score is above that of the next entry; None without candidates.
        candidates: The best entries, best first.
    """

    state: Literal["SAME", "UNDECIDED", "NO_MATCH"]
    why: tuple[str, ...] = ()
    gap: float | None = None
    candidates: tuple[Candidate, ...] = ()


class Screening(Answer):
    """A mention of an actor, and what a list holds of its name.

    Attributes:
        document_id: The document; `document_sha256` is that of its text.
        record_id: The record; `record_type` is the plural key of its type.
        field: Path of the name in the record, such as `participants[0].name`.
        name: As written, with the `kind` and the `country_code` (ISO 3166-1 alpha-2) that the record has.
        list: Which list was asked.
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
        where = f"of {self.list.name} ({self.list.date})"
        if self.state == "SAME":
            return f"The name matches list entry {self.entries} {where}. A person decides whether it is the same one."
        if self.state == "UNDECIDED":
            why = ", ".join(_WHY[reason] for reason in self.why)
            several = "entries" if len(self.candidates) > 1 else "entry"
            return f"The name is like list {several} {self.entries} {where}. Undecided: {why}."
        return f"The name matches no entry {where}."
