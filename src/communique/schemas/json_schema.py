"""The JSON Schema of the output, lean and complete, each under a versioned `$id`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from communique.schemas.lean import OF_SUMMARY
from communique.schemas.record import Record
from communique.schemas.summary import SCHEMA_VERSION, STANDARD_RECORDS, output_model

SCHEMA_ID = f"urn:communique:schema:structured-summary:{SCHEMA_VERSION}"

_HEADLINE = {"description": "The record in one sentence, made by code.", "title": "Headline", "type": "string"}
_SUPPORT = {
    "additionalProperties": {"items": {"type": "integer"}, "maxItems": 2, "minItems": 2, "type": "array"},
    "description": "By path of the field, where its value is in the text: start, end.",
    "title": "Support",
    "type": "object",
}
_JUDGED = {
    "description": "The lowest probability that the judge gave.",
    "maximum": 1,
    "minimum": 0,
    "title": "Judgements",
    "type": "number",
}
_CITED = {
    "anyOf": [
        {"description": "Number of a sentence that is in `sentences`.", "type": "integer"},
        {"$ref": "#/$defs/CitedSentence"},
    ]
}
_SENTENCES = {
    "description": "The sentences that records cite, once each, by number.",
    "items": {"$ref": "#/$defs/CitedSentence"},
    "title": "Sentences",
    "type": "array",
}


def output_schema(record_types: Iterable[type[Record]] = STANDARD_RECORDS, *, full: bool = False) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one document's output with these record types, lean, or complete (`full`)."""
    schema = output_model(record_types).model_json_schema(mode="serialization", by_alias=False)
    for part in _record_schemas(schema):
        part["properties"] = {"headline": _HEADLINE, **part["properties"]}
    if not full:
        _make_lean(schema)
    its_id = f"{SCHEMA_ID}:full" if full else SCHEMA_ID
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": its_id, **schema}


def _record_schemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    lists = [shape for key, shape in schema["properties"].items() if key not in OF_SUMMARY]
    names = dict.fromkeys(shape["items"]["$ref"].rpartition("/")[2] for shape in lists)
    return [schema["$defs"][name] for name in names]


def _make_lean(schema: dict[str, Any]) -> None:
    """Turn the schema of the complete output into that of the lean one."""
    definitions = schema["$defs"]
    for record in _record_schemas(schema):
        record["properties"] |= {"support": _SUPPORT, "judgements": _JUDGED}
        _demand(record, {"headline", "verdict", "evidence"})
    _demand(definitions["Evidence"], {"sentence", "exact", "start", "end"})
    definitions |= {"CitedSentence": definitions["Evidence"], "Evidence": _CITED}
    definitions["Check"]["properties"].pop("sentences")
    del schema["properties"]["brief"]
    schema["properties"]["sentences"] = _SENTENCES
    _demand(schema, set(OF_SUMMARY))
    for name in ("Statement", "Support", "Judgement"):
        definitions.pop(name, None)


def _demand(part: dict[str, Any], names: set[str]) -> None:
    part["required"] = [name for name in part["properties"] if name in {*names, *part.get("required", ())}]
