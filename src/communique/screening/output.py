"""What screening says: one line per mention of an actor, with the entries whose names are like its name."""

from __future__ import annotations

from typing import Literal

from communique.schemas.record import Part

State = Literal["SAME", "UNDECIDED", "NO_MATCH"]


class ListVersion(Part):
    """Which list was asked.

    Attributes:
        name: Name of its file.
        sha256: Of its bytes.
        date: ISO date on which the file was last changed.
        entries: How many of its entries have names that are screened.
    """

    name: str
    sha256: str
    date: str
    entries: int


class Candidate(Part):
    """An entry of the list whose name is like the name in the article.

    Attributes:
        id: The entry's id in the list.
        caption: Its name.
        schema_name: Its FollowTheMoney schema; `schema` in JSON.
        score: 0 to 1.
        parts: What the score is made of, by feature: `name_match`, and what is taken off, such as `country_mismatch`.
        written: The name that was compared: the actor's, or one of its other forms in the article.
        listed: The entry's name that is most like it.
        words: How the words of the two were matched.
        countries: The entry's countries, as codes.
        topics: What the list says of the entry, such as `sanction` or `role.pep`.
    """

    id: str
    caption: str
    schema_name: str
    score: float
    parts: dict[str, float]
    written: str
    listed: str
    words: str
    countries: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Screening(Part):
    """A mention of an actor and what a list holds of such a name.

    Attributes:
        document_id: The document.
        document_sha256: Of its text.
        record_id: The record.
        record_type: The record type's plural key.
        field: Path of the name in the record, such as `participants[0].name`.
        name: As written.
        kind: What the record says that it is, such as `person`.
        country_code: ISO 3166-1 alpha-2.
        state: `SAME`: one entry's name matches and no other's nearly as well. `UNDECIDED`: a person has to look.
            `NO_MATCH`: no entry has such a name. None of them says that the actor is the listed one.
        why: What keeps it from `SAME`: `score`, `gap`, `one_word`, `contradiction`.
        gap: By how much the best score is above that of the next entry; None without candidates.
        candidates: The best entries, best first.
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
    state: State
    why: tuple[str, ...] = ()
    gap: float | None = None
    candidates: tuple[Candidate, ...] = ()
    list: ListVersion

    @property
    def statement(self) -> str:
        """What may be said of it, in one sentence."""
        where = f"of {self.list.name} ({self.list.date})"
        first = ", ".join(f"“{c.caption}” ({c.id})" for c in self.candidates)
        if self.state == "SAME":
            return f"The name matches list entry {first.partition(', “')[0]} {where}. Whether it is the same one, a person decides."
        if self.state == "UNDECIDED":
            return f"The name is like list entry {first} {where}. Undecided: {', '.join(_WHY[w] for w in self.why)}."
        return f"The name matches no entry {where}."


_WHY = {
    "score": "the spelling differs",
    "gap": "several entries have such a name",
    "one_word": "one word is not a full name",
    "contradiction": "country or type contradict",
}
