"""`communique calibrate GOLD PREDICTIONS`: how honest are a model's probabilities, and what makes them so."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Method(str, Enum):  # noqa: UP042 - typer shows the values of a str enum
    """Kinds of curve."""

    logistic = "logistic"
    isotonic = "isotonic"


def calibrate(
    gold: Annotated[
        Path,
        typer.Argument(
            help="Folder of ID.json, or a JSONL file. Without PREDICTIONS: answers whose truth is known, one a line, as "
            '{"document": …, "question": …, "probability": 0.8, "right": true}.'
        ),
    ],
    predictions: Annotated[
        Path | None, typer.Argument(help="Output made with --check-with and without --calibration.")
    ] = None,
    *,
    texts: Annotated[Path | None, typer.Option(help="Folder of ID.txt; by default beside the gold.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write the calibration (JSON).")
    ] = None,
    method: Annotated[
        Method, typer.Option(help="logistic for few answers, isotonic for thousands.")
    ] = Method.logistic,
    bins: Annotated[int, typer.Option(min=1, max=100, help="Rows of the reliability table.")] = 10,
    least: Annotated[
        int, typer.Option(min=2, help="Answers that a question needs for a curve of its own.")
    ] = 20,
    model: Annotated[
        str,
        typer.Option(
            help="Name of the model, noted in the calibration; from the predictions if they name it."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Figures for machines.")] = False,
) -> None:
    """Fit probabilities to what turned out right; print reliability before and after (leaving out each document)."""
    import json

    from communique.evaluation import cross_validated, fit, read_observations
    from communique.evaluation.reliability_labels import observe
    from communique.evaluation.reliability_report import render_report, report

    if predictions is None:
        before = read_observations(gold)
    else:
        before, answered = observe(gold, predictions, texts)
        model = model or answered
    after = cross_validated(before, method.value, least=least)
    calibration = fit(before, method.value, least=least, model=model)
    if out is not None:
        calibration.save(out)
    found = report(before, after, calibration, bins)
    typer.echo(
        json.dumps(found, ensure_ascii=False, indent=1) if as_json else render_report(found), nl=as_json
    )
