"""`communique screen`: which entries of a list have names like those in results; no model and no network is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from communique.cli.options import Json, OwnTypes

_SHOWN = 30
"""Matches that are printed."""


def screen(  # noqa: PLR0917 - options of a command
    results: Annotated[str, typer.Argument(help="JSONL or JSON that extract or batch wrote, or - for standard input.")],
    list_: Annotated[
        Path, typer.Option("--list", "-l", help="FollowTheMoney entities, one JSON object a line, or CSV.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL to write, one line per mention of an actor.")],
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="Column of a CSV list: name=Full Name. Known: id, name, aliases, type, country, topics;"
            " several values of a cell stand between semicolons.",
        ),
    ] = None,
    index: Annotated[
        Path | None,
        typer.Option(help="File that keeps the list's index for the next time; rebuilt if the list changed."),
    ] = None,
    same: Annotated[
        float, typer.Option(help="Least score of SAME, where a country speaks for it; where none does, .9 at least.")
    ] = 0.8,
    undecided: Annotated[float, typer.Option(help="Least score of UNDECIDED; below, it is NO_MATCH.")] = 0.7,
    gap: Annotated[float, typer.Option(help="Least lead over the next entry for SAME.")] = 0.1,
    record: OwnTypes = None,
    json: Json = False,
) -> int:
    """Compare the names in results with a list, and print the matches. A match is one of names, not of persons."""
    from communique.cli.record_types import record_types
    from communique.cli.terminal import notice, write_rows
    from communique.errors import ConfigurationError
    from communique.screening import Bands, NameIndex, ScreeningSink
    from communique.sinks import FanOut, read_results

    pairs = [pair.partition("=") for pair in map_ or []]
    if wrong := next(("".join(pair) for pair in pairs if not (pair[0] and pair[2])), None):
        raise ConfigurationError(f"--map {wrong!r} names no column", hint="such as --map name='Full Name'")
    if output.resolve() in {path.resolve() for path in (list_, index, Path(results)) if path}:
        raise ConfigurationError(f"{output} would be written over what is read", hint="give another -o")
    bands = Bands(same=same, alone=max(same, Bands().alone), undecided=undecided, gap=gap)
    kinds = record_types(record)
    with NameIndex.of(list_, mapping={key: column for key, _, column in pairs}, index=index) as known:
        for line in known.skipped:
            notice(f"communique: {line}")
        sink = ScreeningSink(known, bands)
        with FanOut([(sink, output)]) as out:
            for summary in read_results(results, kinds):
                out.write(summary)
    for kind, count in sink.untyped.items():
        notice(f"communique: {count:,} {kind} were not screened: give their type with --record package:Class")
    counts = {state: sink.counts[state] for state in ("SAME", "UNDECIDED", "NO_MATCH")}
    row = {"written": str(output), "names": sink.counts.total(), **counts, "list": known.version.model_dump()}
    if json:
        write_rows([row | {"not_screened": dict(sink.untyped), "skipped": list(known.skipped)}], "", as_json=True)
        return 0
    shown = sorted(sink.matches.items(), key=lambda found: (found[0][0], -found[1], found[0]))
    rows = [
        {"state": s, "name": name, "entries": entries, "n": "once" if n == 1 else f"{n:,} times"}
        for (s, name, entries), n in shown[:_SHOWN]
    ]
    write_rows(rows, "{state:9}  {name} ({n}): {entries}", as_json=False)
    if len(shown) > _SHOWN:
        notice(f"communique: {len(shown) - _SHOWN:,} more such lines; all are in {output}")
    told = ", ".join(f"{state} {count:,}" for state, count in counts.items())
    notice(f"{row['names']:,} mentions against {known.version.entries:,} entries: {told} — {output}")
    if sink.matches:
        notice("Only names were compared: a person decides who is meant.")
    return 0
