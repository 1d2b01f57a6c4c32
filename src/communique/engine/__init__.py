"""ONE document: the sans-IO exchange and its two drivers."""

from communique.engine.aio import AsyncExtractor, aextract
from communique.engine.events import (
    Answered,
    Asked,
    Event,
    Failed,
    OpinionAnswered,
    OpinionAsked,
    Rejected,
    Repaired,
    Stored,
    Verified,
)
from communique.engine.extractor import Extractor, extract
from communique.engine.hooks import Hooks
from communique.engine.opinion_steps import OpinionPolicy
from communique.engine.plan import Plan
from communique.engine.second_opinion import SecondOpinion

__all__ = [
    "Answered",
    "Asked",
    "AsyncExtractor",
    "Event",
    "Extractor",
    "Failed",
    "Hooks",
    "OpinionAnswered",
    "OpinionAsked",
    "OpinionPolicy",
    "Plan",
    "Rejected",
    "Repaired",
    "SecondOpinion",
    "Stored",
    "Verified",
    "aextract",
    "extract",
]
