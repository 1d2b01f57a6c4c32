"""ONE document: the sans-IO exchange and its two drivers."""

from communique.engine.aio import AsyncExtractor, aextract
from communique.engine.events import Event, Hooks
from communique.engine.extractor import Extractor, extract
from communique.engine.opinion_steps import OpinionPolicy
from communique.engine.plan import Plan
from communique.engine.second_opinion import SecondOpinion

__all__ = [
    "AsyncExtractor",
    "Event",
    "Extractor",
    "Hooks",
    "OpinionPolicy",
    "Plan",
    "SecondOpinion",
    "aextract",
    "extract",
]
