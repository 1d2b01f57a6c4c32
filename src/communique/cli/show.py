"""`communique show`: what is installed, by group."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def show(
    group: Annotated[str, typer.Argument(help="records, readers, sinks, backends or checks.")] = "",
) -> None:
    """List the records, readers, sinks, backends and checks that are installed, ours and strangers'."""
    from communique import plugins
    from communique.errors import UnknownNameError

    if group and group not in plugins.GROUPS:
        raise UnknownNameError.of("group", group, plugins.GROUPS)
    for name in (group,) if group else plugins.GROUPS:
        for key, entry in plugins.entries(name).items():
            dist = entry.dist.name if entry.dist else "?"
            sys.stdout.write(f"{name:9} {key:20} {entry.value}  ({dist})\n")
