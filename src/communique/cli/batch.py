"""`communique batch`: many documents into one JSONL file, resumable."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communique.cli import options as o
from communique.cli.terminal import notice, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from communique.backends.retrying import RetryPolicy
    from communique.batch import BatchSettings, Report
    from communique.batch.outcome import Outcome
    from communique.batch.provider_batch import ProviderOptions
    from communique.engine.driver import Voices
    from communique.engine.plan import Plan
    from communique.schemas import Record


def batch(  # noqa: PLR0917 - options of a command
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL file; failures go to OUT.failed.jsonl.")],
    inputs: Annotated[list[str] | None, typer.Argument(help="Files, folders, patterns, or - for one article.")] = None,
    files_from: Annotated[
        str | None, typer.Option(help="File with one input path per line; - for standard input.")
    ] = None,
    model: o.Model = None,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible server.")] = None,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", "-r", help="Record type: a name, `standard` for the built-in ones, or package:Class."),
    ] = None,
    own_checks: o.Check = None,
    strict: o.Strict = False,
    concurrency: Annotated[int, typer.Option("--concurrency", "-c", min=1, max=1000, help="Documents at once.")] = 16,
    rpm: Annotated[float | None, typer.Option(min=0.001, help="Requests per minute.")] = None,
    tpm: Annotated[float | None, typer.Option(min=1, help="Tokens per minute.")] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="Cost limit of the whole run in US dollars; needs a known price.")
    ] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Token limit of the whole run.")] = None,
    price: o.PriceOption = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Time limit of one request, in seconds.")] = 120.0,
    max_wait: Annotated[float, typer.Option(min=0, help="Longest wait that a server may ask for, in seconds.")] = 900.0,
    outage: Annotated[float, typer.Option(min=0, help="How long a server may be down, in seconds.")] = 600.0,
    grace: Annotated[float, typer.Option(min=0, help="Time for documents in flight after Ctrl-C, in seconds.")] = 30.0,
    limit: Annotated[int | None, typer.Option(min=1, help="Maximum number of documents to read.")] = None,
    retry_failed: Annotated[
        str,
        typer.Option(
            "--retry-failed",
            help="Read failed documents again; --retry-failed=REASON limits it to one reason.",
        ),
    ] = "",
    follow: Annotated[bool, typer.Option(help="Also write each row to standard output when it is done.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Count documents, tokens and cost; send nothing.")] = False,
    full: Annotated[
        bool,
        typer.Option("--full", help="Complete records with nulls, all checks and judgements; the journal has them."),
    ] = False,
    overwrite: Annotated[bool, typer.Option(help="Replace an output that has no journal.")] = False,
    new_run: Annotated[bool, typer.Option(help="Accept a changed configuration and read everything again.")] = False,
    salvage: Annotated[bool, typer.Option(help="First recover what can be read of a damaged journal.")] = False,
    text_field: o.TextField = "text",
    id_field: o.IdField = None,
    title_field: o.TitleField = None,
    date_field: o.DateField = None,
    url_field: o.UrlField = None,
    outlet: o.Outlet = None,
    encoding: o.Encoding = None,
    max_chars: Annotated[int, typer.Option(min=1, help="Longest text; a longer one is skipped.")] = 5_000_000,
    published: Annotated[str | None, typer.Option(help="ISO date of publication of all documents.")] = None,
    language: o.Language = None,
    claim_language: o.ClaimLanguage = "en",
    provider_batch: Annotated[
        bool, typer.Option("--provider-batch", help="Use the provider's Batch API: half the price, within a day.")
    ] = False,
    no_wait: Annotated[
        bool,
        typer.Option("--no-wait", help="With --provider-batch: send requests, collect finished answers, and exit."),
    ] = False,
    poll_every: Annotated[
        float, typer.Option(min=0.05, help="With --provider-batch: seconds between status checks.")
    ] = 60.0,
    effort: o.Effort = None,
    judge: o.Judge = None,
    no_judge: o.NoJudge = False,
    quiet: o.Quiet = False,
) -> None:
    """Read many documents into one JSONL file. Run the same command again to resume.

    Exit codes: 0 all done, 2 usage, 3 some documents failed, 4 stopped by the provider, 5 budget reached, 6 journal or
    output, 7 another run, 8 answers are pending at the provider, 130 interrupted, 143 terminated.
    """
    from communique.backends.retrying import RetryPolicy
    from communique.batch import BatchSettings, Bounds, RunOptions
    from communique.cli.observing import hooks
    from communique.cli.record_types import checks, record_types
    from communique.documents.readers import ReadOptions
    from communique.engine.plan import Plan

    names = _inputs(inputs or [], files_from)
    kinds = record_types(records)
    model = o.chosen_model(model, base_url)
    cost = o.stated_price(price, [model, *([judge] if judge else [])], needed=max_cost is not None)
    settings = BatchSettings(
        bounds=Bounds(concurrency, rpm, tpm, max_tokens, max_cost, cost, outage),
        run=RunOptions(concurrency, limit, grace, signals=True),
        read=ReadOptions(
            text_field=text_field,
            title_field=title_field,
            date_field=date_field,
            id_field=id_field,
            url_field=url_field,
            published=published,
            language=language,
            outlet=outlet,
            encoding=encoding,
            max_chars=max_chars,
        ),
        retry_failed=_reason(retry_failed),
        full=full,
        overwrite=overwrite,
        new_run=new_run,
        progress=not quiet,
        on_row=_row_printer(kinds, full=full) if follow else None,
        hooks=hooks(),
    )
    plan = Plan(
        records=kinds,
        strict=strict,
        checks=checks(own_checks),
        claim_language=claim_language,
        effort=effort,
        judge=o.judge_mode(judge, no_judge=no_judge),
    )
    if dry_run:
        _estimate(names, plan, settings, model, base_url, judge=judge, provider_batch=provider_batch)
        return
    if salvage:
        _salvage(output)
    provider = None
    if provider_batch:
        from communique.batch.provider_batch import ProviderOptions

        provider = ProviderOptions(wait=not no_wait, every=poll_every, say=None if quiet else notice)
    patience = RetryPolicy(attempt_deadline=timeout, call_deadline=2.5 * timeout, max_wait=max_wait)
    code = _run(
        names,
        output,
        plan,
        settings,
        provider=provider,
        connect=lambda: _connected(plan, model, judge, base_url, patience),
    )
    raise typer.Exit(code)


def _connected(plan: Plan, model: str, judge: str | None, base_url: str | None, patience: RetryPolicy) -> Voices[Any]:
    from communique.engine.driver import Voices

    voices = Voices[Any].of(plan, model, judge, base_url)
    for backend in voices.all:
        if isinstance(getattr(backend, "policy", None), type(patience)):
            backend.policy = patience
    return voices


def _run(
    names: list[str],
    output: Path,
    plan: Plan,
    settings: BatchSettings,
    *,
    provider: ProviderOptions | None,
    connect: Callable[[], Voices[Any]],
) -> int:
    from dataclasses import replace

    import anyio

    from communique.batch import run_batch
    from communique.batch.run import check_output
    from communique.cli.endings import report_ending

    check_output(output, overwrite=settings.overwrite)

    async def main() -> Report:
        voices = connect()
        backend, judge = voices.backend, voices.judge
        if judge is backend:
            told_plan, given = replace(plan, judge="on"), settings
        else:
            told_plan, given = plan, replace(settings, judge=judge)
        try:
            if provider is not None:
                from communique.batch.provider_batch import run_provider_batch

                return await run_provider_batch(names, output, backend, told_plan, settings=given, provider=provider)
            return await run_batch(names, output, backend, told_plan, given)
        finally:
            with anyio.CancelScope(shield=True):
                for one in voices.all:
                    await one.aclose()

    return report_ending(anyio.run(main), output)


def _inputs(named: list[str], files_from: str | None) -> list[str]:
    from communique.errors import ConfigurationError, UnreadableDocumentError

    names = list(named)
    if files_from is not None:
        try:
            text = sys.stdin.read() if files_from == "-" else Path(files_from).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableDocumentError(f"the list {files_from} can't be read: {error}") from error
        names += [line for line in text.split("\n") if line.strip()]
    if not names:
        raise ConfigurationError("there is no input", hint="name files, folders or patterns, or --files-from LIST")
    return names


def _reason(text: str) -> str:
    """Return a reason of failure as it was given, or an error that lists the reasons there are."""
    from communique import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = {kind.reason for kind in kinds if issubclass(kind, errors.CommuniqueError)} | {"bug"}
    if text and text != "all" and text not in known:
        raise errors.ConfigurationError(
            f"no document fails for the reason {text!r}", hint=f"one of {', '.join(sorted(known))}"
        )
    return text


def _estimate(
    names: list[str],
    plan: Plan,
    settings: BatchSettings,
    model: str,
    base_url: str | None,
    *,
    judge: str | None,
    provider_batch: bool,
) -> None:
    from communique.batch.estimate import estimate
    from communique.documents.readers import open_documents

    narrows = model.partition("/")[0] == "local" and base_url is None
    found = estimate(
        open_documents(names, settings.read),
        plan,
        narrows=narrows,
        price=settings.bounds.price,
        limit=settings.run.limit,
        provider_batch=provider_batch,
        judged=plan.judge != "off" and (judge is not None or not narrows),
    )
    cost = f", ${found.cost:,.2f}" if found.cost is not None else ""
    print(  # noqa: T201
        f"{found.documents:,} documents ({found.duplicates:,} duplicates, {found.skipped:,} unreadable), {found.requests:,}"
        f" requests, about {found.usage.input_tokens:,} tokens in and {found.usage.output_tokens:,} out{cost}; nothing"
        " was sent"
    )


def _salvage(output: Path) -> None:
    from communique.batch.journal_file import journal_path
    from communique.batch.salvage import salvage

    kept = salvage(journal_path(output))
    notice(f"salvaged {kept:,} results")


def _row_printer(kinds: tuple[type[Record], ...], *, full: bool) -> Callable[[Outcome], None]:
    from communique.batch.export import in_form

    def print_row(outcome: Outcome) -> None:
        if not outcome.payload:
            return
        try:
            write_json(in_form(outcome.payload, kinds, full=full))
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has gone, as `| head` does; the batch goes on
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end of the process

    return print_row
