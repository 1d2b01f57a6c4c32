"""The JSON Schema of the output, under a versioned `$id`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from communique.schemas.allegation import Allegation
from communique.schemas.meeting import Meeting
from communique.schemas.record import Record
from communique.schemas.sanctions_concern import SanctionsConcern
from communique.schemas.summary import SCHEMA_VERSION, output_model

SCHEMA_ID = f"urn:communique:schema:structured-summary:{SCHEMA_VERSION}"


def output_schema(
    record_types: Iterable[type[Record]] = (Meeting, Allegation, SanctionsConcern),
) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one document's output with these record types."""
    schema = output_model(record_types).model_json_schema(mode="serialization", by_alias=False)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
    }
