"""Screening: which entries of a list have names like those in records. Names match; nobody is said to be listed."""

from communique.screening.compare import Bands
from communique.screening.index import NameIndex
from communique.screening.mentions import mentions, screen
from communique.screening.output import Candidate, ListVersion, Screening
from communique.screening.sink import ScreeningSink, notes_of, read_screenings

__all__ = [
    "Bands", "Candidate", "ListVersion", "NameIndex", "Screening", "ScreeningSink", "mentions", "notes_of",
    "read_screenings", "screen",
]  # fmt: skip
