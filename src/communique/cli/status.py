"""`communique status`: how far the batch behind an output is. Reads only; it may run beside the batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer


def status(
    output: Annotated[Path, typer.Argument(help="The output of a batch, such as out.jsonl.")],
    *,
    report: Annotated[
        bool, typer.Option("--report", help="Look at all results: records, checks, cost, slowest documents.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how far a batch is: done, failed, left, tokens."""
    import json

    from communique.batch.journal_status import journal_status, run_report

    found = run_report(output) if report else journal_status(output)
    if as_json:
        print(json.dumps(found))  # noqa: T201
        return
    from communique.cli.notices import harmless
    from communique.cli.run_report_text import report_lines

    for line in report_lines(found) if report else _lines(found):
        print(harmless(line))  # noqa: T201


def _lines(found: dict[str, Any]) -> Iterator[str]:
    from communique.cli.notices import same_ids_line

    counts, reasons, tokens = found["counts"], found["reasons"], found["tokens"]
    done = counts.get("ok", 0) + counts.get("partial", 0)
    failed = counts.get("failed", 0) + counts.get("skipped", 0)
    why = "".join(f", {reason} {count:,}" for reason, count in reasons.items())
    yield f"done {done:,}, failed {failed:,}, left {counts.get('left', 0):,}{why}"
    yield f"tokens {tokens['input']:,} in, {tokens['output']:,} out; model {found['model']}"
    for batch in found["provider_batches"]:
        why = f" ({batch['detail']})" if batch["detail"] else ""
        yield f"{batch['batch']} {batch['state']}{why}, {batch['requests']:,} requests"
    if found["same_ids"]:
        yield same_ids_line(found["same_ids"])
    yield "finished" if found["finished"] else "not finished: run the same command again"
