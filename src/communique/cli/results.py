"""Verbs that take results and need no model: `convert`, `view`, `events`, `screen` and `evaluate`."""

from __future__ import annotations

import sys
from collections import Counter
from enum import Enum
from importlib import import_module
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from communique.cli.options import RESULTS, Json, OwnTypes, record_types
from communique.cli.terminal import notice, refuse_same_file, write_json, write_rows
from communique.errors import ConfigurationError, UnreadableDocumentError

Screening = Annotated[str | None, typer.Option("--screening", help="JSONL that screen wrote, for an HTML report.")]
Events = Annotated[str | None, typer.Option("--events", help="JSONL that events wrote, for an HTML report.")]
Title = Annotated[str | None, typer.Option(help="Title of the HTML report.")]
_SHOWN = 30  # matches that `screen` prints


def convert(  # noqa: PLR0917 - options of a command
    results: Annotated[str, RESULTS],
    to: Annotated[
        list[str] | None, typer.Option("--to", "-t", help="Format by name; `communique show sinks` lists them.")
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
    import tempfile

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
    notes = _notes(screening, events)
    options = SinkOptions(csv_raw=csv_raw, title=title, record_types=kinds, full=full, notes=notes)
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
            write_rows([{"written": str(path)} for path in out.written], as_json=True)
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

    from communique.sinks import FanOut, SinkOptions, read_results, sink_named

    if Path(results).is_dir():
        raise UnreadableDocumentError(f"{results} is a folder", hint="name a file of results")
    path = Path(output) if output else Path("results" if results == "-" else results).with_suffix(".report.html")
    refuse_same_file(str(path), (results, screening, events), "itself", "-o")
    with FanOut([(sink_named("html"), path)], SinkOptions(title=title, notes=_notes(screening, events))) as out:
        for summary in read_results(results, record_types(record)):
            out.write(summary)
    write_rows(({"report": str(path)},), "{report}", as_json=json)
    if not no_open:
        webbrowser.open(path.resolve().as_uri())
    return 0


def _notes(screening: str | None, events: str | None) -> tuple[Any, ...]:
    """Return what a report's cards show of the files that `events` and `screen` wrote."""
    rooms = {"communique.events": events, "communique.screening": screening}
    return tuple(import_module(room).notes_of(path) for room, path in rooms.items() if path)


def events(
    results: Annotated[list[str], RESULTS],
    output: Annotated[str, typer.Option("--output", "-o", help="Events to write, one JSON object a line.")],
    update: Annotated[str | None, typer.Option(help="Earlier events, which keep their ids; may be -o itself.")] = None,
    record: OwnTypes = None,
    json: Json = False,
) -> int:
    """Group records that tell one event or one claim; copies of an article count as one source."""
    from communique.batch.export import check_writable, replacing
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
        write_rows([row | {"pairs_not_compared": left}], as_json=True)
        return 0
    if left:
        notice(f"communique: {left:,} pairs in blocks that are too large were not compared; an event may appear twice")
    notice(f"{output}: {told:,} event{'s' * (told != 1)} told by {records:,} record{'s' * (records != 1)}")
    return 0


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
    from communique import screening
    from communique.batch.export import check_writable, replacing
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
        write_rows([{**row, "not_screened": untyped, "skipped": known.skipped}], as_json=True)
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


class Split(str, Enum):  # noqa: UP042 - typer shows the values of a str enum
    """Which gold articles are measured, by `held_out` in their `ID.meta.json`."""

    all = "all"
    seen = "seen"
    unseen = "unseen"


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Folder of ID.json, or a JSONL file.")],
    predictions: Annotated[Path, typer.Argument(help="The same, or our own output.")],
    *,
    texts: Annotated[Path | None, typer.Option(help="Folder of ID.txt; by default beside the gold.")] = None,
    bootstrap: Annotated[int, typer.Option(min=0, help="Rounds of the bootstrap for F1 intervals.")] = 0,
    split: Annotated[Split, typer.Option(help="Articles to measure: all, or by held_out in ID.meta.json.")] = Split.all,
    show: Annotated[bool, typer.Option("--show", help="List missed and false records.")] = False,
    json: Json = False,
    record: Annotated[
        list[str] | None,
        typer.Option("--record", "-r", help="Score these record types, field by field: package:Class."),
    ] = None,
) -> None:
    """Compare predictions with gold: precision, recall, F1 per record type, slots, false records on empty articles."""
    from communique import evaluation

    unseen, seen = evaluation.held_out_ids(gold) if split is not Split.all else (None, None)
    own = record_types(record) if record else None
    only = unseen if split is Split.unseen else seen
    scores = evaluation.evaluate(gold, predictions, texts, bootstrap, only=only, records=own)
    if json:
        found = scores.to_json()
        if show:
            found["differences"] = [
                {"tag": tag, "document": name, "type": kind.plural, "record": entry.row}
                for tag, name, kind, entry in scores.differences
            ]
        write_json(dumps(found, ensure_ascii=False, indent=1))
    else:
        parts = [evaluation.render(scores), *([evaluation.render_differences(scores)] if show else [])]
        typer.echo("\n".join(parts), nl=False)
