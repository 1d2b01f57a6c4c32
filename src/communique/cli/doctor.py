"""`communique doctor`: versions, model, endpoint, one line each."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.options import Json
from communique.cli.terminal import write_rows

_NEEDED = ("communique", "openai", "instructor", "pydantic", "tenacity", "sentencex")
_LOCAL = ("xllamacpp", "huggingface-hub")


def doctor(
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server to reach.")] = None,
    *,
    json: Json = False,
) -> int:
    """Say what is installed and what can be reached. Exits with 1 if there is no way to a model."""
    import os
    import platform
    import sqlite3

    from communique.backends.endpoint import KEY_VARIABLES
    from communique.backends.providers import keyed

    found = {"python": f"{platform.python_version()} on {platform.system()} {platform.machine()}"}
    needed = {package: _version(package) for package in _NEEDED}
    found |= {package: version or "MISSING: install communique again" for package, version in needed.items()}
    found |= {package: _version(package) or "not installed: pip install 'communique[local]'" for package in _LOCAL}
    found["sqlite"] = sqlite3.sqlite_version
    found["local model"], model = _model()
    keys = [name for name in KEY_VARIABLES if os.environ.get(name, "").strip()]
    found["API key"] = f"present in {keys[0]}" if keys else f"none in {' or '.join(KEY_VARIABLES)}"
    others = keyed()
    if others:
        found["providers"] = ", ".join(f"{name}/ (key in {key})" for name, key in others.items())
    found["without --model"] = _default()
    well = all(needed.values())
    if base_url is not None:
        from communique.backends.preflight import reach

        reached, said = reach(base_url)
        found["endpoint"] = said if reached else f"FAULT: {said}"
        well = well and reached
    elif not (model or keys or others):
        well = False
    if json:
        write_rows(({"ok": well, **found},), "", as_json=True)
    else:
        write_rows(
            ({"name": name, "value": value} for name, value in found.items()), "{name:16} {value}", as_json=False
        )
    return 0 if well else 1


def _model() -> tuple[str, bool]:
    """Return where the embedded model is, and whether it can be used; join nothing and hash only what was never hashed."""
    import os

    from communique.backends import model_files
    from communique.errors import CommuniqueError

    cached = model_files.cache_folder() / model_files.EMBEDDED.filename
    if not os.environ.get("COMMUNIQUE_MODEL") and not cached.exists() and model_files.part_files():
        return "installed in parts: joined at first use", bool(_version("xllamacpp"))
    try:
        return str(model_files.locate()), bool(_version("xllamacpp"))
    except CommuniqueError as error:
        return f"not usable: {error}", False


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
