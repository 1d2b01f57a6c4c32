"""`communique extract`: read articles, print what they report."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communique.cli.options import OUTPUT, Reading, Timeout, patience
from communique.cli.terminal import (
    SOME_FAILED,
    answers_kept,
    harmless,
    hooks,
    notice,
    refuse_article,
    refuse_same_file,
    tell,
    write_json,
)
from communique.errors import ConfigurationError, EmptyDocumentError, OutputError, UnknownNameError

if TYPE_CHECKING:
    from communique.documents import Document
    from communique.documents.readers import ReadOptions, Skipped
    from communique.engine.events import Answered, Asked, Hooks
    from communique.schemas import Record, VerifiedSummary


PRINTED = ("json", "jsonl", "text")
"""Formats that are printed; every other one needs a file."""


def extract(
    articles: Annotated[list[str], typer.Argument(help="Files, folders, or - for standard input.")],
    reading: Reading,
    format: Annotated[  # noqa: A002 - the name of its option
        str | None,
        OUTPUT("--format", "-f", help="json (the default), jsonl or text; with -o any of `communique show sinks`."),
    ] = None,
    output: Annotated[
        str | None,
        OUTPUT(
            "--output", "-o", help="File to write instead of printing; its suffix sets the format without --format."
        ),
    ] = None,
    timeout: Timeout = 120.0,
) -> int:
    """Read articles and print their meetings, allegations and sanctions concerns, each with its evidence."""
    from communique.backends.retrying import give_policy
    from communique.engine import Extractor, FailedDocument

    options, plan = reading.read_options(), reading.plan()
    if output is None:
        _refuse_unprinted(format)
    else:
        refuse_same_file(output, articles, "the article", "-o")
        refuse_article(output, articles, b'"schema_version"', "-o")
        tables = Path(output)  # CSV has a table of each record type, beside it
        options = options.leaving_out(output).leaving_out(tables.with_suffix(""), more=f".*{tables.suffix}")
    documents = _opened(articles, options)
    start = time.perf_counter()
    results: list[VerifiedSummary] = []
    model, failed = reading.chosen_model(), 0
    shown = (
        _printed(format, full=reading.full, several=len(documents) > 1)
        if output is None
        else _filed(output, format, plan.records, full=reading.full)
    )
    seen = hooks()
    spinner = Spinner(seen, len(documents), quiet=reading.quiet)
    extracting = Extractor(model, plan=plan, base_url=reading.base_url, hooks=seen, judge=reading.judge)
    give_policy(patience(timeout), filter(None, [extracting.backend, extracting.judge]))
    try:
        with answers_kept(seen, reading.answers, [*articles, output]), shown as add, extracting as extractor:
            for found in extractor.extract_many(spinner.each(documents)):
                spinner.stop()
                if not isinstance(found, FailedDocument):
                    results.append(found)
                    add(found)
                elif len(documents) == 1:
                    raise found.error
                else:
                    failed += 1
                    tell(found.error, SOME_FAILED, name=_name_of(found.document), as_json=reading.json)
    finally:
        spinner.stop()
        if results and not reading.quiet:
            _closing_line(results, failed, time.perf_counter() - start)
    return SOME_FAILED if failed else 0


def _opened(articles: list[str], options: ReadOptions) -> list[Document | Skipped]:
    """Open what was named, before anything is paid for; one file alone has to be one article that can be read."""
    from communique.documents.readers import input_kind, open_documents, read_article

    if len(articles) == 1 and input_kind(articles[0]) in {"file", "stream"}:
        return [read_article(articles[0], options)]
    documents = list(open_documents(articles, options))
    if not documents:
        raise EmptyDocumentError(f"there is no article in {' or '.join(articles)}")
    return documents


def _refuse_unprinted(output_format: str | None) -> None:
    from communique.plugins import names

    if output_format in (None, *PRINTED):
        return
    if output_format in names("sinks"):
        raise ConfigurationError(f"--format {output_format} is not printed", hint="name a file with -o")
    raise UnknownNameError.of("format", str(output_format), {*PRINTED, *names("sinks")})


@contextmanager
def _printed(output_format: str | None, *, full: bool, several: bool) -> Iterator[Callable[[VerifiedSummary], None]]:
    """Print each summary as it comes; JSON at the end, also of what was read before an error: it is paid for."""
    from communique.schemas.stored import json_text
    from communique.sinks import render_text

    for_json: list[dict[str, Any]] = []

    def add(found: VerifiedSummary) -> None:
        if output_format == "text":
            sys.stdout.write(render_text(found) + "\n")
        elif output_format == "jsonl":
            write_json(found.to_json(full=full))
        else:
            for_json.append(found.to_dict(full=full))
        sys.stdout.flush()

    try:
        yield add
    finally:
        if for_json:
            write_json(json_text(for_json if several else for_json[0], indent=2))
            sys.stdout.flush()


@contextmanager
def _filed(
    output: str, output_format: str | None, kinds: Sequence[type[Record]], *, full: bool
) -> Iterator[Callable[[VerifiedSummary], None]]:
    """Write a file, which is refused before anything is read; what was read before an error is kept in it, too."""
    from communique.sinks import FanOut, SinkOptions, sink_for, sink_named

    written, failure = 0, None
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
    notice(f"wrote {', '.join(str(path) for path in out.written)}")
    if failure is not None:
        raise failure


def _closing_line(results: list[VerifiedSummary], failed: int, seconds: float) -> None:
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
        f"{len(results)} document{'s' * (len(results) != 1)}: {len(records)} record{'s' * (len(records) != 1)}"
        f"{f' ({told})' * bool(told)},"
        f" {rejected} rejected{f', {failed} failed' * bool(failed)}; {usage.input_tokens:,} tokens in"
        f" ({usage.cached_tokens:,} from cache), {usage.answers_told}, {seconds:.1f} s",
        file=sys.stderr,
    )


def _name_of(document: Any) -> str:
    return str(document.source or getattr(document, "title", None) or getattr(document, "id", ""))


class Spinner:
    """One line on a terminal while articles are read, which goes away at the end.

    It shows which article is read, how many questions were asked about it, the tokens of all articles, and the time.
    """

    def __init__(self, hooks: Hooks, articles: int, *, quiet: bool) -> None:
        self._off = quiet or not sys.stderr.isatty()
        self._articles, self._read = articles, 0
        self._questions = self._tokens_in = self._tokens_out = 0
        self._shown: Progress | None = None
        if self._off:
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        from communique.engine.events import Answered, Asked

        console = Console(stderr=True)
        columns = (
            SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold")),
        )
        # One for each article: a second start of the same one deletes what was printed in between.
        self._new: Callable[[], Progress] = lambda: Progress(
            *columns, console=console, transient=True, redirect_stdout=False
        )
        self._began = time.monotonic()
        hooks.on(Asked, self._asked)
        hooks.on(Answered, self._answered)

    def each(self, documents: Iterable[Document | Skipped]) -> Iterator[Document | Skipped]:
        """Show the line for each document while it is read, until the next one is asked for or `stop`."""
        for document in documents:
            self.stop()
            self._start(_name_of(document))
            yield document
        self.stop()

    def stop(self) -> None:
        """Take the line away."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None

    def _start(self, name: str) -> None:
        if self._off:
            return
        from communique.batch.outcome import duration

        self._name, self._questions = harmless(name), 0
        done, self._read = self._read, self._read + 1
        if self._articles > 1:
            seconds = (time.monotonic() - self._began) / max(done, 1) * (self._articles - done)
            left = f", {duration(seconds)} left" * bool(done)  # at the pace so far
            self._name += f" ({self._read} of {self._articles}{left})"
        self._shown = shown = self._new()
        self._task = shown.add_task(f"{self._name} · starting", total=None)
        shown.start()

    def _asked(self, _event: Asked) -> None:
        self._questions += 1
        self._say()

    def _answered(self, event: Answered) -> None:
        self._tokens_in += event.answer.usage.input_tokens
        self._tokens_out += event.answer.usage.output_tokens
        self._say()

    def _say(self) -> None:
        tokens = f"{self._tokens_in:,} tokens in, {self._tokens_out:,} out"
        if self._shown is not None:
            self._shown.update(self._task, description=f"{self._name} · question {self._questions} · {tokens}")
