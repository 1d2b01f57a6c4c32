"""Settings: defaults for options, from `communique.toml`, `pyproject.toml` and the environment.

The command line wins over `COMMUNIQUE_VERB_OPTION`, that over `communique.toml`, and that over `[tool.communique]` of
`pyproject.toml`. In a file, a key at the top is for every verb that has the option, one in `[extract]` for `extract` only.
Files count in the folder where a command runs and nowhere else: a settings file can name code to import and a server.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from communique.errors import ConfigurationError, UnknownNameError

FILES = ("pyproject.toml", "communique.toml")
"""The later one wins."""


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


def of_files(verbs: Mapping[str, Any]) -> dict[tuple[str, str], Setting]:
    """Return what the settings files set, by verb and parameter.

    Args:
        verbs: Commands by name.

    Raises:
        ConfigurationError: A file can't be read, or has a key that is no option; the message has the place and the
            hint the nearest one.
    """
    found: dict[tuple[str, str], Setting] = {}
    for name in FILES:
        shared: list[Setting] = []
        own: list[Setting] = []
        for setting, is_shared in _settings(Path(name), verbs):
            (shared if is_shared else own).append(setting)
        found.update({(s.verb, s.name): s for s in (*shared, *own)})
    return found


def of_environment(verbs: Mapping[str, Any]) -> dict[tuple[str, str], Setting]:
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


def _settings(path: Path, verbs: Mapping[str, Any]) -> Iterator[tuple[Setting, bool]]:
    """Yield the settings of a file, each with whether it is one for all verbs."""
    place = "tool.communique" if path.name == "pyproject.toml" else ""
    options = {verb: _options(command) for verb, command in verbs.items()}
    for key, value in _table(path, place).items():
        if key in verbs:
            where = f"{path}, [{place}{'.' * bool(place)}{key}]"
            if not isinstance(value, dict):
                raise ConfigurationError(f"{path}: {key!r} is a command, not an option", hint=f"begin a table [{key}]")
            for inner, given in value.items():
                yield Setting(key, *_checked(where, "option", inner, given, {key: options[key]}), str(path)), False
        else:
            where = f"{path}{', [' * bool(place)}{place}{']' * bool(place)}"
            name, checked = _checked(where, "option or command", key, value, options)
            for verb in verbs:
                if name in options[verb]:
                    yield Setting(verb, name, checked, str(path)), True


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
