"""JSON Schema of the output, under a versioned id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from communique.schemas import SCHEMA_VERSION, STANDARD_RECORDS, Record
from communique.schemas.summary import output_model

SCHEMA_ID = f"urn:communique:schema:structured-summary:{SCHEMA_VERSION}"


def output_schema(record_types: Iterable[type[Record]] = STANDARD_RECORDS) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a JSONL line.

    Args:
        record_types: Record types whose lists the object holds.
    """
    body = output_model(record_types).model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **body}
