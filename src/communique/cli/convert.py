"""`communique convert` and `communique view`: results in other formats, or as a page; no model is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from communique.cli.options import RESULTS, Events, Json, OwnTypes, Screening, Title
from communique.cli.terminal import notice, write_rows


def convert(  # noqa: PLR0917 - options of a command
    results: Annotated[str, RESULTS],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", "-t", help="Format by name; `communique show sinks` lists them."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", help="File to write; its suffix sets the format if --to is not given."),
    ] = None,
    record: OwnTypes = None,
    csv_raw: Annotated[bool, typer.Option("--csv-raw", help="Leave cells as they are, formulas too.")] = False,
    title: Title = None,
    screening: Screening = None,
    events: Events = None,
    reviewed: Annotated[
        Path | None, typer.Option(help="Decisions of `communique review`: corrects records, leaves out rejected ones.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="JSON and JSONL: complete records, not lean ones.")] = False,
    json: Json = False,
) -> int:
    """Turn results into CSV, Excel, SQLite, Parquet, HTML and more. Repeat --to and -o for several at once."""
    import sys
    import tempfile

    from communique.cli.observing import refuse_same_file
    from communique.cli.options import card_notes
    from communique.cli.record_types import record_types
    from communique.errors import ConfigurationError, UnreadableDocumentError
    from communique.sinks import FanOut, SinkOptions, read_results, sink_for, sink_named

    paths = [Path(path) for path in output or ()]
    if to and paths and len(to) != len(paths):
        raise ConfigurationError(
            f"{len(to)} formats for {len(paths)} files", hint="give one -o for every --to, in the same order"
        )
    sinks = [sink_named(name) for name in to] if to else [sink_for(path) for path in paths]
    if not sinks:
        raise ConfigurationError("no format is given", hint="--to NAME, or -o FILE")
    if not paths and (len(sinks) > 1 or getattr(sinks[0], "tables", False)):
        raise ConfigurationError(f"{', '.join(s.name for s in sinks)}: several files", hint="name them with -o")
    for path in output or ():
        refuse_same_file(path, (results, reviewed, screening, events), "itself", "-o")
    kinds = record_types(record)
    summaries = read_results(results, kinds)
    if reviewed:
        from communique import review

        if not reviewed.is_file():
            raise UnreadableDocumentError(f"there is no file {reviewed}", hint="communique review writes it")
        decisions = review.DecisionsFile(reviewed)
        summaries = (review.reviewed(summary, decisions) for summary in summaries)
    options = SinkOptions(
        csv_raw=csv_raw, title=title, record_types=kinds, full=full, notes=card_notes(screening, events)
    )
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / f"results{sinks[0].suffix}"  # on standard output, if no file is named
        with FanOut(zip(sinks, paths or [shown], strict=True), options) as out:
            for summary in summaries:
                out.write(summary)
        if not paths:
            sys.stdout.flush()
            sys.stdout.buffer.write(shown.read_bytes())
            sys.stdout.buffer.flush()
        elif json:
            write_rows([{"written": str(path)} for path in out.written], "", as_json=True)
        else:
            notice(f"wrote {', '.join(str(path) for path in out.written)}")
    return 0


def view(  # noqa: PLR0917 - options of a command
    results: Annotated[str, RESULTS],
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
