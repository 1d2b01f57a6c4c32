"""`communique doctor`: versions, model, endpoint, one line each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

_NEEDED = ("communique", "openai", "instructor", "pydantic", "tenacity", "sentencex")
_LOCAL = ("xllamacpp", "huggingface-hub")


def doctor(
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server to reach.")] = None,
) -> int:
    """Say what is installed and what can be reached. Exits with 1 if there is no way to a model."""
    import os
    import platform
    import sqlite3

    from communique.backends.endpoint import KEY_VARIABLES
    from communique.backends.providers import keyed

    well = True
    _line("python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in _NEEDED:
        found = _version(package)
        well &= bool(found)
        _line(package, found or "MISSING: install communique again")
    for package in _LOCAL:
        _line(package, _version(package) or "not installed: pip install 'communique[local]'")
    _line("sqlite", sqlite3.sqlite_version)
    model = _model()
    keys = [name for name in KEY_VARIABLES if os.environ.get(name, "").strip()]
    _line("API key", f"present in {keys[0]}" if keys else f"none in {' or '.join(KEY_VARIABLES)}")
    others = keyed()
    if others:
        _line("providers", ", ".join(f"{name}/ (key in {key})" for name, key in others.items()))
    _line("without --model", _default())
    if base_url is None:
        return 0 if well and (model or keys or others) else 1

    from communique.backends.preflight import reach

    reached, said = reach(base_url)
    _line("endpoint", said if reached else f"FAULT: {said}")
    return 0 if well and reached else 1


def _model() -> bool:
    """Tell whether the embedded model can be used; joins nothing and hashes only what was never hashed."""
    import os

    from communique.backends import model_files
    from communique.errors import CommuniqueError

    cached = model_files.cache_folder() / model_files.EMBEDDED.filename
    if not os.environ.get("COMMUNIQUE_MODEL") and not cached.exists() and model_files.part_files():
        _line("local model", "installed in parts: joined at first use")
        return bool(_version("xllamacpp"))
    try:
        _line("local model", str(model_files.locate()))
    except CommuniqueError as error:
        _line("local model", f"not usable: {error}")
        return False
    return bool(_version("xllamacpp"))


def _default() -> str:
    """Return the model that is asked where none is named, or why there is none."""
    from communique.backends import default_model
    from communique.errors import ConfigurationError

    try:
        return default_model()
    except ConfigurationError as error:
        return f"none: {error}"


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _line(name: str, value: str) -> None:
    sys.stdout.write(f"{name:16} {value}\n")
