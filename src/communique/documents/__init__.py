"""WHERE it was said: documents, numbered sentences, windows; readers turn files into documents."""

from communique.documents.document import Document, detect_language, parse_date, sha256
from communique.documents.sanitise import Sanitised, sanitise
from communique.documents.sentences import SPLITTER, Sentence, Window, number_sentences, windows

__all__ = [
    "SPLITTER",
    "Document",
    "Sanitised",
    "Sentence",
    "Window",
    "detect_language",
    "number_sentences",
    "parse_date",
    "sanitise",
    "sha256",
    "windows",
]
