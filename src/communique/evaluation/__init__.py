"""HOW GOOD it is: records compared with gold."""

from communique.evaluation.measure import evaluate, held_out_ids
from communique.evaluation.scores import DocumentScore, Scores, render, render_differences

__all__ = ["DocumentScore", "Scores", "evaluate", "held_out_ids", "render", "render_differences"]
