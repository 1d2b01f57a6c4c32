"""Screening: which entries of a list have a name like the names in records. It says that names match, never that somebody is listed."""

from communique.screening.card_notes import notes_of
from communique.screening.compare import Bands
from communique.screening.index import NameIndex
from communique.screening.mentions import Mention, mentions, screen
from communique.screening.output import Candidate, ListVersion, Screening
from communique.screening.sink import ScreeningSink, read_screenings

__all__ = [
    "Bands",
    "Candidate",
    "ListVersion",
    "Mention",
    "NameIndex",
    "Screening",
    "ScreeningSink",
    "mentions",
    "notes_of",
    "read_screenings",
    "screen",
]
