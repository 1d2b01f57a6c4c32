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
        typer.Option(
            "--update", help="Events of an earlier run: the results join them, and ids stay. May be -o itself."
        ),
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
        for event in grouping.events():
            file.write(event.to_json() + "\n")
    blocks, records = grouping.blocks, sum(map(len, grouping.groups))
    if json:
        counts = {"events": len(grouping.groups), "records": records, "pairs_compared": blocks.compared}
        counts |= {
            "blocks_over_cap": blocks.capped,
            "pairs_not_compared": blocks.not_compared,
            "links_cut": grouping.cut,
        }
        write_rows([{"written": str(path), **counts}], "", as_json=True)
        return 0
    if blocks.capped or grouping.cut:
        notice(
            f"communique: {blocks.capped:,} blocks are too large: {blocks.not_compared:,} of their pairs were not compared,"
            f" {grouping.cut:,} weak links were cut; an event in them may stand twice"
        )
    notice(f"{records:,} records tell {len(grouping.groups):,} events — {path}")
    return 0
