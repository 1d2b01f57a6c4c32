"""Types of single values that a record of one's own may have, as a strict JSON Schema.

And why the others can't be asked for.
"""

from __future__ import annotations

import typing
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticUserError

from communique.errors import ConfigurationError

_HINT = "use str, int, float, bool, Literal, an Enum, a date, a Pydantic model, or a list or optional of these"
JSON_TYPES: dict[Any, str] = {
    bool: "boolean",
    str: "string",
    int: "integer",
    float: "number",
    type(None): "null",
}
"""The names that JSON Schema has for Python's own types; bool is before int, of which it is one."""


def scalar_schema(where: str, annotation: Any) -> dict[str, Any]:
    """Return the schema of a value that Pydantic reads from a JSON scalar: dates, enumerations, addresses, constrained types.

    Raises:
        ConfigurationError: A model can't be asked for it; the message says why.
    """
    if annotation is Decimal:
        return {"type": "number"}
    if why := _why_not(annotation):
        raise unsupported(where, annotation, why)
    try:
        found = TypeAdapter(annotation).json_schema()
    except (PydanticUserError, TypeError, ValueError) as error:
        why = "Pydantic has no JSON Schema for it"
        raise unsupported(where, annotation, why) from error
    kind = found.get("type")
    if kind not in JSON_TYPES.values() or kind == "null":
        what = {"object": "an object", "array": "a list"}.get(str(kind), "of several kinds")
        raise unsupported(where, annotation, f"its JSON is {what}, not one value")
    return {"type": kind}


def closed_lists(where: str, annotation: Any, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Return the schemas of a closed list, one for each type of JSON among its values: providers refuse a list without a type.

    Raises:
        ConfigurationError: A value is none of JSON's scalars.
    """
    found: dict[str, list[Any]] = {}
    for value in values:
        kind = next((name for kind, name in JSON_TYPES.items() if isinstance(value, kind)), None)
        if kind is None:
            raise unsupported(where, annotation, f"its value {value!r} is no string, number or truth value")
        found.setdefault(kind, []).append(value)
    return [{"type": kind} if kind == "null" else {"type": kind, "enum": listed} for kind, listed in found.items()]


def unsupported(where: str, annotation: Any, why: str) -> ConfigurationError:
    """Return the error that names the field, its type, and why a model can't be asked for it."""
    name = (
        annotation.__name__
        if isinstance(annotation, type) and not typing.get_args(annotation)
        else str(annotation).replace("typing.", "")
    )
    return ConfigurationError(
        f"the field {where} has the type {name}, which a model can't be asked for: {why}", hint=_HINT
    )


def item_of(where: str, annotation: Any) -> Any:
    """Return the type of the items of a list, tuple or set.

    Raises:
        ConfigurationError: The items have no type, or several by position.
    """
    args = [a for a in typing.get_args(annotation) if a is not Ellipsis]
    if not args:
        raise unsupported(where, annotation, "it doesn't say what its items are")
    if len(set(args)) > 1:
        raise unsupported(where, annotation, "its items differ by position; give them names in a Pydantic model")
    return args[0]


def _why_not(annotation: Any) -> str:
    origin = typing.get_origin(annotation) or annotation
    if annotation in (Any, object):
        return "any answer would fit"
    if annotation is bytes:
        return "JSON has no bytes"
    if isinstance(annotation, typing.TypeVar):
        return "it is a placeholder; fill it in"
    if isinstance(origin, type) and issubclass(origin, dict):
        return "a strict schema needs every key by name; a list of a small Pydantic model says the same"
    return ""
