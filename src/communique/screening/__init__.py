"""Screening: which entries of a list have names like those in records. Names match; nobody is said to be listed."""

from communique.screening.compare import Bands, Candidate, Screening, mentions, notes_of, read_screenings, screen
from communique.screening.index import NameIndex

__all__ = ["Bands", "Candidate", "NameIndex", "Screening", "mentions", "notes_of", "read_screenings", "screen"]
