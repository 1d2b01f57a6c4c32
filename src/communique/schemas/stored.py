"""Records as JSON has them, and back: each field under its own name, whatever aliases it has; lines of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from communique.schemas.annotation import is_list, item_type, options, part_of
from communique.schemas.lean import complete_record
from communique.schemas.record import Record

_BREAKS = re.compile("[\u2028\u2029\x85]")
_ESCAPES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
"""Valid inside JSON, yet a new line to `str.splitlines` and to JavaScript before 2019."""

_NUMBERS = re.compile(r"\[\n\s+(-?[\d.e+-]+(?:,\n\s+-?[\d.e+-]+)*)\n\s+\]")
"""A list of numbers on several lines; a line end never stands inside a string of JSON."""

R = TypeVar("R", bound=Record)


def dumped(record: Record, **options: Any) -> dict[str, Any]:
    """Return a record as JSON has it, each field under its own name, whatever aliases it has.

    Args:
        record: The record.
        options: As `model_dump` takes them.
    """
    return record.model_dump(mode="json", by_alias=False, **options)


def json_line(value: Any) -> str:
    """Return a value as one line of JSON without the newline: UTF-8 text, no character that ends a line elsewhere.

    Lone surrogates are escaped, so that the line can always be encoded and nothing is lost.
    """
    line = on_one_line(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return line


def on_one_line(text: str) -> str:
    """Return JSON without characters that end a line elsewhere."""
    # str.translate looks at each character in Python; these are rare.
    return text.translate(_ESCAPES) if _BREAKS.search(text) else text


def json_text(value: Any, indent: int) -> str:
    """Return a value as indented JSON for people; a list of numbers, such as a pair of offsets, keeps its line."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _NUMBERS.sub(lambda found: f"[{', '.join(found[1].replace(',', ' ').split())}]", text)


def loaded(kind: type[R], data: Mapping[str, Any]) -> R:
    """Return the record that JSON holds, complete or lean; computed fields, which `dumped` wrote, are computed anew.

    Raises:
        pydantic.ValidationError: It is none of this type.
    """
    return kind.model_validate_json(json.dumps(_given(kind, complete_record(data))), by_alias=True, by_name=True)


def _given(kind: type[BaseModel], data: Any) -> Any:
    if not isinstance(data, Mapping):
        return data
    kept = {}
    for key, value in data.items():
        info = kind.model_fields.get(key)
        if info is None and key in kind.model_computed_fields:
            continue
        kept[key] = value if info is None else _listed(info.annotation, value)
    return kept


def _listed(annotation: Any, values: Any) -> Any:
    if not isinstance(values, list):
        part = part_of(annotation)
        return values if part is None else _given(part, values)
    inner = next((item_type(option) for option in options(annotation) if is_list(option)), Any)
    return [_listed(inner, value) for value in values]
