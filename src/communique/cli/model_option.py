"""The option that names the model, for `extract` and `batch`."""

from __future__ import annotations

from typing import Annotated

import typer

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="local, openai/MODEL, a plug-in's name; by default local if installed, else what a key is set for.",
    ),
]


def chosen_model(model: str | None, base_url: str | None) -> str:
    """Return the model to ask; one that wasn't named and isn't on this machine is told on standard error.

    Raises:
        ConfigurationError: None is named, and none follows from what is installed.
    """
    from communique.backends import default_model
    from communique.cli.notices import notice

    chosen = model or default_model(base_url)
    if not model and chosen != "local":
        notice(f"no --model: {chosen} gets the text")
    return chosen
