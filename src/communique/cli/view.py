"""`communique view`: results as a page in the browser; no model is needed."""

from __future__ import annotations

from typing import Annotated

import typer


def view(
    results: Annotated[str, typer.Argument(help="JSONL or JSON that extract or batch wrote.")],
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Page to write; RESULTS.report.html if not given.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Title of the page.")] = None,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", "-r", help="Custom record type in the results: package:Class."),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Write the page, don't open it.")] = False,
) -> int:
    """Write an HTML report, open it in the browser and print its path. The page asks for nothing from the network."""
    import webbrowser
    from pathlib import Path

    from communique.cli.record_types import record_types
    from communique.sinks import FanOut, SinkOptions, read_results, sink_named

    path = Path(output) if output else Path(results).with_suffix(".report.html")
    with FanOut([(sink_named("html"), path)], SinkOptions(title=title)) as out:
        for summary in read_results(results, record_types(records)):
            out.write(summary)
    print(path)  # noqa: T201 - the command's result
    if not no_open:
        webbrowser.open(path.resolve().as_uri())
    return 0
