"""HOW GOOD it is: records compared with gold, floors that a change may not lower, probabilities made honest."""

from communique.evaluation.floors import Floors, digest, gate
from communique.evaluation.measure import evaluate
from communique.evaluation.own_records import KindScore, render_records, score_records
from communique.evaluation.scores import DocumentScore, Scores
from communique.evaluation.sources import held_out_ids
from communique.evaluation.table import render, render_differences, render_documents

__all__ = [
    "DocumentScore",
    "Floors",
    "KindScore",
    "Scores",
    "digest",
    "evaluate",
    "gate",
    "held_out_ids",
    "render",
    "render_differences",
    "render_documents",
    "render_records",
    "score_records",
]
