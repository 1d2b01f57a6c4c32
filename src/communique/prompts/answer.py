"""An answer becomes a draft: nothing that a model said is lost on the way. And a judge's answer becomes probabilities.

What says nothing is left out; what can't be read, or has no place, is kept aside with the reason. Which words say nothing
depends on the type: `unknown` may be a choice of a closed list, and Null may be somebody's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeGuard

from pydantic import AliasChoices, BaseModel, ValidationError

from communique.prompts.wire import DENIED_BY, singular, wire_key
from communique.schemas import Check, Record, Summary, Worded, computed_fields, field_markers
from communique.schemas.annotation import choices, is_list, is_model, item_type, nullable, options, part_of

Items = dict[str, list[Any]]
"""What was said, by key as it was said; an item may be anything that JSON holds."""

ANSWER = "answer"
"""Kind of what stands under no key that was asked for. A closed word: metrics and tables count by it."""
NOTHING = frozenset({"", "null", "none", "n/a", "unknown"})
MOST = 50
"""Values that are left out of one record at most, because they can't be read."""
UNCLEAR = "unclear"
"""The value of a closed list that says nothing."""
_LONGEST_KEY, _LONGEST = 60, 80
_JSON_TYPES = {bool: "a truth value", int: "a number", float: "a number", str: "a string", list: "a list"}


def items_of(data: Any, record_types: Sequence[type[Record]] = ()) -> Items:
    """Return what an answer holds, by key: a lone item is a list of one, and what says "nothing" is left out."""
    if not isinstance(data, Mapping):
        return {ANSWER: listed(data)} if listed(data) else {}
    own = {wire_key(kind.plural): kind.plural for kind in record_types}
    return {own.get(key, str(key)): items for key, value in data.items() if (items := listed(value))}


def listed(value: Any) -> list[Any]:
    """Return the items under a key; none for null, an empty object and words such as "none"."""
    if value is False or value == {}:
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if not _says_nothing(item)]


def parse_answer(data: Mapping[str, Any], record_types: Sequence[type[Record]], text: str = "") -> Summary:
    """Turn an answer into a draft. What doesn't have the shape of its record type is kept aside with the reason."""
    records: dict[str, tuple[Record, ...]] = {}
    unparsed: list[tuple[str, dict[str, Any], str]] = []
    for kind in record_types:
        found: list[Record] = []
        for item in listed(data.get(kind.plural)):
            record = fitted(kind, item, text)
            if isinstance(record, str):
                unparsed.append((kind.plural, item if isinstance(item, dict) else {"value": item}, record))
            else:
                found.append(record)
        records[kind.plural] = tuple(found)
    for key, value in data.items():
        if key not in records and (items := listed(value)):
            shown = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
            why = f"{ANSWER}: {shown!r} was not asked for; asked for: {', '.join(records)}"
            unparsed.append((ANSWER, {key: items}, why))
    return Summary(records=records, unparsed=tuple(unparsed))


def parse_brief(data: Mapping[str, Any], record_types: Sequence[type[Record]], number: int, text: str) -> Items:
    """Turn what one sentence states into items of a full answer.

    The sentence becomes the evidence, and stands, copied, where a record asks for a sentence in the model's own words:
    a small model's paraphrase is its weakest field (docs/design/0007-accuracy.md).
    """
    said = items_of(data)
    found: Items = {}
    for kind in record_types:
        items = said.pop(singular(kind), [])
        if items:
            found[kind.plural] = [_whole(kind, i, number, text) if isinstance(i, dict) else i for i in items]
    for key, items in said.items():
        found.setdefault(key, []).extend(items)
    return found


def _whole(kind: type[Record], said: Mapping[str, Any], number: int, text: str) -> dict[str, Any]:
    item: dict[str, Any] = {"evidence": [number]}
    for name, value in said.items():  # a small model fills its lists with what it has said before
        item[name] = [v for i, v in enumerate(value) if v not in value[:i]] if isinstance(value, list) else value
    if "responses" in kind.model_fields and (deniers := item.pop(DENIED_BY, None)):
        item["responses"] = [*listed(item.get("responses")), {"type": "denial", "responders": deniers}]
    for name in kind.model_fields:
        if any(isinstance(m, Worded) for m in field_markers(kind, name)):
            item.setdefault(name, text)
    return item


def read_judgements(data: Any, count: int) -> dict[int, tuple[float, tuple[int, ...]]]:
    """Return probability and sentence numbers by statement, from 1; what can't be used is left out.

    A sentence that is no number is number 0, which no sentence has. Where a statement is number 0, nothing can be used:
    whoever counts from 0 gives each statement the judgement of its neighbour.
    """
    found: dict[int, tuple[float, tuple[int, ...]]] = {}
    given = data.get("judgements") if isinstance(data, Mapping) else None
    for said in given if isinstance(given, list) else ():
        if not isinstance(said, Mapping):
            continue
        number, probability = said.get("statement"), said.get("probability")
        if _is_whole(number) and number == 0:
            return {}
        if _is_whole(number) and 1 <= number <= count and _is_probability(probability):
            cited = said.get("sentences")
            sentences = tuple(n if _is_whole(n) else 0 for n in cited) if isinstance(cited, list) else ()
            found.setdefault(number, (float(probability), sentences))
    return found


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_probability(value: Any) -> TypeGuard[float]:
    return (_is_whole(value) or isinstance(value, float)) and isfinite(value) and 0 <= value <= 1


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)


def fitted(kind: type[Record], item: Any, text: str = "") -> Record | str:
    """Return the record that an item is, or what is wrong with it.

    What was left out of the record is told by its checks: a key that was not asked for, and the value of an optional
    field, or the item of a list, that doesn't have the type of its field. A word such as "Null" is a name where the text
    of the article has it so.
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
            name = _name_of(model, key)
            if name is None and not _says_nothing(value):
                self._note(f"{path}{key[:_LONGEST]}", "not_asked_for", f"said {_shown(value)}")
            if name is None or name in kept or name in computed_fields(model):
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
        found = options(annotation)
        if _says_nothing(value):
            return None if value is None else self._meant(value.strip(), found)
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

    def _meant(self, word: str, found: tuple[Any, ...]) -> Any:
        """Return the choice or the name that a word for nothing is, or None."""
        listed = [c for option in found for c in choices(option) if isinstance(c, str)]
        if same := [choice for choice in listed if choice.lower() == word.lower()]:
            return word if word in same else same[0]
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
                name = _name_of(model, str(step))
                if name is None or name not in said:
                    continue
                annotation = model.model_fields[name].annotation
                path = f"{path}.{name}" if path else name
                required = model.model_fields[name].is_required()
                if not required or any(UNCLEAR in choices(option) for option in options(annotation)):
                    droppable = (said, name, path, required)
                said = said[name]
            elif isinstance(said, list) and isinstance(step, int) and step < len(said):
                path = f"{path}[{step}]"
                droppable = (said, step, path, False)
                inner = [o for o in options(annotation) if is_list(o)]
                annotation = item_type(inner[0]) if inner else Any
                said = said[step]
            else:
                continue
            model = part_of(annotation)
        if droppable is None:
            return False
        holder, key, path, required = droppable
        self._note(path, "unreadable", f"{_shown(holder.pop(key))} can't be read: {why}")
        if required:
            holder[key] = UNCLEAR
        return True

    def _note(self, path: str, reason: str, detail: str) -> None:
        self.notes.append(Check(field=path, outcome="unsupported", reason=reason, detail=detail, change="left_out"))


def _name_of(model: type[BaseModel], key: str) -> str | None:
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
