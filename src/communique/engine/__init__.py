"""ONE document: the sans-IO exchange, its driver, and the sync and async way to it."""

from communique.engine.events import Answered, Asked, Event, Failed, Hooks, Rejected, Repaired, Stored, Verified
from communique.engine.extractor import AsyncExtractor, Extractor, FailedDocument, aextract, extract, extract_many
from communique.engine.plan import Plan

__all__ = [
    "Answered",
    "Asked",
    "AsyncExtractor",
    "Event",
    "Extractor",
    "Failed",
    "FailedDocument",
    "Hooks",
    "Plan",
    "Rejected",
    "Repaired",
    "Stored",
    "Verified",
    "aextract",
    "extract",
    "extract_many",
]
