"""The options of the judge, for `extract` and `batch`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

Judge = Annotated[
    str | None,
    typer.Option("--judge", help="Model that judges the records; by default a remote model judges its own."),
]
NoJudge = Annotated[bool, typer.Option("--no-judge", help="Have no record judged.")]


def mode(judge: str | None, *, no_judge: bool) -> Literal["auto", "off"]:
    """Return what the plan says of a judge.

    Raises:
        ConfigurationError: The options contradict each other.
    """
    from communique.errors import ConfigurationError

    if judge is not None and no_judge:
        raise ConfigurationError("--judge and --no-judge contradict each other", hint="leave one of them out")
    return "off" if no_judge else "auto"
