"""Write the schema files that the wheel and the docs carry; run it after a record type has changed: `make fix`."""

from __future__ import annotations

import json
from pathlib import Path

from communique.schemas import SCHEMA_VERSION
from communique.schemas.json_schema import output_schema

ROOT = Path(__file__).parents[1]

for folder in (ROOT / "src" / "communique" / "sinks", ROOT / "docs" / "reference"):
    for name, full in (("", False), ("-full", True)):
        text = json.dumps(output_schema(full=full), indent=1, ensure_ascii=False) + "\n"
        (folder / f"structured-summary-{SCHEMA_VERSION}{name}.schema.json").write_text(text, encoding="utf-8")
