"""Records as JSON has them, and back: each field under its own name, whatever aliases it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from communique.schemas.annotation import is_list, item_type, options, part_of
from communique.schemas.record import Record

R = TypeVar("R", bound=Record)


def dumped(record: Record, **options: Any) -> dict[str, Any]:
    """Return a record as JSON has it, each field under its own name, whatever aliases it has.

    Args:
        record: The record.
        options: As `model_dump` takes them.
    """
    return record.model_dump(mode="json", by_alias=False, **options)


def loaded(kind: type[R], data: Mapping[str, Any]) -> R:
    """Return the record that JSON holds; computed fields, which `dumped` wrote, are computed anew.

    Raises:
        pydantic.ValidationError: It is none of this type.
    """
    return kind.model_validate_json(json.dumps(_given(kind, data)), by_alias=True, by_name=True)


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
