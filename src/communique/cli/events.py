"""`communique events`: which records of many articles tell one event or one claim; no model is needed."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.options import Json, OwnTypes
from communique.cli.terminal import notice, write_rows


def events(
    results: Annotated[
        list[str], typer.Argument(help="JSONL or JSON that extract or batch wrote, or - for standard input.")
    ],
    output: Annotated[str, typer.Option("--output", "-o", help="Events to write, one JSON object a line.")],
    update: Annotated[
        str | None,
        typer.Option(help="Events of an earlier run: the results join them, and ids stay. May be -o itself."),
    ] = None,
    record: OwnTypes = None,
    json: Json = False,
) -> int:
    """Group records that tell one event or one claim; copies of an article count as one source."""
    from itertools import chain
    from pathlib import Path

    from communique.batch.export import replacing
    from communique.batch.filesystem import check_writable
    from communique.cli.record_types import record_types
    from communique.errors import ConfigurationError
    from communique.events import group, read_events
    from communique.sinks import read_results
    from communique.sinks.reading import record_types as installed

    path = Path(output)
    if any(given != "-" and Path(given).resolve() == path.resolve() for given in results):
        raise ConfigurationError(f"{path} would be written over itself", hint="give another -o")
    check_writable(path)
    kinds = (*installed(), *record_types(record))
    known = read_events(update) if update else ()
    grouping = group(chain.from_iterable(read_results(given, kinds) for given in results), known, kinds)
    with replacing(path) as file:
        file.writelines(event.to_json() + "\n" for event in grouping.events())
    told, records, blocks = len(grouping.groups), sum(map(len, grouping.groups)), grouping.blocks
    counts = {"written": str(path), "events": told, "records": records}
    counts |= {"pairs_compared": blocks.compared, "pairs_not_compared": blocks.not_compared}
    if json:
        write_rows([counts], "", as_json=True)
        return 0
    if blocks.not_compared:
        notice(
            f"communique: {blocks.capped:,} blocks are too large: {blocks.not_compared:,} of their pairs were not compared;"
            " an event in them may stand twice"
        )
    notice(f"{path}: {told:,} event{'s' * (told != 1)} told by {records:,} record{'s' * (records != 1)}")
    return 0
