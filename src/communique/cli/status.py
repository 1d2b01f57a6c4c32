"""`communique status`: how far the batch behind an output is; and what `communique batch` says at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communique.cli import terminal
from communique.cli.options import Json
from communique.cli.terminal import harmless, notice
from communique.errors import ConfigurationError

if TYPE_CHECKING:
    from communique.batch import Report


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
    found: Mapping[str, Any]
    lines: Iterator[str]
    if review and report:
        raise ConfigurationError("several things at once", hint="give one of --report and --review")
    if review:
        from communique.review import DecisionsFile, Queue, decisions_path

        queue = Queue(output, DecisionsFile(decisions_path(output)))
        found, lines = queue.counts(), iter([queue.progress()])
    else:
        from communique.batch.journal_status import journal_status, run_report

        found = run_report(output) if report else journal_status(output)
        lines = _report_lines(found) if report else _lines(found)
    for line in [dumps(found)] if json else map(harmless, lines):
        print(line)  # noqa: T201


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    counts, tokens, why = Counter(found["counts"]), found["tokens"], _reasons(found["reasons"])
    done, failed = counts["ok"] + counts["partial"], counts["failed"] + counts["skipped"]
    yield f"done {done:,}, failed {failed:,}, {_left(found)}{f', {why}' * bool(why)}"
    yield f"tokens {tokens['input']:,} in, {_answers(tokens)}; model {found['model']}"
    for batch in found["provider_batches"]:
        why = f" ({batch['detail']})" if batch["detail"] else ""
        yield f"{batch['batch']} {batch['state']}{why}, {batch['requests']:,} requests"
    if found["same_ids"]:
        yield _same_ids(found["same_ids"])
    yield _how_far(found)


def _report_lines(report: Mapping[str, Any]) -> Iterator[str]:
    from communique.sinks.remarks import counted

    counts, tokens, seconds = Counter(report["counts"]), report["tokens"], report["seconds"]
    yield (f"documents   {_done(counts)}, failed {counts['failed']:,}, skipped {counts['skipped']:,}, {_left(report)}")
    if report["reasons"]:
        yield f"            {_reasons(report['reasons'])}"
    kinds = report["records"].items()
    told = ", ".join(f"{kind} {sum(verdicts.values()):,}" for kind, verdicts in kinds) or "none"
    verdicts = sum((Counter(found) for _, found in kinds), Counter[str]())
    rejected = sum(report["rejections"].values())
    held = verdicts["supported"] + verdicts["verified"]
    share = f"; {held / (verdicts.total() + rejected):.1%} of the drafts supported or verified" if held else ""
    yield f"records     {told}; rejected {rejected:,}{share}"
    if verdicts:
        yield f"            {counted(verdicts)}"
    yield f"            {report['documents_without_records']:,} documents without records"
    for name in ("rejections", "flags", "warnings"):
        yield from _sentences(name, report[name])
    cost = f", ${report['cost']:,.4f}" if report["cost"] is not None else ", cost unknown without --price"
    yield f"tokens      {tokens['input']:,} in ({tokens['cached']:,} from cache), {_answers(tokens)}{cost}"
    asked = report["requests"]
    yield f"requests    {asked['total']:,}; more than one for {asked['documents_with_more_than_one']:,} documents"
    if seconds["median"] is not None:
        yield f"seconds     median {seconds['median']:.2f}, p95 {seconds['p95']:.2f}, longest {seconds['longest']:.2f}"
    yield f"model       {report['model']}"
    if report["same_ids"]:
        yield f"warning     {_same_ids(report['same_ids'])}"
    if report["slowest"]:
        yield "slowest"
    for row in report["slowest"]:
        state = row["state"] + (f" {row['reason']}" if row["reason"] else "")
        yield (
            f"  {row['seconds']:9.2f} s  {row['requests']:3} requests  {row['tokens_in']:7,} in"
            f" {row['tokens_out']:6,} out  {state}  {row['source'] or row['id']}"
        )
    yield _how_far(report)


def _sentences(name: str, counts: Mapping[str, int], most: int = 8) -> Iterator[str]:
    """Yield a line for each reason, as the report for people has it, with the name that JSON has."""
    from communique.grounding.rules import REASONS
    from communique.sinks.remarks import words

    for reason, count in list(counts.items())[:most]:
        said = f"{REASONS[reason].message} [{reason}]" if reason in REASONS else words(reason)
        yield f"{name:11} {count:6,}  {said}"
        name = ""  # once, at the first
    if len(counts) > most:
        yield f"{'':18}  {len(counts) - most} more"


def _how_far(found: Mapping[str, Any]) -> str:
    if found["finished"]:
        return "finished"
    if found["all_seen"] and not found["counts"].get("left"):
        return "finished up to --limit: run the command without it to read the rest"
    return "not finished: run the same command again"


def _done(counts: Mapping[str, int]) -> str:
    partial = counts.get("partial", 0)
    return f"done {counts.get('ok', 0) + partial:,}{f' ({partial:,} partial)' * bool(partial)}"


def _left(found: Mapping[str, Any]) -> str:
    return f"left {found['counts'].get('left', 0):,}{'' if found['all_seen'] else '+'}"


def _answers(tokens: Mapping[str, int]) -> str:
    from communique.schemas import Usage

    return Usage(output_tokens=tokens["output"], reasoning_tokens=tokens["reasoning"]).answers_told


def _reasons(counts: Mapping[str, int]) -> str:
    from communique.batch.outcome import counted_reasons

    return counted_reasons(counts)


def _same_ids(ids: Sequence[str]) -> str:
    named = ", ".join(repr(name) for name in ids[:3]) + (", …" if len(ids) > 3 else "")
    return f"one id for more than one text: {named}; all are kept, told apart by document.sha256"


def report_ending(report: Report, output: Path, *, as_json: bool = False) -> int:
    """Say how a batch ended, in one line or as JSON on standard output; return the exit code."""
    from communique.batch.export import manifest_path

    code, ending, tally = _code(report), report.ending, report.tally
    if ending.cause is not None:
        terminal.tell(ending.cause, code, as_json=as_json)
    if as_json:
        found: dict[str, Any] = {"output": str(output), "exit_code": code}
        found |= {"done": report.done, "failed": report.failed, "left": report.left, "all_seen": tally.all_seen}
        found |= {"already": tally.already, "records": tally.records, "lost": tally.lost, "cost": report.cost}
        found |= {"reasons": dict(tally.reasons), "pending": report.pending, "same_ids": list(report.same_ids)}
        terminal.write_json(dumps(found | {"outside": report.outside}, ensure_ascii=False))
        return code
    if tally.lost:
        notice(f"communique: {tally.lost} answers were paid for and could not be stored")
    if report.pending:
        notice(f"communique: {report.pending}")
    if report.outside:
        notice(
            f"communique: {report.outside:,} earlier results are not in the output, since their documents are not among"
            " the inputs"
        )
    if report.same_ids:
        notice(f"communique: {_same_ids(report.same_ids)}")
    line = f"{_done(report.counts)}, failed {report.failed:,}, left {report.left:,}{'' if tally.all_seen else '+'}"
    line += f", already done {tally.already:,}" if tally.already else ""
    line += f", ${report.cost:,.4f}" if report.cost is not None else ""
    line += f" ({_reasons(tally.reasons)})" if tally.reasons else ""
    again = ending.cause is not None or ending.signal or report.left
    where = f"{output}; failures: {manifest_path(output)}" if report.failed else output
    notice(f"{line} — {'resume with the same command' if again else where}")
    return code


def _code(report: Report) -> int:
    ending = report.ending
    if ending.signal:
        return terminal.INTERRUPTED if ending.signal == 2 else terminal.TERMINATED
    if ending.cause is not None:
        return terminal.exit_code_of(ending.cause)
    if report.pending:
        return terminal.PENDING
    return terminal.SOME_FAILED if report.failed or report.left or report.tally.reasons else terminal.OK
