"""`communique extract`: read articles, print what they report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli import options as o
from communique.cli.terminal import write_json

if TYPE_CHECKING:
    from communique.documents import Document
    from communique.schemas import Record, VerifiedSummary


PRINTED = ("json", "jsonl", "text")
"""Formats that are printed; every other one needs a file."""


def extract(  # noqa: PLR0917 - options of a command
    articles: Annotated[list[str], typer.Argument(help="Files, or - for standard input.")],
    model: o.Model = None,
    base_url: Annotated[
        str | None, typer.Option(help="OpenAI-compatible server; the key comes from the environment.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(help="ISO date of publication; without it no date is resolved.")
    ] = None,
    records: Annotated[
        list[str] | None, typer.Option("--record", "-r", help="Record type: a name, or package:Class.")
    ] = None,
    own_checks: o.Check = None,
    output_format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="json (the default), jsonl or text; with -o any format of `communique show sinks`."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write instead of printing; its suffix sets the format if --format is not given.",
        ),
    ] = None,
    strict: o.Strict = False,
    repair_rounds: Annotated[
        int, typer.Option(min=0, max=5, help="How often the model is asked again about failed checks.")
    ] = 1,
    keep_text: Annotated[
        bool, typer.Option(help="Put the article's text into the result, for the HTML report.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="JSON: complete records with nulls, all checks and judgements.")
    ] = False,
    text_field: o.TextField = "text",
    id_field: o.IdField = None,
    title_field: o.TitleField = None,
    date_field: o.DateField = None,
    url_field: o.UrlField = None,
    outlet: o.Outlet = None,
    encoding: o.Encoding = None,
    language: o.Language = None,
    claim_language: o.ClaimLanguage = "en",
    max_chars: Annotated[int, typer.Option(min=1, help="Longest text; a longer one is refused.")] = 5_000_000,
    effort: o.Effort = None,
    judge: o.Judge = None,
    no_judge: o.NoJudge = False,
    quiet: o.Quiet = False,
) -> int:
    """Read articles and print their meetings, allegations and sanctions concerns, each with its evidence."""
    import time
    from pathlib import Path

    from communique.cli.observing import hooks
    from communique.cli.progress import Spinner
    from communique.cli.record_types import checks, record_types
    from communique.documents import parse_date
    from communique.documents.readers import ReadOptions, read_article
    from communique.engine import Extractor, Plan
    from communique.errors import ConfigurationError

    if published is not None:
        try:
            parse_date(published)
        except ValueError:
            raise ConfigurationError(f"--published {published!r} is no date", hint="give it as 2023-12-13") from None
    kinds = record_types(records)
    options = ReadOptions(
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
    )
    if output is None:
        _refuse_unprinted(output_format)
    elif any(Path(article).resolve() == Path(output).resolve() for article in articles):
        raise ConfigurationError(f"{output} would be written over the article", hint="give another -o")
    documents = [read_article(article, options) for article in articles]
    plan = Plan(
        records=kinds,
        strict=strict,
        repair_rounds=repair_rounds,
        checks=checks(own_checks),
        claim_language=claim_language,
        effort=effort,
        judge=o.judge_mode(judge, no_judge=no_judge),
    )
    start = time.perf_counter()
    results: list[VerifiedSummary] = []
    named = o.chosen_model(model, base_url)
    shown = (
        _printed(output_format, full=full, several=len(documents) > 1)
        if output is None
        else _filed(output, output_format, kinds, full=full)
    )
    seen = hooks()
    spinner = Spinner(seen, len(documents), quiet=quiet)
    try:
        with shown as add, Extractor(named, plan=plan, base_url=base_url, hooks=seen, judge=judge) as extractor:
            for document in documents:
                with spinner.reading(document.source or document.title or document.id):
                    found = extractor.extract(document)
                results.append(_with_text(found, document) if keep_text else found)
                add(results[-1])
    finally:
        if results and not quiet:
            _closing_line(results, time.perf_counter() - start)
    return 0


def _refuse_unprinted(output_format: str | None) -> None:
    from communique.errors import ConfigurationError, UnknownNameError
    from communique.plugins import names

    if output_format in (None, *PRINTED):
        return
    if output_format in names("sinks"):
        raise ConfigurationError(f"--format {output_format} is not printed", hint="name a file with -o")
    raise UnknownNameError.of("format", str(output_format), {*PRINTED, *names("sinks")})


@contextmanager
def _printed(output_format: str | None, *, full: bool, several: bool) -> Iterator[Callable[[VerifiedSummary], None]]:
    """Print each summary as it comes; JSON at the end, also of what was read before an error: it is paid for."""
    if output_format in ("jsonl", "text"):
        yield lambda found: _print([found], output_format, full=full)
        return
    results: list[VerifiedSummary] = []
    try:
        yield results.append
    finally:
        if results:
            _print(results, "json", full=full, several=several)


@contextmanager
def _filed(
    output: str, output_format: str | None, kinds: Sequence[type[Record]], *, full: bool
) -> Iterator[Callable[[VerifiedSummary], None]]:
    """Write a file, which is refused before anything is read; what was read before an error is kept in it, too."""
    from pathlib import Path

    from communique.errors import OutputError
    from communique.sinks import FanOut, SinkOptions, sink_for, sink_named
    from communique.sinks.control_chars import visible

    written = 0
    failure: BaseException | None = None
    sink = sink_named(output_format) if output_format else sink_for(Path(output))
    with FanOut([(sink, output)], SinkOptions(record_types=tuple(kinds), full=full)) as out:

        def add(found: VerifiedSummary) -> None:
            nonlocal written
            out.write(found)
            written += 1

        try:
            yield add
        except BaseException as error:
            if not written or isinstance(error, OutputError):
                raise
            failure = error
    typer.echo(f"wrote {', '.join(visible(str(path), one_line=True) for path in out.written)}", err=True)
    if failure is not None:
        raise failure


def _with_text(summary: VerifiedSummary, document: Document) -> VerifiedSummary:
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": document.text})})


def _print(results: list[VerifiedSummary], output_format: str, *, full: bool, several: bool = False) -> None:
    from communique.schemas.stored import json_text
    from communique.sinks import render_text

    if output_format == "text":
        sys.stdout.write("\n\n".join(render_text(r) for r in results) + "\n")
    elif output_format == "jsonl":
        for result in results:
            write_json(result.to_json(full=full))
    else:
        data = [r.to_dict(full=full) for r in results]
        write_json(json_text(data if several else data[0], indent=2))
    sys.stdout.flush()


def _closing_line(results: list[VerifiedSummary], seconds: float) -> None:
    from collections import Counter

    from communique.schemas import Usage
    from communique.sinks.remarks import counted

    records = [r for s in results for r in s.all_records()]
    usage = sum((s.provenance.usage for s in results), Usage())
    left_out = sum(c.change == "left_out" for r in records for c in r.checks)
    told = ", ".join(
        x for x in (counted(Counter(r.verdict for r in records)), f"{left_out} left out" * bool(left_out)) if x
    )
    rejected = sum(len(s.rejections) for s in results)
    print(  # noqa: T201
        f"{len(results)} document{'s' * (len(results) != 1)}: {len(records)} records{f' ({told})' * bool(told)},"
        f" {rejected} rejected; {usage.input_tokens:,} tokens in ({usage.cached_tokens:,} from cache),"
        f" {usage.answers_told}, {seconds:.1f} s",
        file=sys.stderr,
    )
