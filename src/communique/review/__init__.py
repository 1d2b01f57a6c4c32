"""A PERSON decides: records of a results file, one by one, on a page on loopback; each decision is kept for good."""

from communique.review.decision import Decision, DecisionsFile, StaleDecisionError, decisions_path
from communique.review.outcome import figures, reviewed, write_gold
from communique.review.queue import Queue

__all__ = [
    "Decision",
    "DecisionsFile",
    "Queue",
    "StaleDecisionError",
    "decisions_path",
    "figures",
    "reviewed",
    "write_gold",
]
