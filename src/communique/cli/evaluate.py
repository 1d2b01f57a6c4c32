"""`communique evaluate GOLD PREDICTIONS`: precision, recall and F1 against gold."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Split(str, Enum):  # noqa: UP042 - typer shows the values of a str enum
    """Which gold articles are measured, by `held_out` in their `ID.meta.json`."""

    all = "all"
    seen = "seen"
    unseen = "unseen"


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Folder of ID.json, or a JSONL file.")],
    predictions: Annotated[Path, typer.Argument(help="The same; also in the shape of our own output.")],
    *,
    texts: Annotated[Path | None, typer.Option(help="Folder of ID.txt; by default beside the gold.")] = None,
    bootstrap: Annotated[int, typer.Option(min=0, help="Rounds of the bootstrap for F1 intervals.")] = 0,
    split: Annotated[Split, typer.Option(help="Articles to measure: all, or by held_out in ID.meta.json.")] = Split.all,
    floors: Annotated[
        Path | None, typer.Option(help="Floors file; a figure below its floor ends with exit code 3.")
    ] = None,
    per_document: Annotated[bool, typer.Option("--per-document", help="Add one line per article.")] = False,
    show: Annotated[bool, typer.Option("--show", help="List missed, false and repeated records.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Figures for machines.")] = False,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", "-r", help="Score your own record types, field by field: package:Class."),
    ] = None,
) -> None:
    """Compare predictions with gold: precision, recall, F1 per record type, slots, false records on empty articles."""
    import json

    from communique import evaluation
    from communique.cli import endings
    from communique.cli.record_types import record_types
    from communique.errors import ConfigurationError

    if records:
        if floors is not None or split is not Split.all or bootstrap or show or per_document or texts:
            raise ConfigurationError(
                "--record goes with GOLD, PREDICTIONS and --json only",
                hint="the other options are for the standard record types",
            )
        own = evaluation.score_records(gold, predictions, record_types(records))
        typer.echo(
            json.dumps([s.to_json() for s in own], ensure_ascii=False, indent=1)
            if as_json
            else evaluation.render_records(own)
        )
        return
    only = None
    if split is not Split.all:
        unseen, seen = evaluation.held_out_ids(gold)
        only = unseen if split is Split.unseen else seen
    scores = evaluation.evaluate(gold, predictions, texts, bootstrap, only=only)
    if as_json:
        typer.echo(json.dumps(scores.to_json(), ensure_ascii=False, indent=1))
    else:
        typer.echo(evaluation.render(scores), nl=False)
        if per_document:
            typer.echo("\n" + evaluation.render_documents(scores), nl=False)
        if show:
            typer.echo("\n" + evaluation.render_differences(scores), nl=False)
    if floors is not None:
        digest = evaluation.digest(gold) if gold.is_dir() else None
        breaches = evaluation.gate(scores, evaluation.Floors.load(floors), digest)
        for breach in breaches:
            typer.echo(breach, err=True)
        if breaches:
            raise typer.Exit(endings.SOME_FAILED)
