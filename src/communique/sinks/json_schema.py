"""The shipped file of the output's JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from communique.schemas import SCHEMA_VERSION
from communique.schemas.json_schema import output_schema


def shipped_schema() -> str:
    """Return the text of the schema file that docs and the wheel carry."""
    return json.dumps(output_schema(), indent=1, ensure_ascii=False) + "\n"


def main(
    folders: Iterable[Path] = (Path(__file__).parent, Path(__file__).parents[3] / "docs" / "reference"),
) -> None:
    """Write the schema file anew; run it from a checkout after a record type has changed."""
    for folder in folders:
        (folder / f"structured-summary-{SCHEMA_VERSION}.schema.json").write_text(shipped_schema(), encoding="utf-8")


if __name__ == "__main__":
    main()
