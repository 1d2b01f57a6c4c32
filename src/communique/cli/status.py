"""`communique status`: how far the batch behind an output is. Reads only; it may run beside the batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from communique.cli.options import Json
from communique.cli.terminal import harmless, same_ids_line


def status(
    output: Annotated[Path, typer.Argument(help="The output of a batch, such as out.jsonl.")],
    *,
    report: Annotated[
        bool, typer.Option("--report", help="Look at all results: records, checks, cost, slowest documents.")
    ] = False,
    review: Annotated[bool, typer.Option("--review", help="Show how far its review is, by state.")] = False,
    json: Json = False,
) -> None:
    """Show how far a batch is: done, failed, left, tokens; or how far its review is."""
    from json import dumps

    if review and report:
        from communique.errors import ConfigurationError

        raise ConfigurationError("several things at once", hint="give one of --report and --review")
    if review:
        from communique.review import DecisionsFile, Queue, decisions_path

        queue = Queue(output, DecisionsFile(decisions_path(output)))
        print(dumps(queue.counts()) if json else queue.progress())  # noqa: T201
        return
    from communique.batch.journal_status import journal_status, run_report

    found = run_report(output) if report else journal_status(output)
    if json:
        print(dumps(found))  # noqa: T201
        return
    for line in _report_lines(found) if report else _lines(found):
        print(harmless(line))  # noqa: T201


def _lines(found: dict[str, Any]) -> Iterator[str]:
    from communique.batch.outcome import counted_reasons

    counts, reasons, tokens = found["counts"], found["reasons"], found["tokens"]
    done = counts.get("ok", 0) + counts.get("partial", 0)
    failed = counts.get("failed", 0) + counts.get("skipped", 0)
    why = f", {counted_reasons(reasons)}" * bool(reasons)
    yield f"done {done:,}, failed {failed:,}, {_left(found)}{why}"
    yield f"tokens {tokens['input']:,} in, {_answers(tokens)}; model {found['model']}"
    for batch in found["provider_batches"]:
        why = f" ({batch['detail']})" if batch["detail"] else ""
        yield f"{batch['batch']} {batch['state']}{why}, {batch['requests']:,} requests"
    if found["same_ids"]:
        yield same_ids_line(found["same_ids"])
    yield _how_far(found)


def _report_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a run report, the numbers that matter first."""
    from communique.batch.outcome import counted_reasons
    from communique.sinks.remarks import counted

    counts, tokens, seconds = report["counts"], report["tokens"], report["seconds"]
    done = counts.get("ok", 0) + counts.get("partial", 0)
    partial = f" ({counts['partial']:,} partial)" if counts.get("partial") else ""
    yield (
        f"documents   done {done:,}{partial}, failed {counts.get('failed', 0):,}, skipped {counts.get('skipped', 0):,},"
        f" {_left(report)}"
    )
    if report["reasons"]:
        yield f"            {counted_reasons(report['reasons'])}"
    verdicts = sum((Counter(found) for found in report["records"].values()), Counter[str]())
    rejected = sum(report["rejections"].values())
    held = verdicts["supported"] + verdicts["verified"]
    share = f"; {held / (verdicts.total() + rejected):.1%} of the drafts supported or verified" if held else ""
    yield f"records     {_records(report['records'])}; rejected {rejected:,}{share}"
    if verdicts:
        yield f"            {counted(verdicts)}"
    yield f"            {report['documents_without_records']:,} documents without records"
    for name in ("rejections", "flags", "warnings"):
        yield from _reasons(name, report[name])
    cost = f", ${report['cost']:,.4f}" if report["cost"] is not None else ", cost unknown without --price"
    yield f"tokens      {tokens['input']:,} in ({tokens['cached']:,} from cache), {_answers(tokens)}{cost}"
    asked = report["requests"]
    yield f"requests    {asked['total']:,}; more than one for {asked['documents_with_more_than_one']:,} documents"
    if seconds["median"] is not None:
        yield f"seconds     median {seconds['median']:.2f}, p95 {seconds['p95']:.2f}, longest {seconds['longest']:.2f}"
    yield f"model       {report['model']}"
    if report["same_ids"]:
        yield f"warning     {same_ids_line(report['same_ids'])}"
    if report["slowest"]:
        yield "slowest"
        for row in report["slowest"]:
            state = row["state"] + (f" {row['reason']}" if row["reason"] else "")
            yield (
                f"  {row['seconds']:9.2f} s  {row['requests']:3} requests  {row['tokens_in']:7,} in"
                f" {row['tokens_out']:6,} out  {state}  {row['source'] or row['id']}"
            )
    yield _how_far(report)


def _left(found: Mapping[str, Any]) -> str:
    return f"left {found['counts'].get('left', 0):,}{'' if found['all_seen'] else '+'}"


def _how_far(found: Mapping[str, Any]) -> str:
    if found["finished"]:
        return "finished"
    if found["all_seen"] and not found["counts"].get("left"):
        return "finished up to --limit: run the command without it to read the rest"
    return "not finished: run the same command again"


def _answers(tokens: Mapping[str, int]) -> str:
    from communique.schemas import Usage

    return Usage(output_tokens=tokens["output"], reasoning_tokens=tokens["reasoning"]).answers_told


def _reasons(name: str, counts: Mapping[str, int], most: int = 8) -> Iterator[str]:
    """Yield a line for each reason, as the report for people has it, with the name that JSON has."""
    from communique.grounding.rules import REASONS
    from communique.sinks.remarks import words

    for reason, count in list(counts.items())[:most]:
        said = f"{REASONS[reason].message} [{reason}]" if reason in REASONS else words(reason)
        yield f"{name:11} {count:6,}  {said}"
        name = ""  # once, at the first
    if len(counts) > most:
        yield f"{'':18}  {len(counts) - most} more"


def _records(kinds: Mapping[str, Mapping[str, int]]) -> str:
    return ", ".join(f"{kind} {sum(verdicts.values()):,}" for kind, verdicts in kinds.items()) or "none"
