"""What every verb is: a command whose options come from dataclasses, are listed in groups, and have defaults elsewhere."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from typer.core import TyperCommand

ALONE = {"--retry-failed": "all"}
"""What an option stands for when it has no value."""
SETTINGS = "communique.settings"
"""Key of a context's `meta`: the settings by verb and parameter."""
NARROW = 60
"""Columns; below, a help text begins on the line after its option."""


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take dataclasses of `Annotated` options: each field becomes an option of its own."""
    groups: dict[str, tuple[type, list[str]]] = {}
    parameters = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        kind = parameter.annotation
        if not (isinstance(kind, type) and is_dataclass(kind)):
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        hints = get_type_hints(kind, include_extras=True)
        own = fields(kind)
        groups[parameter.name] = kind, [field.name for field in own]
        parameters += [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
            for f in own
        ]

    def called(**given: Any) -> Any:
        made = {name: kind(**{one: given.pop(one) for one in own}) for name, (kind, own) in groups.items()}
        return command(**made, **given)

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return called


class Verb(TyperCommand):
    """A command with its options in groups, and with `--retry-failed` alone or as `--retry-failed=REASON`.

    typer has neither without rich, nor the second at all.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look at the settings, give options that stand alone their values, then parse."""
        if not (ctx.resilient_parsing or set(args) & set(ctx.help_option_names)):
            from communique.cli import settings

            verbs = ctx.parent.command.commands
            found = settings.of_files(verbs)
            ctx.default_map = {name: s.value for (verb, name), s in found.items() if verb == ctx.info_name}
            ctx.meta[SETTINGS] = found | settings.of_environment(verbs)
        end = args.index("--") if "--" in args else len(args)
        full = [f"{a}={ALONE[a]}" if a in ALONE and i < end else a for i, a in enumerate(args)]
        rest = super().parse_args(ctx, full)
        if place := origin(ctx, "base_url"):
            from communique.cli.terminal import notice

            notice(f"{ctx.params['base_url']} gets the text: {place} says so")
        return rest

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one list for each group, in the order of declaration."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        param: Any
        for param in self.get_params(ctx):
            param.show_envvar = False  # one rule names them all: see `communique show config`
            row = param.get_help_record(ctx)
            if row is not None:
                default = "Arguments" if param.param_type_name == "argument" else "Options"
                groups.setdefault(getattr(param, "rich_help_panel", None) or default, []).append(row)
        groups["Options"] = groups.pop("Options")  # last: `--help` is always among them
        for heading, rows in groups.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows, col_max=30 if formatter.width >= NARROW else 6)


def origin(ctx: Any, name: str) -> str:
    """Return the file or variable that gave an option its value, or "" if none did."""
    source = ctx.get_parameter_source(name)
    found = ctx.meta.get(SETTINGS, {}).get((ctx.info_name, name))
    return str(found.origin) if found and source.name in ("DEFAULT_MAP", "ENVIRONMENT") else ""
