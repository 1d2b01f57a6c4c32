"""The wire schema: what a model may answer, as strict JSON Schema. `answer.py` turns the answer into a `Summary`.

Two shapes. `full`: lists of whole records, evidence (sentence numbers) first; static, so that a provider can cache it.
`brief`: what one sentence states, each kind of record or null, actors as bare names; for small models, whose grammar is
compiled locally. Evidence is then the sentence that was asked about: it can't be misquoted or over-cited.
"""

from __future__ import annotations

import re
import typing
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo

from communique.errors import ConfigurationError
from communique.schemas import (
    Actor,
    Brief,
    Choice,
    Column,
    Computed,
    Mentioned,
    Place,
    Quoted,
    Record,
    StatedDate,
    StatedNumber,
    Worded,
    field_markers,
)
from communique.schemas.annotation import DEEPEST, choices, is_list, is_model, nullable, options, scalars
from communique.schemas.record import Evidence, snake

Shape = Literal["full", "brief"]

MAX_ITEMS = 6
NAME, WORDS = 80, 240
"""Longest strings in the brief shape, code points: names, and copied words."""
COPIED = "copied"
"""In the brief shape, the definition of a name or other words of the passage; `brief_prompt` says which these can be."""
DENIED_BY = "denied_by"
"""In the brief shape, the names of those who deny stand for a record's `responses`."""

_JSON_TYPES = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
"""The names that JSON Schema has for Python's own types; bool is before int, of which it is one."""
_TAKEN_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_TAKEN = "some providers take keys of the letters a to z, digits and _ only"
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})
_NULL = {"type": "null"}
_SHORT = {"type": "string", "maxLength": NAME}
_COPY = {"$ref": f"#/$defs/{COPIED}"}
_COPIES = (Mentioned, Quoted, StatedDate, StatedNumber)
"""Markers of what must stand in the article word for word."""


def full_schema(record_types: Sequence[type[Record]]) -> dict[str, Any]:
    """Return the strict JSON Schema of a full answer; the same for every document.

    Raises:
        ConfigurationError: A field has a type that a model can't be asked for.
    """
    schema = _closed({_key(k, k.plural): {"type": "array", "items": _object(k, "full")} for k in record_types})
    _say_once(schema, set())
    return schema


def _say_once(schema: Any, told: set[tuple[str, str]]) -> None:
    """Take out the description of a field that was described before by the same words: a schema is paid for by length."""
    if isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            said = (name, part.get("description", ""))
            if said in told:
                del part["description"]
            elif said[1]:
                told.add(said)
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        _say_once(part, told)


def brief_schema(record_types: Sequence[type[Record]], sure: Sequence[type[Record]] = ()) -> dict[str, Any]:
    """Return the strict JSON Schema of what one sentence states; for the types that are `sure` null is no answer.

    Raises:
        ConfigurationError: A field has a type that a model can't be asked for.
    """
    objects = {k: _object(k, "brief") for k in record_types}
    schema = _closed({singular(k): o if k in sure else {"anyOf": [_NULL, o]} for k, o in objects.items()})
    return {**schema, "$defs": {COPIED: _SHORT}}


def wire_key(name: str) -> str:
    """Return the key that a field or a list is asked for by: its name, or the nearest that providers take; "" if none is near.

    Anthropic and Amazon refuse what is not of letters a to z, digits, `_`, `.` and `-`.
    """
    if _TAKEN_KEY.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return plain if _TAKEN_KEY.fullmatch(plain) else ""


def singular(kind: type[Record]) -> str:
    """Return the key of one record of this type: `SanctionsConcern` gives `sanctions_concern`."""
    return _key(kind, snake(kind.__name__))


def _key(kind: type[Record], name: str) -> str:
    if key := wire_key(name):
        return key
    hint = "rename the class, and set `plural`"
    raise ConfigurationError(f"{kind.__name__} can't be asked for as {name!r}: {_TAKEN}", hint=hint)


def wire_fields(model: type[BaseModel], shape: Shape) -> list[tuple[str, FieldInfo]]:
    """Return the fields that a model is asked for; in the full shape evidence first, in the brief one none."""
    marks = {name: field_markers(model, name) for name in model.model_fields}
    fields = {n: i for n, i in model.model_fields.items() if not any(isinstance(m, Computed) for m in marks[n])}
    if shape == "full":
        asked = [(n, i) for n, i in fields.items() if not any(isinstance(m, Brief) for m in marks[n])]
        return sorted(asked, key=lambda field: field[0] != "evidence")
    wanted: Iterable[str] = model.essential if issubclass(model, Record) else ()
    if not wanted:  # without what the model would word itself: the sentence stands there (see `parse_brief`)
        own = [n for n in fields if not any(isinstance(m, Worded) for m in marks[n])]
        wanted = own if set(own) - {"evidence"} else fields
    return [(name, fields["responses" if name == DENIED_BY else name]) for name in wanted if name != "evidence"]


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    required = list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _object(model: type[BaseModel], shape: Shape, inside: str = "", around: tuple[type, ...] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name, info in wire_fields(model, shape):
        where = f"{inside}.{model.__name__}.{name}".lstrip(".")
        if shape == "full":
            told = {"description": info.description} if info.description else {}
            schema = told | _type(where, info.annotation, shape, (*around, model))
        elif name == DENIED_BY:
            schema = {"type": "array", "items": _COPY, "maxItems": MAX_ITEMS}
        else:
            schema = _brief_field(model, name, _type(where, info.annotation, shape, (*around, model)))
        key = wire_key(name)
        if not key or key in properties:
            hint = "give the field a name of these, and its own as an alias"
            raise ConfigurationError(f"the field {where} can't be asked for: {_TAKEN}", hint=hint)
        properties[key] = schema
    return _closed(properties)


def _brief_field(model: type[BaseModel], name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Bind a field of the brief shape to what a small model can get right: few choices, and copied words."""
    marks = field_markers(model, name)
    if few := [value for m in marks if isinstance(m, Choice) for value in m.brief]:
        schema = {**schema, "enum": few}
    texts = all(value is str for value in scalars(model.model_fields[name].annotation))
    if texts and all(isinstance(m, (Quoted, Column)) for m in marks):
        schema = _instead(schema, {"type": "string", "maxLength": WORDS})
    elif any(isinstance(m, _COPIES) for m in marks):
        schema = _instead(schema, _COPY)
    needed = issubclass(model, Record) and name in model.subjects_of
    return {**schema, "minItems": 1} if needed else schema


def _instead(schema: Any, other: dict[str, Any]) -> Any:
    """Put another schema in the place of each short string."""
    if schema == _SHORT:
        return other
    if isinstance(schema, dict):
        return {k: _instead(v, other) for k, v in schema.items()}
    return [_instead(v, other) for v in schema] if isinstance(schema, list) else schema


def _type(where: str, annotation: Any, shape: Shape, around: tuple[type, ...]) -> dict[str, Any]:
    found = options(annotation)
    if len(around) > DEEPEST or where.count("[") > DEEPEST:
        raise _unsupported(where, annotation, "it holds itself, so that the schema has no end")
    if not found:
        raise _unsupported(where, annotation, "its only value is null")
    schemas: list[dict[str, Any]] = []
    for option in found:
        schemas += [s for s in _option(where, option, shape, around) if s not in schemas]
    if nullable(annotation):
        schemas = [*(s for s in schemas if s != _NULL), _NULL]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _option(where: str, option: Any, shape: Shape, around: tuple[type, ...]) -> list[dict[str, Any]]:
    brief = shape == "brief"
    if listed := choices(option):
        return _closed_list(where, option, listed)
    if is_list(option):
        items = _type(f"{where}[]", _item_of(where, option), shape, around)
        array: dict[str, Any] = {"type": "array", "items": items}
        return [array | {"maxItems": MAX_ITEMS} if brief else array]
    if option in _JSON_TYPES:
        return [_SHORT if brief and option is str else {"type": _JSON_TYPES[option]}]
    if not is_model(option):
        return [_scalar(where, option)]
    if option is Evidence:
        return [{"type": "integer"}]
    if brief and issubclass(option, (Actor, Place)):
        return [_COPY]
    if option in around:
        raise _unsupported(where, option, "it holds itself, so that the schema has no end")
    if not option.model_fields:
        raise _unsupported(where, option, "it has no fields")
    return [_object(option, shape, where, around)]


def _closed_list(where: str, annotation: Any, values: Iterable[Any]) -> list[dict[str, Any]]:
    """Return a schema for each type of JSON among the values of a list: providers refuse a list without a type."""
    found: dict[str, list[Any]] = {}
    for value in values:
        kind = next((name for kind, name in _JSON_TYPES.items() if isinstance(value, kind)), None)
        if kind is None:
            raise _unsupported(where, annotation, f"its value {value!r} is no string, number or truth value")
        found.setdefault(kind, []).append(value)
    return [_NULL if kind == "null" else {"type": kind, "enum": listed} for kind, listed in found.items()]


def _item_of(where: str, annotation: Any) -> Any:
    args = [a for a in typing.get_args(annotation) if a is not Ellipsis]
    if not args:
        raise _unsupported(where, annotation, "it doesn't say what its items are")
    if len(set(args)) > 1:
        raise _unsupported(where, annotation, "its items differ by position; give them names in a Pydantic model")
    return args[0]


def _scalar(where: str, annotation: Any) -> dict[str, Any]:
    """Return the schema of what Pydantic reads from one value of JSON: dates, addresses, constrained types."""
    if annotation is Decimal:
        return {"type": "number"}
    if why := _why_not(annotation):
        raise _unsupported(where, annotation, why)
    try:
        kind = TypeAdapter(annotation).json_schema().get("type")
    except (PydanticUserError, TypeError, ValueError) as error:
        raise _unsupported(where, annotation, "Pydantic has no JSON Schema for it") from error
    if kind not in _JSON_TYPES.values() or kind == "null":
        what = {"object": "an object", "array": "a list"}.get(str(kind), "of several kinds")
        raise _unsupported(where, annotation, f"its JSON is {what}, not one value")
    return {"type": kind}


def _why_not(annotation: Any) -> str:
    if annotation in (Any, object):
        return "any answer would fit"
    if annotation is bytes:
        return "JSON has no bytes"
    if isinstance(annotation, typing.TypeVar):
        return "it is a placeholder; fill it in"
    origin = typing.get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, dict):
        return "a strict schema needs every key by name; a list of a small Pydantic model says the same"
    return ""


def _unsupported(where: str, annotation: Any, why: str) -> ConfigurationError:
    plain = isinstance(annotation, type) and not typing.get_args(annotation)
    name = annotation.__name__ if plain else str(annotation).replace("typing.", "")
    return ConfigurationError(
        f"the field {where} has the type {name}, which a model can't be asked for: {why}",
        hint="use str, int, float, bool, Literal, an Enum, a date, a Pydantic model, or a list or optional of these",
    )
