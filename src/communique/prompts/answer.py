"""An answer becomes a draft: nothing that a model said is lost on the way; what has no place is kept aside with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from communique.prompts.wire import DENIED_BY, singular
from communique.schemas import Computed, Record, Summary, Worded, field_markers

Items = dict[str, list[Any]]
"""What was said, by key as it was said; an item may be anything that JSON holds."""

ANSWER = "answer"
"""Kind of what stands under no key that was asked for. A closed word: metrics and tables count by it."""

_NOTHING = frozenset({"", "null", "none", "n/a", "unknown"})
_LONGEST_KEY = 60
_JSON_TYPES = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    type(None): "null",
}


def items_of(data: Any) -> Items:
    """Return what an answer holds, by key: a lone item is a list of one, and what says "nothing" is left out."""
    if not isinstance(data, Mapping):
        return {ANSWER: listed(data)} if listed(data) else {}
    return {str(key): items for key, value in data.items() if (items := listed(value))}


def listed(value: Any) -> list[Any]:
    """Return the items under a key; none for null, an empty object and words such as "none"."""
    if value is False or value == {}:
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if not _says_nothing(item)]


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def parse_answer(data: Mapping[str, Any], record_types: Sequence[type[Record]]) -> Summary:
    """Turn an answer into a draft. What doesn't have the shape of its record type is kept aside with the reason."""
    records: dict[str, tuple[Record, ...]] = {}
    unparsed: list[tuple[str, dict[str, Any], str]] = []
    for kind in record_types:
        found: list[Record] = []
        for item in listed(data.get(kind.plural)):
            record = _record(kind, item)
            if isinstance(record, str):
                unparsed.append((kind.plural, item if isinstance(item, dict) else {"value": item}, record))
            else:
                found.append(record)
        records[kind.plural] = tuple(found)
    unparsed += _astray(data, [kind.plural for kind in record_types])
    return Summary(records=records, unparsed=tuple(unparsed))


def _record(kind: type[Record], item: Any) -> Record | str:
    """Return the record that an item is, or what is wrong with it."""
    if not isinstance(item, dict):
        return f"record: a record is an object, not {_JSON_TYPES.get(type(item), type(item).__name__)}"
    try:
        return kind.model_validate(_pruned(kind, item))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(p) for p in first["loc"])
        return f"{where}: {first['msg']}"
    except Exception as error:  # noqa: BLE001 - a validator of a stranger's type must not break a run
        return f"{kind.plural}: {type(error).__name__}: {error}"


def _astray(data: Mapping[str, Any], asked: Sequence[str]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield what stands under keys that were not asked for, a key each."""
    for key, value in data.items():
        items = listed(value)
        if key in asked or not items:
            continue
        shown = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
        yield ANSWER, {key: items}, f"{ANSWER}: {shown!r} was not asked for; asked for: {', '.join(asked)}"


def parse_brief(
    data: Mapping[str, Any], record_types: Sequence[type[Record]], number: int, text: str
) -> Items:
    """Turn what one sentence states into items of a full answer.

    The sentence becomes the evidence, and stands, copied, where a record asks for a sentence in the model's own words: a
    small model's paraphrase is its weakest field (docs/design/0007-accuracy.md).

    Args:
        data: The answer.
        record_types: What was asked for.
        number: Number of the sentence.
        text: The sentence.
    """
    said = items_of(data)
    found: Items = {}
    for kind in record_types:
        for item in said.pop(singular(kind), ()):
            whole = _whole(kind, item, number, text) if isinstance(item, dict) else item
            found.setdefault(kind.plural, []).append(whole)
    for key, items in said.items():
        found.setdefault(key, []).extend(items)
    return found


def _whole(kind: type[Record], said: Mapping[str, Any], number: int, text: str) -> dict[str, Any]:
    item = {"evidence": [number], **said}
    if "responses" in kind.model_fields and (deniers := item.pop(DENIED_BY, None)):
        item["responses"] = [*listed(item.get("responses")), {"type": "denial", "responders": deniers}]
    for name in kind.model_fields:
        if name not in item and any(isinstance(m, Worded) for m in field_markers(kind, name)):
            item[name] = text
    return item


def _stated(items: list[Any]) -> list[Any]:
    return [v for v in items if v is not None and not (isinstance(v, str) and not v.strip())]


def _pruned(model: type[Record], said: Mapping[str, Any]) -> dict[str, Any]:
    """Drop nulls and blanks that mean "not stated", and computed fields, which code sets whatever a model says."""
    kept: dict[str, Any] = {}
    for key, value in said.items():
        if value is None or key not in model.model_fields:
            if value is not None and key not in model.model_fields:
                kept[key] = value  # an unknown field is an error for the author to see, not to swallow
            continue
        if any(isinstance(m, Computed) for m in field_markers(model, key)):
            continue
        if isinstance(value, str) and _says_nothing(value):
            continue
        kept[key] = _stated(value) if isinstance(value, list) else value
    return kept
