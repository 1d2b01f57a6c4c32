"""Finding records, readers, sinks, backends and checks by name: entry points, ours through the same door as a stranger's.

Groups: `communique.records`, `communique.readers`, `communique.sinks`, `communique.backends`, `communique.checks`.
Nothing is imported before it is asked for by name.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from communique.errors import ConfigurationError, MissingExtraError, UnknownNameError

GROUPS = ("records", "readers", "sinks", "backends", "checks")

_EXTRA_OF = {
    "xllamacpp": "local",
    "huggingface_hub": "local",
    "trafilatura": "readers",
    "pypdf": "readers",
    "docx": "readers",
    "fastwarc": "readers",
    "defusedxml": "readers",
    "feedparser": "readers",
    "pyarrow": "parquet",
    "jinja2": "html",
    "ray": "ray",
    "opentelemetry": "otel",
}
"""Which of our extras brings a module."""


def entries(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, sorted.

    Raises:
        ConfigurationError: Two installed distributions offer different objects under one name.
    """
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=f"communique.{group}"):
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise ConfigurationError(
                f"two plug-ins offer the {group[:-1]} {entry.name!r}: {_origin(other)} and {_origin(entry)}",
                hint="uninstall one of them",
            )
        found[entry.name] = entry
    return dict(sorted(found.items()))


def names(group: str) -> list[str]:
    """Return the names of a group, sorted."""
    return list(entries(group))


def load(group: str, name: str) -> Any:
    """Import and return the object of that name.

    Raises:
        UnknownNameError: There is none; the hint has the nearest name.
        MissingExtraError: It needs a package of one of our extras.
        ConfigurationError: It raises when it is imported.
    """
    known = entries(group)
    if name not in known:
        error = UnknownNameError.of(group[:-1], name, known)
        if not known:
            error.hint = (
                "the built-ins are entry points: install communique (pip install -e .) instead of PYTHONPATH"
            )
        raise error
    try:
        return known[name].load()
    except ModuleNotFoundError as error:
        root = (error.name or "").partition(".")[0]
        if root in _EXTRA_OF:
            raise MissingExtraError.of(f"the {group[:-1]} {name!r}", _EXTRA_OF[root]) from error
        raise ConfigurationError(
            f"the {group[:-1]} {name!r} ({_origin(known[name])}) needs the module {error.name!r}",
            hint=f"pip install {root}",
        ) from error
    except Exception as error:
        raise ConfigurationError(
            f"the {group[:-1]} {name!r} ({_origin(known[name])}) can't be loaded: {type(error).__name__}: {error}"
        ) from error


def _origin(entry: EntryPoint) -> str:
    dist = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown distribution"
    return f"{entry.value} from {dist}"
