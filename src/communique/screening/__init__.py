"""Screening: which entries of a list have names like those in records. Names match; nobody is said to be listed."""

from communique.screening.compare import Bands, mentions, screen
from communique.screening.index import NameIndex
from communique.screening.output import Candidate, Screening, notes_of, read_screenings

__all__ = ["Bands", "Candidate", "NameIndex", "Screening", "mentions", "notes_of", "read_screenings", "screen"]
