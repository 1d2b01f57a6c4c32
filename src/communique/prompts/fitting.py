"""One item of an answer becomes a record of its type.

What says nothing is left out; what can't be read is left out and told.

Which words say nothing depends on the type: `unknown` may be a choice of a closed list, and Null may be somebody's
name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from communique.prompts.wire import wire_key
from communique.schemas import Check, Record, computed_fields
from communique.schemas.annotation import choices, is_list, is_model, item_type, nullable, options, part_of

NOTHING = frozenset({"", "null", "none", "n/a", "unknown"})
MOST = 50
"""Values that are left out of one record at most, because they can't be read."""

UNCLEAR = "unclear"
"""The value of a closed list that says nothing."""
_LONGEST = 80
_JSON_TYPES = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    type(None): "null",
}


def says_nothing(value: Any) -> bool:
    """Tell whether a value is null, blank or a word such as "none"."""
    return value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)


def fitted(kind: type[Record], item: Any, text: str = "") -> Record | str:
    """Return the record that an item is, or what is wrong with it.

    What was left out of the record is told by its checks: a key that was not asked
    for, and the value of an optional field, or the item of a list, that doesn't have the type of its field.

    Args:
        kind: The record type.
        item: What was said.
        text: The article. A word such as "Null" is a name where it stands there so.
    """
    if not isinstance(item, dict):
        return f"record: a record is an object, not {_JSON_TYPES.get(type(item), type(item).__name__)}"
    reading, told = _Reading(text), ""
    said, _ = reading.part(kind, item, "")
    for _ in range(MOST):
        try:
            record = kind.model_validate_json(json.dumps(said), by_alias=True, by_name=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            told = ".".join(str(p) for p in first["loc"]) + f": {first['msg']}"
            if not reading.leave_out(kind, said, first["loc"], first["msg"]):
                return told
        except Exception as error:  # noqa: BLE001 - a validator of a stranger's type must not break a run
            return f"{kind.plural}: {type(error).__name__}: {error}"
        else:
            return record.model_copy(update={"checks": tuple(reading.notes)}) if reading.notes else record
    return told


class _Reading:
    """One item being read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.notes: list[Check] = []

    def part(self, model: type[BaseModel], said: Mapping[str, Any], path: str) -> tuple[dict[str, Any], bool]:
        """Return what is said of each field, by its name, and whether a required field says nothing."""
        kept: dict[str, Any] = {}
        lost = False
        for key, value in said.items():
            name = name_of(model, key)
            if name is None:
                if not says_nothing(value):
                    self._note(f"{path}{key[:_LONGEST]}", "not_asked_for", f"said {_shown(value)}")
                continue
            if name in kept or name in computed_fields(model):
                continue
            info = model.model_fields[name]
            stated = self._value(info.annotation, value, f"{path}{name}")
            if stated is not None or (info.is_required() and nullable(info.annotation)):
                kept[name] = stated
            else:
                lost = lost or info.is_required()
        return kept, lost

    def _value(self, annotation: Any, value: Any, path: str) -> Any:
        """Return what is said, or None where that is nothing."""
        found = list(options(annotation))
        if says_nothing(value):
            return self._meant(value, found)
        lists = [option for option in found if is_list(option)]
        if lists and len(lists) == len(found) and not isinstance(value, list):
            value = [value]
        if isinstance(value, list) and len(lists) == 1:
            items: list[Any] = []
            for item in value:
                stated = self._value(item_type(lists[0]), item, f"{path}[{len(items)}]")
                items += [] if stated is None else [stated]
            return items
        model = part_of(annotation)
        if isinstance(value, dict) and model is not None:
            kept, lost = self.part(model, value, f"{path}.")
            if lost and kept:
                return value  # a nameless one of whom something is told: the checks decide
            return None if lost or (value and not kept) else kept
        return value

    def _meant(self, value: Any, found: list[Any]) -> Any:
        """Return the choice or the name that a word for nothing is, or None."""
        if value is None:
            return None
        word = value.strip()
        listed = [c for option in found for c in choices(option) if isinstance(c, str)]
        if word in listed:
            return word
        for choice in listed:
            if choice.lower() == word.lower():
                return choice
        named = word != word.lower() and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self._text)
        return word if named and any(option is str or is_model(option) for option in found) else None

    def leave_out(self, kind: type[BaseModel], said: Any, where: tuple[int | str, ...], why: str) -> bool:
        """Take out the innermost value around a fault that may be missing. False if there is none."""
        model: type[BaseModel] | None = kind
        annotation: Any = None
        path = ""
        droppable: tuple[Any, Any, str, bool] | None = None
        for step in where:
            if isinstance(said, dict) and model is not None:
                name = name_of(model, str(step))
                if name is None or name not in said:
                    continue
                annotation = model.model_fields[name].annotation
                path = f"{path}.{name}" if path else name
                required = model.model_fields[name].is_required()
                if not required or any(UNCLEAR in choices(option) for option in options(annotation)):
                    droppable = (said, name, path, required)
                said, model = said[name], part_of(annotation)
            elif isinstance(said, list) and isinstance(step, int) and step < len(said):
                path = f"{path}[{step}]"
                droppable = (said, step, path, False)
                inner = [o for o in options(annotation) if is_list(o)]
                annotation = item_type(inner[0]) if inner else Any
                said, model = said[step], part_of(annotation)
        if droppable is None:
            return False
        holder, key, path, required = droppable
        self._note(path, "unreadable", f"{_shown(holder.pop(key))} can't be read: {why}")
        if required:
            holder[key] = UNCLEAR
        return True

    def _note(self, path: str, reason: str, detail: str) -> None:
        self.notes.append(Check(field=path, outcome="unsupported", reason=reason, detail=detail, change="left_out"))


def name_of(model: type[BaseModel], key: str) -> str | None:
    """Return the field that a key means: its name, its key on the wire, or an alias; None if there is no such field."""
    if key in model.model_fields:
        return key
    for name, info in model.model_fields.items():
        alias = info.validation_alias
        aliases = alias.choices if isinstance(alias, AliasChoices) else [alias]
        if key in (wire_key(name), info.alias, *aliases):
            return name
    return None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
