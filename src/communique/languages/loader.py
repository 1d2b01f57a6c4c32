"""Load language folders: ours, and those of packages that name theirs under `communique.languages`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from communique.errors import ConfigurationError
from communique.languages.lexicon import Lexicon
from communique.languages.schema import Language

GROUP = "communique.languages"
_FILES = ("language", "phrases", "roles", "time", "countries", "numbers", "examples")


@cache
def language(code: str) -> Language | None:
    """Return what is known of a language, or None where there is no folder for it.

    Args:
        code: ISO 639-1 code.

    Raises:
        ConfigurationError: The folder is broken: which file, which field, and what is wrong.
    """
    folder = _folders().get(code)
    return load_folder(folder) if folder is not None else None


@cache
def known_languages() -> tuple[str, ...]:
    """Return the codes of all languages that have a folder, sorted."""
    return tuple(sorted(_folders()))


@cache
def lexicon(code: str) -> Lexicon | None:
    """Return the phrase lists of a language, ready to be searched, or None where there is no folder.

    Raises:
        ConfigurationError: The folder is broken.
    """
    known = language(code)
    return _lexicon(known) if known is not None else None


def load_folder(folder: Traversable | Path) -> Language:
    """Read one language folder.

    Raises:
        ConfigurationError: A file is no TOML, a field is unknown or has the wrong form, a phrase is none.
    """
    found: dict[str, Any] = {}
    digest = hashlib.sha256()
    for name in _FILES:
        path = folder / f"{name}.toml"
        if not path.is_file():
            continue
        raw = path.read_bytes()
        digest.update(name.encode() + b"\0" + raw)
        try:
            found[name] = tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"the language file {path} is no TOML: {error}", hint="mend that line"
            ) from None
    if "language" not in found:
        raise ConfigurationError(
            f"the language folder {folder} has no language.toml", hint="it says code and name"
        )
    try:
        loaded = Language.model_validate(_joined(found, digest.hexdigest()[:16]))
        _lexicon(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigurationError(
            f"the language folder {folder} is broken at {where}: {first['msg']}",
            hint="communique.languages.schema says what belongs there",
        ) from None
    except ValueError as error:
        raise ConfigurationError(
            f"the language folder {folder} is broken: {error}",
            hint="communique.languages.lexicon has the syntax",
        ) from None
    return loaded


def _joined(found: Mapping[str, Mapping[str, Any]], digest: str) -> dict[str, Any]:
    countries = dict(found.get("countries", {}))
    numbers = dict(found.get("numbers", {}))
    return {
        **found["language"],
        "lists": found.get("phrases", {}),
        "roles": found.get("roles", {}).get("verbs", ()),
        "time": found.get("time", {}),
        "country_endings": countries.pop("endings", {}),
        "countries": countries,
        "number_words": numbers.get("words", {}),
        "number_scales": numbers.get("scales", {}),
        "examples": found.get("examples", {}).get("examples", ()),
        "digest": digest,
    }


def _lexicon(known: Language) -> Lexicon:
    return Lexicon(known.lists, spaces=known.spaces)


def _folders() -> dict[str, Traversable]:
    ours = {f.name: f for f in files("communique.languages").iterdir() if (f / "language.toml").is_file()}
    theirs = {point.name: files(point.value) for point in entry_points(group=GROUP)}
    return {**ours, **theirs}
