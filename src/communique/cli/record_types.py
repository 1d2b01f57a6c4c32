"""Record types by name, for `--record`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from communique.schemas import Record


def record_types(names: list[str] | None) -> tuple[type[Record], ...]:
    """Return the record types that the names ask for; the three standard ones if there are none.

    Args:
        names: An entry point's name (`meeting`), or `package.module:Class`.

    Raises:
        UnknownNameError: There is no such record type; the hint has the nearest name.
        ConfigurationError: What the name leads to is no record type.
    """
    from communique import plugins
    from communique.errors import ConfigurationError
    from communique.schemas import STANDARD_RECORDS, Record

    if not names:
        return STANDARD_RECORDS
    found: list[type[Record]] = []
    for name in names:
        kind = _imported(name) if ":" in name else plugins.load("records", name.lower().replace("-", "_"))
        if not (isinstance(kind, type) and issubclass(kind, Record)):
            raise ConfigurationError(f"{name!r} is no record type", hint="derive it from communique.Record")
        found.append(kind)
    return tuple(dict.fromkeys(found))


def _imported(name: str) -> Any:
    import importlib
    import sys

    from communique.errors import ConfigurationError

    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # a record in a file beside the user, as `python -m` would find it
    try:
        return getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise ConfigurationError(
            f"the record {name!r} can't be loaded: {type(error).__name__}: {error}"
        ) from error
