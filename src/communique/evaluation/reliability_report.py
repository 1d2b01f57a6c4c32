"""What `communique calibrate` says: figures before and after, per question, and the reliability tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from communique.evaluation.calibration import Calibration
from communique.evaluation.reliability import (
    Observation,
    auc,
    brier_score,
    expected_calibration_error,
    reliability_table,
)


def report(
    before: Sequence[Observation], after: Sequence[Observation], calibration: Calibration, bins: int
) -> dict[str, Any]:
    """Return the figures for machines.

    Args:
        before: Observations with the model's probabilities.
        after: The same, fitted on other documents than their own.
        calibration: The curves that were fitted on all.
        bins: Bins of the reliability tables and of the expected calibration error.
    """
    questions = dict.fromkeys(o.question for o in before)
    return {
        "documents": len({o.document for o in before}),
        "fitted": sorted(calibration.curves),
        "all": _figures(before, after, bins),
        "questions": {
            q: _figures([o for o in before if o.question == q], [o for o in after if o.question == q], bins)
            for q in questions
        },
        "reliability_before": [dataclasses.asdict(b) for b in reliability_table(before, bins)],
        "reliability_after": [dataclasses.asdict(b) for b in reliability_table(after, bins)],
    }


def render_report(found: Mapping[str, Any]) -> str:
    """Render a report as lines of text."""
    lines = [f"{'':28}{'n':>6}{'right':>7}{'AUC':>7}{'ECE':>7}{'->':>7}{'Brier':>8}{'->':>7}  curve"]
    for name, figures in [*found["questions"].items(), ("all", found["all"])]:
        curve = (
            "its own"
            if name in found["fitted"]
            else "pooled"
            if "*" in found["fitted"]
            else "none: too few answers"
        )
        cells = [figures[k] for k in ("auc", "ece_before", "ece_after", "brier_before", "brier_after")]
        shown = "".join(_shown(c, w) for c, w in zip(cells, (7, 7, 7, 8, 7), strict=True))
        lines.append(
            f"{name:28}{figures['count']:6}{figures['right']:7}{shown}  {curve if name != 'all' else ''}".rstrip()
        )
    for side, title in (
        ("before", "as the model gave them"),
        ("after", "fitted, each document by the others"),
    ):
        lines += ["", f"reliability, {title}", f"{'probability':>14}{'n':>6}{'mean':>8}{'right':>8}"]
        for row in found[f"reliability_{side}"]:
            bounds = f"{row['low']:.2f} - {row['high']:.2f}"
            lines.append(f"{bounds:>14}{row['count']:6}{_shown(row['mean'], 8)}{_shown(row['share'], 8)}")
    if found["documents"] < 2:
        lines += [
            "",
            "one document only: nothing could be fitted on others, so there is no honest figure after",
        ]
    return "\n".join(lines) + "\n"


def _figures(before: Sequence[Observation], after: Sequence[Observation], bins: int) -> dict[str, Any]:
    return {
        "count": len(before),
        "right": sum(o.right for o in before),
        "auc": auc(before),
        "ece_before": expected_calibration_error(before, bins),
        "ece_after": expected_calibration_error(after, bins),
        "brier_before": brier_score(before),
        "brier_after": brier_score(after),
    }


def _shown(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"
