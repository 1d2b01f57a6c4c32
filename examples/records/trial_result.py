"""A record type with the model's own sentence in it: what a clinical trial found, its numbers checked against the text.

Run it: `python examples/records/trial_result.py [MODEL]`, where MODEL is `local` if none is given.
"""

import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from communique import Document, Mentioned, Quoted, Record, StatedNumber, Worded, extract

ARTICLE = Path(__file__).parent / "articles" / "trial.txt"


class TrialResult(Record):
    """A clinical trial reports whether a treatment met one of its goals."""

    treatment: Annotated[str, Mentioned(), Field(description="Drug or procedure, copied.")]
    trial: Annotated[str | None, Mentioned(), Field(description="Name of the trial, copied.")] = None
    condition: Annotated[str | None, Quoted(anywhere=True), Field(description="Illness, copied.")] = None
    participants: Annotated[
        int | None, StatedNumber(), Field(description="How many people took part; null if not stated.")
    ] = None
    outcome: Annotated[Literal["met", "missed", "unclear"], Field(description="Did it meet this goal?")]
    effect: Annotated[str | None, Quoted(), Field(description="Size of the effect, copied.")] = None
    finding: Annotated[str, Worded(), Field(description="What was found, one neutral sentence.")]


def main(model="local"):
    document = Document.from_text(ARTICLE.read_text("utf-8"))
    summary = extract(document, model=model, records=[TrialResult])
    for result in summary.of(TrialResult):
        print(f"{result.treatment}: {result.outcome}, {result.finding} ({result.verdict})")
    return summary


if __name__ == "__main__":
    main(*sys.argv[1:])
