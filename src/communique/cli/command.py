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
from typing import Any, NamedTuple, get_type_hints

from typer.core import TyperCommand

from communique.errors import ConfigurationError, UnknownNameError

ALONE = {"--retry-failed": "all"}
"""What an option stands for when it has no value."""
SETTINGS = "communique.settings"
"""Key of a context's `meta`: the settings by verb and parameter."""
FILES = ("pyproject.toml", "communique.toml")
"""The later one wins."""
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
            verbs = ctx.parent.command.commands
            found = settings_of_files(verbs)
            ctx.default_map = {name: s.value for (verb, name), s in found.items() if verb == ctx.info_name}
            ctx.meta[SETTINGS] = found | settings_of_environment(verbs)
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


class Setting(NamedTuple):
    """A value that was set, for one option of one verb."""

    verb: str
    name: str  # of the parameter
    value: Any
    origin: str  # a file or a variable

    @property
    def option(self) -> str:
        """The option as the command line and files have it."""
        return self.name.replace("_", "-")


def variable(verb: str, name: str) -> str:
    """Return the variable that sets an option of a verb."""
    return f"COMMUNIQUE_{verb}_{name}".upper()


def settings_of_files(verbs: Mapping[str, Any]) -> dict[tuple[str, str], Setting]:
    """Return what the settings files set, by verb and parameter.

    Args:
        verbs: Commands by name.

    Raises:
        ConfigurationError: A file can't be read, or has a key that is no option; the message has the place and the
            hint the nearest one.
    """
    found: dict[tuple[str, str], Setting] = {}
    for name in FILES:
        found |= {(s.verb, s.name): s for s in _settings(Path(name), verbs)}
    return found


def settings_of_environment(verbs: Mapping[str, Any]) -> dict[tuple[str, str], Setting]:
    """Return what variables set; typer reads them itself.

    Raises:
        UnknownNameError: A variable begins as those of a verb and is none of them.
    """
    known = {variable(verb, name): (verb, name) for verb, command in verbs.items() for name in _options(command)}
    found = {}
    for name, value in os.environ.items():
        if name in known and value:
            found[known[name]] = Setting(*known[name], value, name)
        elif name not in known and any(name.startswith(variable(verb, "")) for verb in verbs):
            raise UnknownNameError.of("variable", name, known)
    return found


def _options(command: Any) -> dict[str, Any]:
    """Return the options of a command that a setting may give, by parameter."""
    return {p.name: p for p in command.params if p.param_type_name == "option" and p.allow_from_autoenv}


def _settings(path: Path, verbs: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield the settings of a file, those for all verbs first."""
    place = "tool.communique" if path.name == "pyproject.toml" else ""
    options = {verb: _options(command) for verb, command in verbs.items()}
    for key, value in sorted(_table(path, place).items(), key=lambda item: item[0] in verbs):
        if key in verbs:
            where = f"{path}, [{place}{'.' * bool(place)}{key}]"
            if not isinstance(value, dict):
                raise ConfigurationError(f"{path}: {key!r} is a command, not an option", hint=f"begin a table [{key}]")
            for inner, given in value.items():
                yield Setting(key, *_checked(where, "option", inner, given, {key: options[key]}), str(path))
        else:
            where = f"{path}{', [' * bool(place)}{place}{']' * bool(place)}"
            name, checked = _checked(where, "option or command", key, value, options)
            for verb in verbs:
                if name in options[verb]:
                    yield Setting(verb, name, checked, str(path))


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
    several = value if isinstance(value, list) else [value]
    if not all(isinstance(v, str | int | float) for v in several) or (
        isinstance(value, list) and not known[name].multiple
    ):
        wanted = "a list of texts" if known[name].multiple else "a text, a number, true or false"
        raise ConfigurationError(f"{where}: {key!r} has no usable value", hint=f"give {wanted}")
    return name, several if known[name].multiple else value
