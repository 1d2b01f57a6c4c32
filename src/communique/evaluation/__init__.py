"""HOW GOOD it is: records compared with gold, floors that a change may not lower, probabilities made honest."""

from communique.evaluation.calibration import Calibration, cross_validated, fit
from communique.evaluation.floors import Floors, digest, gate
from communique.evaluation.measure import evaluate
from communique.evaluation.own_records import KindScore, render_records, score_records
from communique.evaluation.reliability import (
    Observation,
    auc,
    brier_score,
    expected_calibration_error,
    read_observations,
    reliability_table,
)
from communique.evaluation.scores import DocumentScore, Scores
from communique.evaluation.sources import held_out_ids
from communique.evaluation.table import render, render_differences, render_documents

__all__ = [
    "Calibration",
    "DocumentScore",
    "Floors",
    "KindScore",
    "Observation",
    "Scores",
    "auc",
    "brier_score",
    "cross_validated",
    "digest",
    "evaluate",
    "expected_calibration_error",
    "fit",
    "gate",
    "held_out_ids",
    "read_observations",
    "reliability_table",
    "render",
    "render_differences",
    "render_documents",
    "render_records",
    "score_records",
]
