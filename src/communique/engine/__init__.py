"""ONE document: the sans-IO exchange and its two drivers."""

from communique.engine.aio import AsyncExtractor, aextract
from communique.engine.events import Event, Hooks
from communique.engine.extractor import Extractor, extract
from communique.engine.plan import Plan

__all__ = ["AsyncExtractor", "Event", "Extractor", "Hooks", "Plan", "aextract", "extract"]
