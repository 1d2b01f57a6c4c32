"""The wire schema: what a model may answer, as strict JSON Schema. `answer.py` turns the answer into a `Summary`.

Two shapes. `full`: lists of whole records, evidence (sentence numbers) first; static, so that a provider can cache it.
`brief`: what one sentence states, each kind of record or null, actors as bare names; for small models, whose grammar is
compiled locally. Evidence is then the sentence that was asked about: it can't be misquoted or over-cited.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from communique.prompts.field_types import item_of, scalar_schema, unsupported
from communique.schemas import Actor, Column, Computed, Place, Quoted, Record, Worded, field_markers
from communique.schemas.annotation import scalars
from communique.schemas.record import snake

Shape = Literal["full", "brief"]

MAX_ITEMS = 6
NAME, WORDS = 80, 240
"""Longest strings in the brief shape, code points: names, and copied words."""
DENIED_BY = "denied_by"
"""In the brief shape, the names of those who deny stand for a record's `responses`."""

_SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}


def full_schema(record_types: Sequence[type[Record]]) -> dict[str, Any]:
    """Return the strict JSON Schema of a full answer; the same for every document.

    Raises:
        ConfigurationError: A field has a type that a model can't be asked for.
    """
    return _closed({k.plural: {"type": "array", "items": _object(k, "full")} for k in record_types})


def brief_schema(record_types: Sequence[type[Record]]) -> dict[str, Any]:
    """Return the strict JSON Schema of what one sentence states.

    Raises:
        ConfigurationError: A field has a type that a model can't be asked for.
    """
    return _closed({singular(k): {"anyOf": [{"type": "null"}, _object(k, "brief")]} for k in record_types})


def wire_key(name: str) -> str:
    """Return the key that a field is asked for by: its name."""
    return name


def singular(kind: type[Record]) -> str:
    """Return the key of one record of this type: `SanctionsConcern` gives `sanctions_concern`."""
    return snake(kind.__name__)


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def wire_fields(model: type[BaseModel], shape: Shape) -> list[tuple[str, FieldInfo]]:
    """Return the fields that a model is asked for; in the full shape evidence first, in the brief one none."""
    fields = {
        name: info
        for name, info in model.model_fields.items()
        if not any(isinstance(m, Computed) for m in field_markers(model, name))
    }
    if shape == "full":
        return sorted(fields.items(), key=lambda f: f[0] != "evidence")
    wanted = (
        model.essential if issubclass(model, Record) and model.essential else _asked_briefly(model, fields)
    )
    return [
        (name, fields["responses" if name == DENIED_BY else name]) for name in wanted if name != "evidence"
    ]


def _asked_briefly(model: type[BaseModel], fields: Mapping[str, FieldInfo]) -> tuple[str, ...]:
    """Leave out what the model would word itself: in the brief shape the sentence stands there (see `parse_brief`)."""
    own = [n for n in fields if not any(isinstance(m, Worded) for m in field_markers(model, n))]
    return tuple(own) if set(own) - {"evidence"} else tuple(fields)


def _object(model: type[BaseModel], shape: Shape, inside: str = "") -> dict[str, Any]:
    properties: dict[str, Any] = {}
    wanted = [name for name, _ in wire_fields(model, shape)]
    if shape == "brief" and issubclass(model, Record) and model.essential:
        wanted = list(model.essential)
    for name, (_, info) in zip(wanted, wire_fields(model, shape), strict=True):
        if name == DENIED_BY and shape == "brief":
            properties[name] = {"type": "array", "items": _short(), "maxItems": MAX_ITEMS}
            continue
        schema = _type(f"{inside}.{model.__name__}.{name}".lstrip("."), info.annotation, shape)
        if shape == "brief" and _copies_words(model, name):
            schema = _longer(schema)
        if shape == "full" and info.description:
            schema = {"description": info.description, **schema}
        if shape == "brief" and issubclass(model, Record) and name in model.subjects_of:
            schema["minItems"] = 1
        properties[name] = schema
    return _closed(properties)


def _short() -> dict[str, Any]:
    return {"type": "string", "maxLength": NAME}


def _copies_words(model: type[BaseModel], name: str) -> bool:
    texts = all(value is str for value in scalars(model.model_fields[name].annotation))
    return texts and all(isinstance(m, (Quoted, Column)) for m in field_markers(model, name))


def _longer(schema: Any) -> Any:
    """Give strings room for copied words instead of a name."""
    if isinstance(schema, dict):
        return {k: WORDS if (k, v) == ("maxLength", NAME) else _longer(v) for k, v in schema.items()}
    return [_longer(v) for v in schema] if isinstance(schema, list) else schema


def _type(where: str, annotation: Any, shape: Shape) -> dict[str, Any]:
    origin = typing.get_origin(annotation)
    args = typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(where, args[0], shape)
    if origin is Literal:
        return (
            {"type": "string", "enum": list(args)}
            if all(isinstance(a, str) for a in args)
            else {"enum": [a.value if isinstance(a, Enum) else a for a in args]}
        )
    if origin in (typing.Union, types.UnionType):
        inner = [_type(where, a, shape) for a in args if a is not type(None)]
        return {"anyOf": [*inner, {"type": "null"}]} if type(None) in args else {"anyOf": inner}
    if origin in (list, tuple, set, frozenset):
        array: dict[str, Any] = {"type": "array", "items": _type(where, item_of(where, annotation), shape)}
        return array | {"maxItems": MAX_ITEMS} if shape == "brief" else array
    if annotation in _SCALARS:
        return _short() if shape == "brief" and annotation is str else dict(_SCALARS[annotation])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _part(where, annotation, shape)
    return scalar_schema(where, annotation)


def _part(where: str, annotation: type[BaseModel], shape: Shape) -> dict[str, Any]:
    if annotation.__name__ == "Evidence":
        return {"type": "integer"}
    if shape == "brief" and issubclass(annotation, (Actor, Place)):
        return _short()
    if annotation.__name__ in where.split(".")[:-1]:
        raise unsupported(where, annotation, "it holds itself, so that the schema has no end")
    if not annotation.model_fields:
        raise unsupported(where, annotation, "it has no fields")
    return _object(annotation, shape, where)
