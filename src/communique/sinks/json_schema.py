"""The shipped files of the output's JSON Schema, lean and complete."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from communique.schemas import SCHEMA_VERSION
from communique.schemas.json_schema import output_schema


def shipped_schema(*, full: bool = False) -> str:
    """Return the text of a schema file that docs and the wheel carry: of the lean output, or of the complete one."""
    return json.dumps(output_schema(full=full), indent=1, ensure_ascii=False) + "\n"


def main(
    folders: Iterable[Path] = (Path(__file__).parent, Path(__file__).parents[3] / "docs" / "reference"),
) -> None:
    """Write the schema files anew; run it from a checkout after a record type has changed."""
    for folder in folders:
        for name, full in (("", False), ("-full", True)):
            path = folder / f"structured-summary-{SCHEMA_VERSION}{name}.schema.json"
            path.write_text(shipped_schema(full=full), encoding="utf-8")


if __name__ == "__main__":
    main()
