"""`communique batch`: many documents into one JSONL file, resumable."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from functools import partial
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.options import INPUT, LIMITS, OUTPUT, Reading, Timeout, patience, stated_price
from communique.cli.status import report_ending
from communique.cli.terminal import answers_kept, hooks, notice, refuse_same_file, write_json
from communique.errors import ConfigurationError, UnknownNameError, UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from communique.batch import BatchSettings
    from communique.batch.outcome import Outcome
    from communique.engine.plan import Plan
    from communique.schemas import Record

RUN = partial(typer.Option, rich_help_panel="Run")
PROVIDER = partial(typer.Option, rich_help_panel="Provider batch")
PRICE = (
    "US dollars per million tokens: INPUT,OUTPUT, such as 0.25,2; a third number is the share of it that"
    " --provider-batch pays, 0.5 if not given."
)


def batch(  # noqa: PLR0917 - options of a command
    ctx: typer.Context,
    reading: Reading,
    output: Annotated[Path, OUTPUT("--output", "-o", help="JSONL file; failures go to OUT.failed.jsonl.")],
    inputs: Annotated[list[str] | None, typer.Argument(help="Files, folders, patterns, or - for one article.")] = None,
    files_from: Annotated[str | None, INPUT(help="File with one input path per line; - for standard input.")] = None,
    limit: Annotated[int | None, INPUT(min=1, help="Maximum number of documents to read.")] = None,
    follow: Annotated[bool, OUTPUT(help="Also write each row to standard output when it is done.")] = False,
    overwrite: Annotated[bool, OUTPUT(help="Replace an output that has no journal.")] = False,
    concurrency: Annotated[int, LIMITS("--concurrency", "-c", min=1, max=1000, help="Documents at once.")] = 16,
    rpm: Annotated[float | None, LIMITS(min=0.001, help="Requests per minute.")] = None,
    tpm: Annotated[float | None, LIMITS(min=1, help="Tokens per minute.")] = None,
    max_cost: Annotated[
        float | None, LIMITS(min=0, help="Cost limit of the whole run in US dollars; needs a known price.")
    ] = None,
    max_tokens: Annotated[int | None, LIMITS(min=1, help="Token limit of the whole run.")] = None,
    price: Annotated[str | None, LIMITS(help=PRICE)] = None,
    timeout: Timeout = 120.0,
    max_wait: Annotated[float, LIMITS(min=0, help="Longest wait that a server may ask for, in seconds.")] = 900.0,
    outage: Annotated[float, LIMITS(min=0, help="How long a server may be down, in seconds.")] = 600.0,
    grace: Annotated[float, LIMITS(min=0, help="Time for documents in flight after Ctrl-C, in seconds.")] = 30.0,
    retry_failed: Annotated[
        str, RUN(help="Read failed documents again; --retry-failed=REASON limits it to one reason.")
    ] = "",
    dry_run: Annotated[bool, RUN(help="Count documents, tokens and cost; send nothing.")] = False,
    new_run: Annotated[
        bool, RUN(help="If the configuration has changed, accept it and read everything again.")
    ] = False,
    salvage: Annotated[bool, RUN(help="First recover what can be read of a damaged journal.")] = False,
    provider_batch: Annotated[
        bool, PROVIDER("--provider-batch", help="Use the provider's Batch API: half the price, within a day.")
    ] = False,
    no_wait: Annotated[bool, PROVIDER("--no-wait", help="Send requests, collect finished answers, and exit.")] = False,
    poll_every: Annotated[float, PROVIDER(min=0.05, help="Seconds between status checks.")] = 60.0,
) -> int:
    """Read many documents into one JSONL file. Run the same command again to resume.

    Exit codes: 0 all done, 2 usage, 3 some documents failed, 4 stopped by the provider, 5 budget reached, 6 journal or
    output, 7 another run, 8 answers are pending at the provider, 130 interrupted, 143 terminated.
    """
    from communique.batch import BatchSettings, Bounds, journal_file, run_batch
    from communique.batch.export import manifest_path
    from communique.batch.provider_batch import ProviderOptions
    from communique.batch.run import reading_beside

    for name, option in {"no_wait": "--no-wait", "poll_every": "--poll-every"}.items():
        if not provider_batch and getattr(ctx.get_parameter_source(name), "name", "") == "COMMANDLINE":
            raise ConfigurationError(f"{option} is for --provider-batch", hint="give both, or neither")
    names = _inputs(inputs or [], files_from)
    _refuse_other_format(output)
    refuse_same_file(str(output), [files_from], "the list", "-o")
    plan, model = reading.plan(), reading.chosen_model()
    asked = [model, *([reading.judge] if reading.judge else [])]
    cost = stated_price(price, asked, needed=max_cost is not None)
    seen = hooks()
    settings = BatchSettings(
        bounds=Bounds(concurrency, rpm, tpm, max_tokens, max_cost, cost, outage),
        limit=limit,
        grace=grace,
        signals=True,
        read=reading.read_options(),
        retry_failed={"true": "all", "false": ""}.get(retry_failed.lower(), retry_failed),  # of a settings file
        full=reading.full,
        overwrite=overwrite,
        new_run=new_run,
        progress=not reading.quiet,
        on_row=_row_printer(plan.records, full=reading.full) if follow else None,
        hooks=seen,
        policy=replace(patience(timeout), max_wait=max_wait),
    )
    if dry_run:
        settings = replace(settings, read=reading_beside(output, settings.read))
        _estimate(names, plan, settings, reading, model, provider_batch=provider_batch)
        return 0
    if salvage:
        notice(f"salvaged {journal_file.salvage(journal_file.journal_path(output)):,} results")
    provider = None
    if provider_batch:
        provider = ProviderOptions(wait=not no_wait, every=poll_every, say=None if reading.quiet else notice)
    taken = (*names, files_from, output, *journal_file.journal_files(output), manifest_path(output))
    with answers_kept(seen, reading.answers, taken, "a"):
        report = run_batch(
            names, output, model, plan, settings, base_url=reading.base_url, judge=reading.judge, provider=provider
        )
    return report_ending(report, output, as_json=reading.json)


def _inputs(named: list[str], files_from: str | None) -> list[str]:
    names = list(named)
    if files_from is not None:
        try:
            raw = sys.stdin.buffer.read() if files_from == "-" else Path(files_from).read_bytes()
            text = raw.decode("utf-8-sig")  # whatever the console's code page
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableDocumentError(f"the list {files_from} can't be read: {error}") from error
        names += [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if not names:
        raise ConfigurationError("there is no input", hint="name files, folders or patterns, or --files-from LIST")
    return names


def _refuse_other_format(output: Path) -> None:
    if output.suffix.lower() == ".jsonl":  # as usual, and the outputs need not be loaded
        return
    from communique.sinks import sink_for

    try:
        sink = sink_for(output)
    except UnknownNameError:
        return  # a name that promises nothing
    if sink.name not in {"jsonl", "text"}:
        rows = output.with_suffix(".jsonl")
        raise ConfigurationError(
            f"batch writes JSONL, and {output} is a name for {sink.name}",
            hint=f"-o {rows}, and then: communique convert {rows} -o {output}",
        )


def _estimate(
    names: list[str], plan: Plan, settings: BatchSettings, reading: Reading, model: str, *, provider_batch: bool
) -> None:
    from communique.backends.model_files import is_small
    from communique.batch.budget import estimate
    from communique.documents.readers import open_documents

    backend, _, name = model.partition("/")
    local = backend == "local" and reading.base_url is None
    found = estimate(
        open_documents(names, settings.read),
        plan,
        asking=plan.asking(narrows=local and is_small(name), trained=local and not name),
        price=settings.bounds.price,
        limit=settings.limit,
        provider_batch=provider_batch,
        judged=plan.judge != "off" and (reading.judge is not None or not local),
    )
    cost = f", ${found.cost:,.2f}" if found.cost is not None else ""
    if reading.json:
        write_json(dumps(asdict(found) | {"usage": found.usage.model_dump()}))
        return
    print(  # noqa: T201
        f"{found.documents:,} documents ({found.duplicates:,} duplicates, {found.skipped:,} unreadable), {found.requests:,}"
        f" requests, about {found.usage.input_tokens:,} tokens in and {found.usage.output_tokens:,} out{cost}; nothing"
        " was sent"
    )


def _row_printer(kinds: tuple[type[Record], ...], *, full: bool) -> Callable[[Outcome], None]:
    from communique.batch.export import in_form

    def print_row(outcome: Outcome) -> None:
        if not outcome.payload:
            return
        try:
            write_json(in_form(outcome.payload, kinds, full=full))
            sys.stdout.flush()
        except OSError as error:  # the reader has gone, as `| head` does, or a disk is full; the batch goes on
            if not isinstance(error, BrokenPipeError):
                notice(f"communique: standard output can't be written: {error.strerror}; see the output file")
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end of the process

    return print_row
