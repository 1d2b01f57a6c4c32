"""`communique screen`: which entries of a list have names like those in results; no model and no network is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from communique.cli.options import RESULTS, Json, OwnTypes

_SHOWN = 30  # matches that are printed


def screen(  # noqa: PLR0917 - options of a command
    results: Annotated[str, RESULTS],
    list: Annotated[  # noqa: A002 - the name of its option
        Path, typer.Option("--list", "-l", help="FollowTheMoney, one JSON object a line, or CSV.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL to write, one line per mention of an actor.")],
    map: Annotated[  # noqa: A002
        list[str] | None,
        typer.Option("--map", help="A CSV list's column: name=Full Name; also id, aliases, type, country, topics."),
    ] = None,
    index: Annotated[Path | None, typer.Option(help="Keep the list's index here; rebuilt if the list changed.")] = None,
    same: Annotated[float, typer.Option(help="Least score of SAME where a country agrees, else .9 at least.")] = 0.8,
    undecided: Annotated[float, typer.Option(help="Least score of UNDECIDED; below, it is NO_MATCH.")] = 0.7,
    gap: Annotated[float, typer.Option(help="Least lead over the next entry for SAME.")] = 0.1,
    record: OwnTypes = None,
    json: Json = False,
) -> int:
    """Compare the names in results with a list, and print the matches. A match is one of names, not of persons."""
    from collections import Counter

    from communique import screening
    from communique.batch.export import replacing
    from communique.batch.filesystem import check_writable
    from communique.cli.observing import refuse_same_file
    from communique.cli.record_types import record_types
    from communique.cli.terminal import notice, write_rows
    from communique.errors import ConfigurationError
    from communique.schemas.stored import AnyRecord, json_line
    from communique.sinks import read_results

    pairs = [pair.partition("=") for pair in map or ()]
    if wrong := ["".join(pair) for pair in pairs if not all(pair)]:
        raise ConfigurationError(f"--map {wrong[0]!r} names no column", hint="such as --map name='Full Name'")
    mapping = {key: column for key, _, column in pairs}
    refuse_same_file(str(output), (list, index, results), "what is read", "-o")
    check_writable(output)
    bands = screening.Bands(same=same, alone=max(same, screening.Bands.alone), undecided=undecided, gap=gap)
    counts = dict.fromkeys(("SAME", "UNDECIDED", "NO_MATCH"), 0)
    matches, untyped = Counter[tuple[str, str, str]](), Counter[str]()
    with screening.NameIndex.of(list, mapping=mapping, index=index) as known, replacing(output) as file:
        for line in known.skipped:
            notice(f"communique: {line}")
        for summary in read_results(results, record_types(record)):
            untyped.update(kind for kind, group in summary.records.items() for r in group if type(r) is AnyRecord)
            for found in screening.screen(summary, known, bands):
                counts[found.state] += 1
                if found.candidates:
                    matches[found.state, found.name, found.entries] += 1
                file.write(json_line(found.model_dump(mode="json")) + "\n")
    for kind, count in untyped.items():
        notice(f"communique: {count:,} {kind} were not screened: give their type with --record package:Class")
    if json:
        row = {"written": str(output), "names": sum(counts.values()), **counts, "list": known.version.model_dump()}
        write_rows([{**row, "not_screened": untyped, "skipped": known.skipped}], "", as_json=True)
        return 0
    shown = sorted(matches.items(), key=lambda found: (found[0][0], -found[1], found[0]))
    for (state, name, listed), n in shown[:_SHOWN]:
        row = {"state": state, "name": name, "n": "once" if n == 1 else f"{n:,} times", "listed": listed}
        write_rows([row], "{state:9}  {name} ({n}): {listed}", as_json=False)
    if len(shown) > _SHOWN:
        notice(f"communique: {len(shown) - _SHOWN:,} more such lines; all are in {output}")
    told = ", ".join(f"{state} {count:,}" for state, count in counts.items())
    notice(f"{sum(counts.values()):,} mentions against {known.version.entries:,} entries: {told} — {output}")
    if matches:
        notice("Only names were compared: a person decides who is meant.")
    return 0
