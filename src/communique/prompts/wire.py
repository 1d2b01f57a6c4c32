"""The wire schema: what a model may answer, as strict JSON Schema. `answer.py` turns the answer into a `Summary`.

Two shapes. `full`: lists of whole records, evidence (sentence numbers) first; static, so that a provider can cache it.
`brief`: what one sentence states, each kind of record or null, actors as bare names; for small models, whose grammar is
compiled locally. Evidence is then the sentence that was asked about: it can't be misquoted or over-cited.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from communique.errors import ConfigurationError
from communique.prompts.field_types import JSON_TYPES, closed_lists, item_of, scalar_schema, unsupported
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
_COPY = {"$ref": f"#/$defs/{COPIED}"}
DENIED_BY = "denied_by"
"""In the brief shape, the names of those who deny stand for a record's `responses`."""

_TAKEN_KEY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})
_NULL = {"type": "null"}
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
    if isinstance(schema, list):
        for part in schema:
            _say_once(part, told)
    elif isinstance(schema, dict):
        for name, part in schema.get("properties", {}).items():
            said = (name, part.get("description", ""))
            if said in told:
                del part["description"]
            elif said[1]:
                told.add(said)
        for part in schema.values():
            _say_once(part, told)


def brief_schema(record_types: Sequence[type[Record]], sure: Sequence[type[Record]] = ()) -> dict[str, Any]:
    """Return the strict JSON Schema of what one sentence states.

    Args:
        record_types: What is asked for.
        sure: Those of them for which null is no answer.

    Raises:
        ConfigurationError: A field has a type that a model can't be asked for.
    """
    objects = {k: _object(k, "brief") for k in record_types}
    schema = _closed({singular(k): o if k in sure else {"anyOf": [_NULL, o]} for k, o in objects.items()})
    return {**schema, "$defs": {COPIED: _short()}}


def wire_key(name: str) -> str:
    """Return the key that a field or a list of records is asked for by: its name, or its nearest in letters that providers take.

    Anthropic and Amazon refuse what is not of letters a to z, digits, `_`, `.` and `-`. "" where nothing is near
    enough.
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
    key = wire_key(name)
    if not key:
        raise ConfigurationError(
            f"{kind.__name__} can't be asked for as {name!r}: some providers take keys of the letters a to z, digits"
            " and _ only",
            hint="rename the class, and set `plural`",
        )
    return key


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
        fields = {n: i for n, i in fields.items() if not any(isinstance(m, Brief) for m in field_markers(model, n))}
        return sorted(fields.items(), key=lambda f: f[0] != "evidence")
    wanted: Iterable[str] = model.essential if issubclass(model, Record) else ()
    if not wanted:  # without what the model would word itself: the sentence stands there (see `parse_brief`)
        own = [n for n in fields if not any(isinstance(m, Worded) for m in field_markers(model, n))]
        wanted = own if set(own) - {"evidence"} else fields
    return [(name, fields["responses" if name == DENIED_BY else name]) for name in wanted if name != "evidence"]


def _object(model: type[BaseModel], shape: Shape, inside: str = "", around: tuple[type, ...] = ()) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    brief = shape == "brief"
    for name, info in wire_fields(model, shape):
        if name == DENIED_BY and brief:
            properties[name] = {"type": "array", "items": _COPY, "maxItems": MAX_ITEMS}
            continue
        where = f"{inside}.{model.__name__}.{name}".lstrip(".")
        schema = _type(where, info.annotation, shape, (*around, model))
        marks = field_markers(model, name)
        if brief and (few := [v for m in marks if isinstance(m, Choice) for v in m.brief]):
            schema = {**schema, "enum": few}  # a small model chooses among these
        texts = all(value is str for value in scalars(info.annotation))
        if brief and texts and all(isinstance(m, (Quoted, Column)) for m in marks):
            schema = _instead(schema, {"type": "string", "maxLength": WORDS})
        elif brief and any(isinstance(m, _COPIES) for m in marks):
            schema = _instead(schema, _COPY)
        if not brief and info.description:
            schema = {"description": info.description, **schema}
        if brief and issubclass(model, Record) and name in model.subjects_of:
            schema["minItems"] = 1
        key = wire_key(name)
        if not key or key in properties:
            raise ConfigurationError(
                f"the field {where} can't be asked for: some providers take keys of the letters a to z, digits and _"
                " only",
                hint="give the field a name of these, and its own as an alias",
            )
        properties[key] = schema
    return _closed(properties)


def _short() -> dict[str, Any]:
    return {"type": "string", "maxLength": NAME}


def _instead(schema: Any, other: dict[str, Any]) -> Any:
    """Put another schema in the place of each short string."""
    if schema == _short():
        return other
    if isinstance(schema, dict):
        return {k: _instead(v, other) for k, v in schema.items()}
    return [_instead(v, other) for v in schema] if isinstance(schema, list) else schema


def _type(where: str, annotation: Any, shape: Shape, around: tuple[type, ...]) -> dict[str, Any]:
    found = options(annotation)
    if len(around) > DEEPEST or where.count("[") > DEEPEST:
        raise unsupported(where, annotation, "it holds itself, so that the schema has no end")
    if not found:
        raise unsupported(where, annotation, "its only value is null")
    schemas: list[dict[str, Any]] = []
    for option in found:
        schemas += [s for s in _option(where, option, shape, around) if s not in schemas]
    if nullable(annotation):
        schemas = [*(s for s in schemas if s != _NULL), _NULL]
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _option(where: str, option: Any, shape: Shape, around: tuple[type, ...]) -> list[dict[str, Any]]:
    if listed := choices(option):
        return closed_lists(where, option, listed)
    if is_list(option):
        items = _type(f"{where}[]", item_of(where, option), shape, around)
        array: dict[str, Any] = {"type": "array", "items": items}
        return [array | {"maxItems": MAX_ITEMS} if shape == "brief" else array]
    if option in JSON_TYPES:
        return [_short() if shape == "brief" and option is str else {"type": JSON_TYPES[option]}]
    if is_model(option):
        return [_part(where, option, shape, around)]
    return [scalar_schema(where, option)]


def _part(where: str, part: type[BaseModel], shape: Shape, around: tuple[type, ...]) -> dict[str, Any]:
    if part is Evidence:
        return {"type": "integer"}
    if shape == "brief" and issubclass(part, (Actor, Place)):
        return _COPY
    if part in around:
        raise unsupported(where, part, "it holds itself, so that the schema has no end")
    if not part.model_fields:
        raise unsupported(where, part, "it has no fields")
    return _object(part, shape, where, around)
