"""`communique evaluate GOLD PREDICTIONS`: precision, recall and F1 against gold."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from communique.cli.options import Json
from communique.cli.terminal import write_json


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
    from json import dumps

    from communique import evaluation
    from communique.cli.record_types import record_types

    only = None
    if split is not Split.all:
        unseen, seen = evaluation.held_out_ids(gold)
        only = unseen if split is Split.unseen else seen
    own = record_types(record) if record else None
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
        parts = [evaluation.render(scores)]
        parts += [evaluation.render_differences(scores)] if show else []
        typer.echo("\n".join(parts), nl=False)
