"""What every verb is: a command whose options come from dataclasses, are listed in groups, and have defaults elsewhere.

The command line wins over `COMMUNIQUE_VERB_OPTION`, that over `communique.toml`, and that over `[tool.communique]` of
`pyproject.toml`. In a file, a key at the top is for every verb that has the option, one in `[extract]` for `extract` only.
Files count in the folder where a command runs and nowhere else: a settings file can name code to import and a server.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from typer.core import TyperCommand

from communique.cli.terminal import notice
from communique.errors import ConfigurationError, UnknownNameError

SETTINGS = "communique.settings"
"""Key of a context's `meta`: value and origin (a file or a variable) of each setting, by verb and parameter."""
FILES = ("pyproject.toml", "communique.toml")
"""The later one wins."""

Settings = dict[tuple[str, str], tuple[Any, str]]


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take dataclasses of `Annotated` options: each field becomes an option of its own."""
    groups: dict[str, Any] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        kind = parameter.annotation
        if not is_dataclass(kind):
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
            continue
        groups[parameter.name] = kind
        hints = get_type_hints(kind, include_extras=True)
        parameters += [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
            for f in fields(kind)
        ]

    def called(**given: Any) -> Any:
        made = {name: kind(**{f.name: given.pop(f.name) for f in fields(kind)}) for name, kind in groups.items()}
        return command(**made, **given)

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return called


class Verb(TyperCommand):
    """A command with its options in groups, which typer has with rich only, and with `--retry-failed` for all reasons."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look at the settings, give `--retry-failed` alone its value, then parse."""
        if not (ctx.resilient_parsing or set(args) & set(ctx.help_option_names)):
            verbs = ctx.parent.command.commands
            found: Settings = {}
            for name in FILES:
                found |= _settings_of_file(Path(name), verbs)
            ctx.default_map = {name: value for (verb, name), (value, _) in found.items() if verb == ctx.info_name}
            ctx.meta[SETTINGS] = found | _settings_of_environment(verbs)
        end = args.index("--") if "--" in args else len(args)
        full = [f"{a}=all" if a == "--retry-failed" and i < end else a for i, a in enumerate(args)]
        rest = super().parse_args(ctx, full)
        if place := origin(ctx, "base_url"):
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
                with formatter.section(heading):  # in less than 60 columns, a help text begins on a line of its own
                    formatter.write_dl(rows, col_max=30 if formatter.width >= 60 else 6)


def origin(ctx: Any, name: str) -> str:
    """Return the file or variable that gave an option its value, or "" if none did."""
    _, place = ctx.meta.get(SETTINGS, {}).get((ctx.info_name, name), (None, ""))
    return place if place and ctx.get_parameter_source(name).name in {"DEFAULT_MAP", "ENVIRONMENT"} else ""


def _options(command: Any) -> dict[str, Any]:
    """Return the options of a command that a setting may give, by parameter."""
    return {p.name: p for p in command.params if p.param_type_name == "option" and p.allow_from_autoenv}


def _settings_of_environment(verbs: Mapping[str, Any]) -> Settings:
    """Return what variables set; typer reads them itself. One that begins as those of a verb has to be one of them."""
    known = {f"COMMUNIQUE_{v}_{name}".upper(): (v, name) for v, command in verbs.items() for name in _options(command)}
    beginnings = tuple(f"COMMUNIQUE_{verb}_".upper() for verb in verbs)
    for name in os.environ:
        if name.startswith(beginnings) and name not in known:
            raise UnknownNameError.of("variable", name, known)
    return {known[name]: (value, name) for name, value in os.environ.items() if name in known and value}


def _settings_of_file(path: Path, verbs: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[Any, str]]]:
    """Yield the settings of a file, those for all verbs first."""
    place = "tool.communique" if path.name == "pyproject.toml" else ""
    options = {verb: _options(command) for verb, command in verbs.items()}
    for key, value in sorted(_table(path, place).items(), key=lambda item: item[0] in verbs):
        if key not in verbs:
            where = f"{path}{f', [{place}]' * bool(place)}"
            name, checked = _checked(where, "option or command", key, value, options)
            yield from (((verb, name), (checked, str(path))) for verb in verbs if name in options[verb])
        elif isinstance(value, dict):
            where = f"{path}, [{place}{'.' * bool(place)}{key}]"
            for inner, given in value.items():
                name, checked = _checked(where, "option", inner, given, {key: options[key]})
                yield (key, name), (checked, str(path))
        else:
            raise ConfigurationError(f"{path}: {key!r} is a command, not an option", hint=f"begin a table [{key}]")


def _table(path: Path, place: str) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} can't be read: {error}", hint="it has to be TOML, in UTF-8") from error
    import tomllib

    try:
        found: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}", hint="it has to be TOML") from error
    for key in place.split(".") if place else ():
        found = found.get(key, {}) if isinstance(found, dict) else found
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: [{place}] is not a table", hint=f"begin a table [{place}]")
    return found


def _checked(where: str, kind: str, key: str, value: Any, options: Mapping[str, Mapping[str, Any]]) -> tuple[str, Any]:
    """Return a parameter and its value as typer takes them."""
    known = {name: param for params in options.values() for name, param in params.items()}
    name = key.replace("-", "_")
    if name not in known:
        shown = {n.replace("_", "-") for n in known} | (set(options) if " " in kind else set())
        error = UnknownNameError.of(kind, key, shown)
        raise UnknownNameError(f"{where}: {error.message}", hint=error.hint)
    several, multiple = value if isinstance(value, list) else [value], known[name].multiple
    if not all(isinstance(v, str | int | float) for v in several) or (isinstance(value, list) and not multiple):
        wanted = "a list of texts" if multiple else "a text, a number, true or false"
        raise ConfigurationError(f"{where}: {key!r} has no usable value", hint=f"give {wanted}")
    return name, several if multiple else value
