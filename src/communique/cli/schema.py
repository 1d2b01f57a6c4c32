"""`communique schema`: the JSON Schema of the output."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.options import Json
from communique.cli.terminal import write_json


def schema(
    record: Annotated[
        list[str] | None, typer.Option("--record", "-r", help="Record type: a name, or package:Class.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Of the complete output, as --full gives it.")] = False,
    json: Json = False,
) -> None:
    """Print the JSON Schema of what `extract` and `batch` give for a document."""
    from json import dumps

    from communique.cli.record_types import record_types
    from communique.schemas.json_schema import output_schema

    write_json(dumps(output_schema(record_types(record), full=full), indent=2, ensure_ascii=False))
