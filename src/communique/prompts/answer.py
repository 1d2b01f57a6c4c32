"""An answer becomes a draft: nothing that a model said is lost on the way.

What has no place is kept aside with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from communique.prompts.fitting import fitted, says_nothing
from communique.prompts.wire import DENIED_BY, singular, wire_key
from communique.schemas import Record, Summary, Worded, field_markers

Items = dict[str, list[Any]]
"""What was said, by key as it was said; an item may be anything that JSON holds."""

ANSWER = "answer"
"""Kind of what stands under no key that was asked for. A closed word: metrics and tables count by it."""

_LONGEST_KEY = 60


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
    return [item for item in (value if isinstance(value, list) else [value]) if not says_nothing(item)]


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
    unparsed += _astray(data, [kind.plural for kind in record_types])
    return Summary(records=records, unparsed=tuple(unparsed))


def _astray(data: Mapping[str, Any], asked: Sequence[str]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield what stands under keys that were not asked for, a key each."""
    for key, value in data.items():
        items = listed(value)
        if key in asked or not items:
            continue
        shown = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
        yield ANSWER, {key: items}, f"{ANSWER}: {shown!r} was not asked for; asked for: {', '.join(asked)}"


def parse_brief(data: Mapping[str, Any], record_types: Sequence[type[Record]], number: int, text: str) -> Items:
    """Turn what one sentence states into items of a full answer.

    The sentence becomes the evidence, and stands, copied, where a record asks for a sentence in the model's own words:
    a small model's paraphrase is its weakest field (docs/design/0007-accuracy.md).
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
    item: dict[str, Any] = {"evidence": [number]}
    for name, value in said.items():  # a small model fills its lists with what it has said before
        item[name] = [v for i, v in enumerate(value) if v not in value[:i]] if isinstance(value, list) else value
    if "responses" in kind.model_fields and (deniers := item.pop(DENIED_BY, None)):
        item["responses"] = [*listed(item.get("responses")), {"type": "denial", "responders": deniers}]
    for name in kind.model_fields:
        if name not in item and any(isinstance(m, Worded) for m in field_markers(kind, name)):
            item[name] = text
    return item
