"""Optional value: `--retry-failed` alone, or `--retry-failed=REASON`. Typer has no option like that."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

ALONE = {"--retry-failed": "all"}
"""What an option stands for when it has no value."""


class OptionalValueCommand(TyperCommand):
    """A command whose options of `ALONE` take their value after `=`, or none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give those options their values, then parse."""
        end = args.index("--") if "--" in args else len(args)
        full = [f"{a}={ALONE[a]}" if a in ALONE and i < end else a for i, a in enumerate(args)]
        return super().parse_args(ctx, full)
