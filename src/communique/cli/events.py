"""`communique events`: which records of many articles tell one event or one claim; no model is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from communique.cli.options import RESULTS, Json, OwnTypes
from communique.cli.terminal import notice, write_rows


def events(
    results: Annotated[list[str], RESULTS],
    output: Annotated[str, typer.Option("--output", "-o", help="Events to write, one JSON object a line.")],
    update: Annotated[str | None, typer.Option(help="Earlier events, which keep their ids; may be -o itself.")] = None,
    record: OwnTypes = None,
    json: Json = False,
) -> int:
    """Group records that tell one event or one claim; copies of an article count as one source."""
    from communique.batch.export import replacing
    from communique.batch.filesystem import check_writable
    from communique.cli.observing import refuse_same_file
    from communique.cli.record_types import record_types
    from communique.events import group_events, read_events
    from communique.sinks import read_results
    from communique.sinks.json_files import record_types as installed

    refuse_same_file(output, results, "itself", "-o")
    check_writable(Path(output))
    kinds = installed(record_types(record))
    summaries = (summary for given in results for summary in read_results(given, kinds))
    grouping = group_events(summaries, read_events(update, kinds) if update else (), kinds)
    with replacing(Path(output)) as file:
        file.writelines(event.to_json() + "\n" for event in grouping)
    told, records, left = len(grouping.groups), sum(map(len, grouping.groups)), grouping.not_compared
    if json:
        row = {"written": output, "events": told, "records": records, "pairs_compared": grouping.compared}
        write_rows([row | {"pairs_not_compared": left}], "", as_json=True)
        return 0
    if left:
        notice(f"communique: {left:,} pairs in blocks that are too large were not compared; an event may appear twice")
    notice(f"{output}: {told:,} event{'s' * (told != 1)} told by {records:,} record{'s' * (records != 1)}")
    return 0
