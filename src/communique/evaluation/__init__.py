"""HOW GOOD it is: records compared with gold, floors that a change may not lower, probabilities made honest."""

from communique.evaluation.measure import evaluate
from communique.evaluation.scores import DocumentScore, Scores
from communique.evaluation.table import render, render_documents

__all__ = ["DocumentScore", "Scores", "evaluate", "render", "render_documents"]
