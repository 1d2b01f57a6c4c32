"""`communique extract`: read articles, print what they report."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli import judge_options as jo
from communique.cli import read_options as ro
from communique.cli.model_option import Model, chosen_model
from communique.cli.standard_output import write_json

if TYPE_CHECKING:
    from communique.documents import Document
    from communique.schemas import VerifiedSummary


class Format(StrEnum):
    """How results are printed."""

    json = "json"
    jsonl = "jsonl"
    text = "text"


def extract(  # noqa: PLR0917 - options of a command
    articles: Annotated[list[str], typer.Argument(help="Files, or - for standard input.")],
    model: Model = None,
    base_url: Annotated[
        str | None, typer.Option(help="OpenAI-compatible server; the key comes from the environment.")
    ] = None,
    published: Annotated[
        str | None, typer.Option(help="ISO date of publication; without it no date is resolved.")
    ] = None,
    records: Annotated[
        list[str] | None, typer.Option("--record", "-r", help="Record type: a name, or package:Class.")
    ] = None,
    own_checks: Annotated[
        list[str] | None,
        typer.Option("--check", help="Check of one's own: a name, or package:function."),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", "-f", help="What to print.")] = Format.json,
    strict: Annotated[bool, typer.Option(help="Keep only records that no check flags.")] = False,
    repair_rounds: Annotated[int, typer.Option(min=0, max=5, help="How often a failed check is asked again.")] = 1,
    keep_text: Annotated[
        bool, typer.Option(help="Put the article's text into the result, for the HTML report.")
    ] = False,
    text_field: ro.TextField = "text",
    id_field: ro.IdField = None,
    title_field: ro.TitleField = None,
    date_field: ro.DateField = None,
    url_field: ro.UrlField = None,
    outlet: ro.Outlet = None,
    encoding: ro.Encoding = None,
    language: ro.Language = None,
    claim_language: ro.ClaimLanguage = "en",
    max_chars: ro.LongestArticle = 5_000_000,
    judge: jo.Judge = None,
    no_judge: jo.NoJudge = False,
) -> int:
    """Read articles and print their meetings, allegations and sanctions concerns, each with its evidence."""
    import time

    from communique.cli.observing import hooks
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
    documents = [read_article(article, options) for article in articles]
    plan = Plan(
        records=kinds,
        strict=strict,
        repair_rounds=repair_rounds,
        checks=checks(own_checks),
        claim_language=claim_language,
        judge=jo.mode(judge, no_judge=no_judge),
    )
    start = time.perf_counter()
    results: list[VerifiedSummary] = []
    named = chosen_model(model, base_url)
    try:
        with Extractor(named, plan=plan, base_url=base_url, hooks=hooks(), judge=judge) as extractor:
            for document in documents:
                results.append(
                    _with_text(extractor.extract(document), document) if keep_text else extractor.extract(document)
                )
                if output_format is not Format.json:
                    _print([results[-1]], output_format)
    finally:  # what was read before an error is paid for
        if output_format is Format.json and results:
            _print(results, output_format, several=len(documents) > 1)
        if results:
            _closing_line(results, time.perf_counter() - start)
    return 0


def _with_text(summary: VerifiedSummary, document: Document) -> VerifiedSummary:
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": document.text})})


def _print(results: list[VerifiedSummary], output_format: Format, *, several: bool = False) -> None:
    import json

    from communique.sinks import render_text

    if output_format is Format.text:
        sys.stdout.write("\n\n".join(render_text(r) for r in results) + "\n")
    elif output_format is Format.jsonl:
        for result in results:
            write_json(json.dumps(result.model_dump(mode="json"), ensure_ascii=False))
    else:
        data = [r.model_dump(mode="json") for r in results]
        write_json(json.dumps(data if several else data[0], ensure_ascii=False, indent=2))
    sys.stdout.flush()


def _closing_line(results: list[VerifiedSummary], seconds: float) -> None:
    from collections import Counter

    from communique.sinks.remarks import counted

    records = [r for s in results for r in s.all_records()]
    usage = [s.provenance.usage for s in results]
    left_out = sum(c.change == "left_out" for r in records for c in r.checks)
    told = ", ".join(
        x for x in (counted(Counter(r.verdict for r in records)), f"{left_out} left out" * bool(left_out)) if x
    )
    rejected = sum(len(s.rejections) for s in results)
    tokens_in, cached = sum(u.input_tokens for u in usage), sum(u.cached_tokens for u in usage)
    print(  # noqa: T201
        f"{len(results)} document{'s' * (len(results) != 1)}: {len(records)} records{f' ({told})' * bool(told)},"
        f" {rejected} rejected; {tokens_in} tokens in ({cached} from cache), {sum(u.output_tokens for u in usage)} out,"
        f" {seconds:.1f} s",
        file=sys.stderr,
    )
