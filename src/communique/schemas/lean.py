"""The lean form of a result: each record with its headline, what its fields hold, its evidence, and what a person should know.

What it leaves out takes its default when it is read: nulls, empty lists and other values that a field has anyway (but
for those of closed lists), the brief (its sentences are the headlines), notes of the checks, how each value was
found, what the judge was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from communique.schemas.annotation import choices, is_list, is_model, item_type, nullable, options
from communique.schemas.markers import Meanings, field_markers
from communique.schemas.provenance import DocumentInfo, Provenance
from communique.schemas.record import Check, Evidence, Record, Rejection

OF_SUMMARY = ("schema_version", "document", "brief", "sentences", "rejections", "provenance")
"""The keys of a result that hold no records."""

_FIRST = ("headline", "id", "verdict")
_LAST = ("evidence", "support", "checks", "judgements", "derived")
_EMPTY = (list, tuple, set, frozenset, dict, str)

Told = Callable[[Mapping[str, Any]], Any]
"""How a piece of evidence is written: whole, or as the number of a sentence that the result holds once."""


def lean_form(data: Mapping[str, Any], record_types: Iterable[type[Record]]) -> dict[str, Any]:
    """Return the lean form of what `model_dump(mode="json")` gives; a lean one comes out as it is.

    Records of other types than those keep every field of their own.
    """
    kinds = {kind.plural: kind for kind in record_types}
    sentences = {item["sentence"]: item for item in data.get("sentences", ())}

    def told(item: Mapping[str, Any]) -> Any:
        whole = _evidence(item)
        return item["sentence"] if sentences.setdefault(item["sentence"], whole) == whole else whole

    records = {
        key: [_record(item, kinds.get(key, Record), told) for item in value]
        for key, value in data.items()
        if key not in OF_SUMMARY
    }
    return {
        "schema_version": data["schema_version"],
        "document": _filled(DocumentInfo, data["document"]),
        **records,
        "sentences": [sentences[number] for number in sorted(sentences)],
        "rejections": [_rejection(item) for item in data["rejections"]],
        "provenance": _filled(Provenance, data["provenance"]),
    }


def _record(item: Mapping[str, Any], kind: type[Record], told: Told) -> dict[str, Any]:
    kept = _filled(kind, item, told)
    changed = {
        "verdict": item.get("verdict", "draft"),
        "evidence": [told(e) if isinstance(e, Mapping) else e for e in item.get("evidence", ())],
        "support": _support(item.get("support")),
        "checks": _checks(item.get("checks", ())),
        "judgements": _judgements(item.get("judgements")),
    }
    kept = {n: v for n, v in kept.items() if n not in changed}
    kept |= {n: v for n, v in changed.items() if v not in ({}, [], None) or n == "evidence"}
    own = [name for name in kept if name not in {*_FIRST, *_LAST}]
    return {name: kept[name] for name in (*_FIRST, *own, *_LAST) if name in kept}


def _evidence(item: Mapping[str, Any]) -> dict[str, Any]:
    order = ("sentence", "start", "end", "exact", "page")
    return {key: item[key] for key in order if item.get(key) is not None}


def _support(found: Any) -> Any:
    return {s["field"]: [s["start"], s["end"]] for s in found} if isinstance(found, list) else found


def _checks(checks: Any) -> list[dict[str, Any]]:
    """Return what speaks against a field or changed it; of the notes, only what a person decided."""
    told = [
        c
        for c in checks
        if c.get("severity", "note") != "note"
        or c.get("change", "kept") != "kept"
        or str(c.get("reason", "")).endswith("_in_review")
    ]
    return [{k: v for k, v in _filled(Check, c).items() if k != "sentences"} for c in told]


def _judgements(found: Any) -> Any:
    return min((j["probability"] for j in found), default=None) if isinstance(found, list) else found


def _rejection(item: Mapping[str, Any]) -> dict[str, Any]:
    kept = _filled(Rejection, item) | {"checks": _checks(item.get("checks", ()))}
    return {key: value for key, value in kept.items() if value or key != "checks"}


def _filled(kind: type[BaseModel] | None, value: Any, told: Told = _evidence) -> Any:
    """Return a part, or a list of them, without the fields that have their defaults, inside of it, too."""
    if isinstance(value, list):
        return [_filled(kind, item, told) for item in value]
    if kind is None or not isinstance(value, Mapping):
        return value
    if kind is Evidence:
        return told(value)
    known = _defaults(kind)
    return {
        name: _filled(_part_within(kind, name), inner, told)
        for name, inner in value.items()
        if name not in known or inner != known[name] or repr(inner) != repr(known[name])  # 1 is neither true nor 1.0
    }


@lru_cache(maxsize=4096)
def _part_within(kind: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return the one model that a field, or each item of its list, is; where it may be another value, nothing is left out."""
    info = kind.model_fields.get(name)
    found = () if info is None else options(info.annotation)
    if len(found) == 1 and is_list(found[0]):
        inner = item_type(found[0])
        found = options(inner) if not nullable(inner) else ()
    return found[0] if len(found) == 1 and is_model(found[0]) else None


@lru_cache(maxsize=1024)
def _defaults(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the defaults that may be left out as JSON has them: a value of a closed list says something, and stays."""
    found = {}
    for name, info in kind.model_fields.items():
        default: Any = info.default
        if info.default_factory in _EMPTY:
            default = info.default_factory()
        elif (
            info.is_required()
            or info.default_factory is not None
            or (default is not None and _says_something(kind, name))
        ):
            continue
        try:
            found[name] = to_jsonable_python(default, by_alias=False)
        except (PydanticSerializationError, TypeError, ValueError):  # it is written out
            continue
    return found


def _says_something(kind: type[BaseModel], name: str) -> bool:
    """Tell whether a field is a closed list of a record or an actor: "unspecified" is an answer, too."""
    if any(isinstance(m, Meanings) for m in field_markers(kind, name)):
        return True
    return issubclass(kind, Record) and any(choices(o) for o in options(kind.model_fields[name].annotation))


def complete_record(item: Any) -> Any:
    """Return a record as its type reads it: what a lean record holds in another form gets the complete one.

    A complete record comes out as it is, and so does what is none, for the validation to say so. How a value was found
    is not in the lean form: the evidence tells `cited` and the sentence; a value outside it is somewhere in the article.
    """
    if not isinstance(item, Mapping):
        return item
    found = {key: value for key, value in item.items() if key != "headline"}
    support, judged = found.get("support"), found.get("judgements")
    if isinstance(support, Mapping):
        cited = list(_cited(item))
        found["support"] = [_supported(field, span, cited) for field, span in support.items()]
    if isinstance(judged, (int, float)) and not isinstance(judged, bool):
        found["judgements"] = [{"statement": str(item.get("headline", "")), "probability": judged}]
    return found


def _cited(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every evidence of a record, that of its answers too."""
    if isinstance(value, Mapping) and {"sentence", "exact", "start", "end"} <= value.keys():
        yield value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for inner in inside:
        yield from _cited(inner)


def _supported(field: str, span: Any, cited: list[Mapping[str, Any]]) -> dict[str, Any]:
    start, end = span if isinstance(span, list) and len(span) == 2 else (None, None)
    told: dict[str, Any] = {"field": field, "start": start, "end": end, "where": "article", "sentence": 0}
    for item in cited if isinstance(start, int) and isinstance(end, int) else ():
        if item["start"] <= start and end <= item["end"]:
            return told | {"where": "cited", "sentence": item["sentence"]}
    return told
