"""`communique convert`: results into other formats, in one pass; no model is needed."""

from __future__ import annotations

from typing import Annotated

import typer


def convert(  # noqa: PLR0917 - options of a command
    results: Annotated[str, typer.Argument(help="JSONL or JSON that extract or batch wrote.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", "-t", help="Format by name; `communique show sinks` lists them."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", "-o", help="File to write; its suffix sets the format if --to is not given."),
    ] = None,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", "-r", help="Custom record type in the results: package:Class."),
    ] = None,
    csv_raw: Annotated[bool, typer.Option("--csv-raw", help="Leave cells as they are, formulas too.")] = False,
    title: Annotated[str | None, typer.Option(help="Title of the HTML report.")] = None,
    full: Annotated[bool, typer.Option("--full", help="JSON and JSONL: complete records, not lean ones.")] = False,
) -> int:
    """Turn results into CSV, Excel, SQLite, Parquet, HTML and more. Repeat --to and -o for several at once."""
    import sys
    import tempfile
    from pathlib import Path

    from communique.cli.record_types import record_types
    from communique.errors import ConfigurationError
    from communique.sinks import FanOut, SinkOptions, read_results, sink_for, sink_named
    from communique.sinks.control_chars import visible

    paths = output or []
    if to and paths and len(to) != len(paths):
        raise ConfigurationError(
            f"{len(to)} formats for {len(paths)} files", hint="give one -o for every --to, in the same order"
        )
    sinks = [sink_named(name) for name in to] if to else [sink_for(Path(path)) for path in paths]
    if not sinks:
        raise ConfigurationError("no format is given", hint="--to NAME, or -o FILE")
    if any(Path(path).resolve() == Path(results).resolve() for path in paths):
        raise ConfigurationError(f"{results} would be written over itself", hint="give another -o")
    kinds = record_types(records)
    options = SinkOptions(csv_raw=csv_raw, title=title, record_types=kinds, full=full)
    if paths:
        with FanOut(zip(sinks, paths, strict=True), options) as out:
            for summary in read_results(results, kinds):
                out.write(summary)
        typer.echo(f"wrote {', '.join(visible(str(path), one_line=True) for path in out.written)}", err=True)
        return 0
    if len(sinks) > 1 or getattr(sinks[0], "tables", False):
        raise ConfigurationError(f"{', '.join(s.name for s in sinks)}: several files", hint="name them with -o")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"results{sinks[0].suffix}"
        with FanOut([(sinks[0], path)], options) as out:
            for summary in read_results(results, kinds):
                out.write(summary)
        sys.stdout.flush()
        sys.stdout.buffer.write(path.read_bytes())
        sys.stdout.buffer.flush()
    return 0
