"""A PERSON decides: records of a results file, one by one, on a page on loopback; each decision is kept for good."""

from communique.review.decision import Decision, StaleDecisionError
from communique.review.decisions_file import DecisionsFile, decisions_path
from communique.review.figures import figures
from communique.review.gold import write_gold
from communique.review.queue import Queue
from communique.review.reviewed import reviewed

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
