"""`communique doctor`: versions, model, endpoint, one line each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

_PACKAGES = ("communique", "openai", "instructor", "pydantic", "tenacity", "sentencex", "xllamacpp")


def doctor(
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server to reach.")] = None,
) -> int:
    """Say what is installed and what can be reached. Exits with 2 if the chosen way to a model is not there."""
    import os
    import platform
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    from communique.backends import model_files
    from communique.errors import CommuniqueError

    def line(name: str, value: str) -> None:
        sys.stdout.write(f"{name:12} {value}\n")

    line("python", platform.python_version())
    for package in _PACKAGES:
        try:
            line(package, version(package))
        except PackageNotFoundError:
            line(package, "not installed")
    line("sqlite", sqlite3.sqlite_version)
    line(
        "API key",
        "in the environment"
        if os.environ.get("COMMUNIQUE_API_KEY") or os.environ.get("OPENAI_API_KEY")
        else "none",
    )
    well = True
    try:
        line("local model", str(model_files.locate()))
    except CommuniqueError as error:
        line("local model", str(error))
        well = base_url is not None
    if base_url:
        import urllib.error
        import urllib.request

        try:
            with urllib.request.urlopen(base_url.rstrip("/") + "/models", timeout=5) as answer:  # noqa: S310
                line("endpoint", f"{base_url}: HTTP {answer.status}")
        except urllib.error.HTTPError as error:
            line("endpoint", f"{base_url}: HTTP {error.code}")
        except (OSError, ValueError) as error:
            line("endpoint", f"{base_url}: {error}")
            well = False
    return 0 if well else 2
