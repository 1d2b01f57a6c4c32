"""Finding records, readers, sinks, backends and checks by name: entry points, ours through the same door as a stranger's.

Groups: `communique.records`, `communique.readers`, `communique.sinks`, `communique.backends`, `communique.checks`.
Nothing is imported before it is asked for by name. A plug-in that can't be loaded is an error for whoever names it, and
is left out, with a warning in the log, where all of a group are looked at.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from communique.errors import CommuniqueError, ConfigurationError, MissingExtraError, UnknownNameError

GROUPS = ("records", "readers", "sinks", "backends", "checks")
OURS = "communique"
_LOG = logging.getLogger("communique.plugins")
_TOLD: set[tuple[str, str]] = set()

_EXTRA_OF = {
    "xllamacpp": "local",
    "huggingface_hub": "local",
    **dict.fromkeys(("trafilatura", "lxml", "tinycss2", "cssselect2", "pypdfium2"), "readers"),
    **dict.fromkeys(("mammoth", "fastwarc", "feedparser", "mailparser_reply"), "readers"),
    "pyarrow": "parquet",
    "jinja2": "html",
    "xlsxwriter": "xlsx",
    "ray": "ray",
    "opentelemetry": "otel",
}
"""Which of our extras brings a module."""


def offers(group: str) -> dict[str, list[EntryPoint]]:
    """Return every entry point of a group by name, sorted: ours first, a second copy of the same object left out."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in _installed(tuple(sys.path)).select(group=f"communique.{group}"):
        same = found.setdefault(entry.name, [])
        if all(entry.value != other.value for other in same):
            same.append(entry)
    return {name: sorted(found[name], key=lambda e: not is_ours(e)) for name in sorted(found)}


@lru_cache(maxsize=1)
def _installed(_path: tuple[str, ...]) -> Any:
    # A look through every package that is installed takes 10 ms and more, so once a path. Its type differs by Python version.
    return entry_points()


def names(group: str) -> list[str]:
    """Return the names of a group, sorted."""
    return list(offers(group))


def is_ours(entry: EntryPoint) -> bool:
    """Tell whether an entry point is a built-in."""
    return entry.dist is not None and entry.dist.name == OURS


def load(group: str, name: str) -> Any:
    """Import and return the object of that name.

    A built-in keeps its name, whoever offers it too. A name that two other distributions offer stands for neither.

    Raises:
        UnknownNameError: There is none; the hint has the nearest name.
        MissingExtraError: It needs a package of one of our extras.
        ConfigurationError: It raises when it is imported, or two distributions offer it.
    """
    known = offers(group)
    if not known:
        raise UnknownNameError(
            f"there is no {group[:-1]} {name!r}",
            hint="none is installed; use `package.module:function` for one that is not a plug-in"
            if group == "checks"
            else "the built-ins are entry points: install communique (pip install -e .) instead of setting PYTHONPATH",
        )
    if name not in known:
        raise UnknownNameError.of(group[:-1], name, known)
    first, *others = known[name]
    if others and not is_ours(first):
        raise ConfigurationError(
            f"two plug-ins offer the {group[:-1]} {name!r}: {origin(first)} and {origin(others[0])}",
            hint="uninstall one of them",
        )
    return _loaded(group, first)


def usable(group: str) -> Iterator[tuple[str, Any]]:
    """Yield name and object of everything in a group that can be loaded; the rest is told once, in the log."""
    for name in names(group):
        try:
            yield name, load(group, name)
        except CommuniqueError as error:
            if (group, name) not in _TOLD:
                _TOLD.add((group, name))
                _LOG.warning("a plug-in is skipped: %s", error)


def origin(entry: EntryPoint) -> str:
    """Return where an entry point comes from: `package.module:Name from distribution 1.0`."""
    dist = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown distribution"
    return f"{entry.value} from {dist}"


def _loaded(group: str, entry: EntryPoint) -> Any:
    what = f"the {group[:-1]} {entry.name!r}"
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        root = (error.name or "").partition(".")[0]
        if root in _EXTRA_OF:
            raise MissingExtraError.of(what, _EXTRA_OF[root]) from error
        if entry.extras and entry.dist:
            raise MissingExtraError(
                f"{what} needs the extra {entry.extras[0]!r} of {entry.dist.name}",
                hint=f"pip install '{entry.dist.name}[{entry.extras[0]}]'",
            ) from error
        raise ConfigurationError(
            f"{what} ({origin(entry)}) needs the module {error.name!r}", hint=f"pip install {root}"
        ) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"{what} ({origin(entry)}) can't be loaded: {type(error).__name__}: {error}",
            hint="a bug in that plug-in: update or uninstall it",
        ) from error
