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
    from communique.backends import model_files
    from communique.errors import UnknownNameError

    if action == "pull":
        sys.stdout.write(f"{model_files.pull(name)}\n")
        return
    if action != "list":
        raise UnknownNameError.of("action", action, ("list", "pull"))
    folder = model_files.cache_folder()
    embedded = model_files.EMBEDDED
    cached = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    for path in cached:
        known = (
            "verified"
            if model_files.is_stamped(path)
            else "not verified yet"
            if path.name == embedded.filename
            else "yours"
        )
        sys.stdout.write(f"{path.stem}  {path.stat().st_size:,} bytes  {known}  {path}\n")
    if embedded.filename not in {p.name for p in cached}:
        where = "in the part packages" if model_files.part_files() else "not here: communique models pull"
        sys.stdout.write(f"{embedded.name}  {embedded.size:,} bytes  {where}\n")
