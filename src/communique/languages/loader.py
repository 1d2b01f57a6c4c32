"""Load language folders: ours, and those of packages that name theirs under `communique.languages`."""

from __future__ import annotations

import contextlib
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
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
    known = _known(code)
    return known[0] if known is not None else None


@cache
def lexicon(code: str) -> Lexicon | None:
    """Return the phrase lists of a language, ready to be searched, or None where there is no folder.

    Raises:
        ConfigurationError: The folder is broken.
    """
    known = _known(code)
    return known[1] if known is not None else None


@cache
def known_languages() -> tuple[str, ...]:
    """Return the codes of all languages that have a folder, sorted."""
    return tuple(sorted(_folders()))


def built_in(code: str) -> bool:
    """Tell whether the folder of a language is ours."""
    return code in _folders() and not isinstance(_folders()[code], EntryPoint)


@lru_cache(maxsize=4096)
def phrases_in(text: str, code: str) -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Return where each phrase list of a language has hits in a text: half-open spans in code points.

    Lists without a hit are left out; nothing is found in a language that has no folder.

    Raises:
        ConfigurationError: The folder is broken.
    """
    words = lexicon(code)
    found = words.scan_text(text) if words is not None else {}
    return MappingProxyType({name: tuple(spans) for name, spans in found.items()})


@cache
def languages_digest() -> str:
    """Return the first 16 hex digits of a SHA-256 over the files of all language folders that can be read."""
    digest = hashlib.sha256()
    for code in known_languages():
        digest.update(code.encode() + b"\0")
        with contextlib.suppress(ConfigurationError):
            for name, raw in _files(_folder(code)):
                digest.update(name.encode() + b"\0" + raw)
    return digest.hexdigest()[:16]


def load_folder(folder: Traversable | Path) -> Language:
    """Read one language folder.

    Raises:
        ConfigurationError: A file is no TOML, a field is unknown or has the wrong form, a phrase is none.
    """
    return _loaded(folder)[0]


@cache
def _known(code: str) -> tuple[Language, Lexicon] | None:
    if code not in _folders():
        return None
    found = _loaded(_folder(code))
    if found[0].code != code:
        raise ConfigurationError(
            f"the language folder {_folder(code)} is registered as {code!r}, but its language.toml says {found[0].code!r}",
            hint="give both the ISO 639-1 code",
        )
    return found


_SECTIONS = {"numbers": {"words", "scales"}, "roles": {"verbs"}, "examples": {"examples"}}
"""Keys of the files that have no others."""
_FILE_OF = {
    "lists": "phrases",
    "number_words": "numbers",
    "number_scales": "numbers",
    "country_endings": "countries",
}
"""Files of the fields that are not named as their file."""


def _loaded(folder: Traversable | Path) -> tuple[Language, Lexicon]:
    found: dict[str, Any] = {}
    digest = hashlib.sha256()
    for name, raw in _files(folder):
        path = folder / f"{name}.toml"
        digest.update(name.encode() + b"\0" + raw)
        try:
            found[name] = tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"the language file {path} is not valid TOML: {error}", hint="fix that line"
            ) from None
        unknown = sorted(set(found[name]) - _SECTIONS.get(name, set(found[name])))
        if unknown:
            raise ConfigurationError(
                f"the language file {path} has an unknown key: {unknown[0]}",
                hint=f"it has {', '.join(sorted(_SECTIONS[name]))}",
            )
    if "language" not in found:
        raise ConfigurationError(
            f"the language folder {folder} has no language.toml", hint="it gives the code and the name"
        )
    try:
        loaded = Language.model_validate(_joined(found, digest.hexdigest()[:16]))
    except ValidationError as error:
        first = error.errors()[0]
        field, *inner = map(str, first["loc"])
        path = folder / f"{field if field in _FILES else _FILE_OF.get(field, 'language')}.toml"
        where = ".".join([field, *inner])
        raise ConfigurationError(
            f"the language file {path} is broken at {where}: {first['msg'].removeprefix('Value error, ')}",
            hint="communique.languages.schema describes the fields",
        ) from None
    lists = {name: phrases for name, phrases in loaded.lists.items() if phrases} | loaded.role_lists()
    try:
        return loaded, Lexicon(lists, spaces=loaded.spaces)
    except ValueError as error:
        raise ConfigurationError(
            f"the language file {folder / 'phrases.toml'} is broken at {error}",
            hint="communique.languages.lexicon describes the syntax",
        ) from None


def _files(folder: Traversable | Path) -> Iterator[tuple[str, bytes]]:
    for name in _FILES:
        path = folder / f"{name}.toml"
        if path.is_file():
            yield name, path.read_bytes()


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


@cache
def _folders() -> Mapping[str, Traversable | EntryPoint]:
    """Return the folders by code: ours, and the entry points of others for codes that we don't have."""
    ours = {f.name: f for f in files("communique.languages").iterdir() if (f / "language.toml").is_file()}
    return {**{point.name: point for point in entry_points(group=GROUP)}, **ours}


def _folder(code: str) -> Traversable:
    place = _folders()[code]
    if not isinstance(place, EntryPoint):
        return place
    try:
        return files(place.value)
    except (ImportError, TypeError) as error:
        dist = f" from {place.dist.name}" if place.dist else ""
        raise ConfigurationError(
            f"the language {code!r} ({place.value}{dist}) can't be loaded: {error}",
            hint="the entry point must name the package that contains the folder's files",
        ) from None
