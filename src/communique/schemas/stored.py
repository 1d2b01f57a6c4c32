"""Records as JSON has them, and back, from version 1 too: each field under its own name, whatever aliases it has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, RootModel

from communique.schemas.annotation import LISTS, holds_set, is_list, item_type, options, ordered, part_of
from communique.schemas.lean import OF_SUMMARY, complete_record
from communique.schemas.record import Evidence, Record

_BREAKS = re.compile("[\u2028\u2029\x85]")
_ESCAPES = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
"""Valid inside JSON, yet a new line to `str.splitlines` and to JavaScript before 2019."""

_NUMBERS = re.compile(r"\[\n\s+(-?[\d.e+-]+(?:,\n\s+-?[\d.e+-]+)*)\n\s+\]")
"""A list of numbers on several lines; a line end never stands inside a string of JSON."""

R = TypeVar("R", bound=Record)


def dumped(part: BaseModel, **options: Any) -> dict[str, Any]:
    """Return a record or a part of one as JSON has it: each field under its own name, each set in the order of `ordered`.

    The options are those of `model_dump`.
    """
    found: dict[str, Any] = part.model_dump(mode="json", by_alias=False, **options)
    return _in_order(part, found) if holds_set(type(part)) else found


def _in_order(value: Any, found: Any) -> Any:
    """Return what JSON has of a value with the items of its sets in order."""
    if isinstance(value, RootModel):
        return _in_order(value.root, found)
    if isinstance(value, BaseModel) and isinstance(found, dict):
        return {name: _in_order(getattr(value, name, None), item) for name, item in found.items()}
    if not (isinstance(value, LISTS) and isinstance(found, list) and len(value) == len(found)):
        return found  # also what a serializer of its own made
    pairs = zip(value, found, strict=True)
    if isinstance(value, (set, frozenset)):
        told = dict(pairs)
        return [_in_order(item, told[item]) for item in ordered(value)]
    return [_in_order(item, one) for item, one in pairs]


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


def loaded(kind: type[R], data: Any, sentences: Mapping[int, Any] | None = None) -> R:
    """Return the record of that type that JSON holds, complete or lean; computed fields, which `dumped` wrote, are made anew.

    `sentences` are, by number, those of the result that a lean record points to.

    Raises:
        pydantic.ValidationError: It is none of this type.
    """
    given = complete_record(_given(kind, data, sentences or {}))
    return kind.model_validate_json(json.dumps(given), by_alias=True, by_name=True)


def _given(annotation: Any, value: Any, sentences: Mapping[int, Any]) -> Any:
    """Return a value as its type reads it: no computed fields, sentences for their numbers; None is a type not at hand."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        inner = next((item_type(o) for o in options(annotation) if is_list(o)), annotation and Any)
        return [_given(inner, item, sentences) for item in value]
    part = part_of(annotation)
    if part is Evidence and type(value) is int:
        return sentences.get(value, value)
    if not isinstance(value, Mapping) or (part is None and annotation is not None):
        return value
    fields, computed = (part.model_fields, part.model_computed_fields) if part else ({}, {})
    found = {}
    for key, item in value.items():
        if key in fields:
            found[key] = _given(fields[key].annotation, item, sentences)
        elif key not in computed:
            found[key] = _given(list[Evidence] if key == "evidence" else None, item, sentences)
    return found


class AnyRecord(Record):
    """A record whose type is not at hand: every field is kept."""

    model_config = ConfigDict(extra="allow", frozen=True)
    _headline: str = PrivateAttr("")

    @property
    def headline(self) -> str:
        """The sentence that its type made, as the file has it; without one, the sentence that states the record."""
        return self._headline or (self.evidence[0].exact if self.evidence else "")

    @classmethod
    def kept(cls, data: dict[str, Any], sentences: Mapping[int, Any]) -> AnyRecord:
        """Return the record that JSON holds, with its headline."""
        record = loaded(cls, data, sentences)
        record._headline = str(data.get("headline") or "")  # noqa: SLF001 - its own
        return record


def from_version_1(data: dict[str, Any]) -> dict[str, Any]:
    """Return a result of schema version 1 in the form of version 2. The object that is given stays as it is.

    In version 1 every check was listed, and `verified` said only that code found the words: it becomes `supported`, since
    no judge had seen it; passed checks are left out, since version 2 lists only what speaks against a field; second
    opinions are left out, since their questions were others. What has another form than version 1 gave it stays as it
    is, for the validation of version 2 to say so.
    """
    groups = {"rejections": [], **{k: v for k, v in data.items() if k not in OF_SUMMARY or k == "rejections"}}
    newer = {k: [_newer(item) for item in v] if isinstance(v, list) else v for k, v in groups.items()}
    return {**data, **newer, "schema_version": "2.0"}


def _newer(item: Any) -> Any:
    """Return a record or a rejection of version 1 in the form of version 2."""
    if not isinstance(item, dict):
        return item
    found = {"checks": [], **{key: value for key, value in item.items() if key != "opinions"}}
    if found.get("verdict") == "verified":
        found["verdict"] = "supported"
    if isinstance(found["checks"], list):
        found["checks"] = [c for c in map(_newer_check, found["checks"]) if c is not None]
    return found


def _newer_check(check: Any) -> Any:
    outcome = str(check.get("outcome")) if isinstance(check, dict) else ""
    if outcome == "passed":
        return None
    change = {"flagged": "kept", "failed": "left_out"}.get(outcome)
    return {**check, "outcome": "unsupported", "severity": "flag", "change": change} if change else check
