"""`communique view`: results as a page in the browser; no model is needed."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.options import Events, Json, OwnTypes, Screening, Title
from communique.cli.terminal import write_rows


def view(  # noqa: PLR0917 - options of a command
    results: Annotated[str, typer.Argument(help="JSONL or JSON that extract or batch wrote, or - for standard input.")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Page to write; RESULTS.report.html if not given.")
    ] = None,
    title: Title = None,
    screening: Screening = None,
    events: Events = None,
    record: OwnTypes = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Write the page, don't open it.")] = False,
    json: Json = False,
) -> int:
    """Write an HTML report, open it in the browser and print its path. The page asks for nothing from the network."""
    import webbrowser
    from pathlib import Path

    from communique.cli.observing import refuse_same_file
    from communique.cli.options import card_notes
    from communique.cli.record_types import record_types
    from communique.errors import UnreadableDocumentError
    from communique.sinks import FanOut, SinkOptions, read_results, sink_named

    if Path(results).is_dir():
        raise UnreadableDocumentError(f"{results} is a folder", hint="name a file of results")
    path = Path(output) if output else Path("results" if results == "-" else results).with_suffix(".report.html")
    refuse_same_file(str(path), (results, screening, events), "itself", "-o")
    with FanOut([(sink_named("html"), path)], SinkOptions(title=title, notes=card_notes(screening, events))) as out:
        for summary in read_results(results, record_types(record)):
            out.write(summary)
    write_rows(({"report": str(path)},), "{report}", as_json=json)
    if not no_open:
        webbrowser.open(path.resolve().as_uri())
    return 0
