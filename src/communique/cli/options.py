"""Options of several verbs, each declared once, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from communique.cli.terminal import notice

if TYPE_CHECKING:
    import socket

    from communique.backends.retrying import RetryPolicy
    from communique.batch.budget import Price
    from communique.documents.readers import ReadOptions
    from communique.engine.plan import Plan
    from communique.schemas import Record
    from communique.sinks.cards import NotesOf

MODEL = partial(typer.Option, rich_help_panel="Model")
INPUT = partial(typer.Option, rich_help_panel="Input")
RECORDS = partial(typer.Option, rich_help_panel="Records and checks")
OUTPUT = partial(typer.Option, rich_help_panel="Output")
LIMITS = partial(typer.Option, rich_help_panel="Limits")

PRICE = (
    "US dollars per million tokens: INPUT,OUTPUT, such as 0.25,2; a third number is the share of it that"
    " --provider-batch pays, 0.5 if not given."
)

RESULTS = typer.Argument(help="JSONL or JSON that extract or batch wrote, or - for standard input.")
Json = Annotated[bool, typer.Option("--json", help="Results and errors as JSON.", allow_from_autoenv=False)]
OwnTypes = Annotated[
    list[str] | None, typer.Option("--record", "-r", help="Custom record type in the results: package:Class.")
]
Screening = Annotated[str | None, typer.Option("--screening", help="JSONL that screen wrote, for an HTML report.")]
Events = Annotated[str | None, typer.Option("--events", help="JSONL that events wrote, for an HTML report.")]
Timeout = Annotated[float, LIMITS(min=0.1, help="Time limit of one request, in seconds.")]
Title = Annotated[str | None, typer.Option(help="Title of the HTML report.")]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who is asked."""

    model: Annotated[
        str | None,
        MODEL(
            "--model",
            "-m",
            help="local, openai/MODEL, a plug-in's name; by default local if installed, else what a key is set for.",
        ),
    ] = None
    base_url: Annotated[str | None, MODEL(help="OpenAI-compatible server; the key comes from the environment.")] = None
    judge: Annotated[
        str | None, MODEL(help="Model that judges the records; by default a remote model judges its own.")
    ] = None
    no_judge: Annotated[bool, MODEL("--no-judge", help="Don't judge records.")] = False
    effort: Annotated[
        str | None,
        MODEL(help="How much a reasoning model thinks: none, minimal, low, medium, high, or the server's own word."),
    ] = None

    def chosen_model(self) -> str:
        """Return the model to ask; one that wasn't named and isn't on this machine is told on standard error.

        Raises:
            ConfigurationError: None is named, and none follows from what is installed.
        """
        from communique.backends import default_model

        chosen = self.model or default_model(self.base_url)
        if not self.model and chosen != "local":
            notice(f"no --model: {chosen} gets the text")
        return chosen

    def judge_mode(self) -> Literal["auto", "off"]:
        """Return what the plan says of a judge.

        Raises:
            ConfigurationError: The options contradict each other.
        """
        from communique.errors import ConfigurationError

        if self.judge is not None and self.no_judge:
            raise ConfigurationError("--judge and --no-judge contradict each other", hint="leave one of them out")
        return "off" if self.no_judge else "auto"


@dataclass(frozen=True, kw_only=True)
class Reading(Asking):
    """How documents are read: the options that `extract` and `batch` share."""

    published: Annotated[
        str | None, INPUT(help="ISO date of publication of all documents; without it no date is resolved.")
    ] = None
    text_field: Annotated[str, INPUT(help="Key or column of the text.")] = "text"
    id_field: Annotated[str | None, INPUT(help="Key or column of the id.")] = None
    title_field: Annotated[str | None, INPUT(help="Key or column of the title.")] = None
    date_field: Annotated[str | None, INPUT(help="Key or column of the date of publication.")] = None
    url_field: Annotated[str | None, INPUT(help="Key or column of the address.")] = None
    outlet: Annotated[str | None, INPUT(help="Publisher of all documents.")] = None
    encoding: Annotated[str | None, INPUT(help="Encoding of text files; detected if omitted.")] = None
    language: Annotated[str | None, INPUT(help="ISO 639-1 code of all documents.")] = None
    max_chars: Annotated[int, INPUT(min=1, help="Longest text; a longer one is not read.")] = 5_000_000
    record: Annotated[
        list[str] | None,
        RECORDS("--record", "-r", help="Record type: a name, `standard` for the built-in ones, or package:Class."),
    ] = None
    check: Annotated[list[str] | None, RECORDS(help="Custom check: a name, or package:function.")] = None
    strict: Annotated[bool, RECORDS(help="Keep only records that no check flags.")] = False
    repair_rounds: Annotated[
        int, RECORDS(min=0, max=5, help="How often the model is asked again about failed checks.")
    ] = 1
    claim_language: Annotated[
        str, RECORDS(help="Language of claim and concern, by ISO 639-1 code, or `article` for the article's own.")
    ] = "en"
    full: Annotated[bool, OUTPUT("--full", help="JSON: complete records with nulls, all checks and judgements.")] = (
        False
    )
    keep_text: Annotated[bool, OUTPUT(help="Put the article's text into the result, for the HTML report.")] = False
    answers: Annotated[
        str | None, OUTPUT(help="JSONL file that gets every answer of the model as it came, for an audit.")
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress; errors are still shown.")] = False
    json: Json = False

    def types(self) -> tuple[type[Record], ...]:
        """Return the record types that are asked for. Raises as `record_types`."""
        from communique.cli.record_types import record_types

        return record_types(self.record)

    def read_options(self) -> ReadOptions:
        """Return how inputs are read. Raises as `ReadOptions`."""
        from communique.documents.readers import ReadOptions

        given = {f.name: getattr(self, f.name) for f in fields(ReadOptions) if hasattr(self, f.name)}
        return ReadOptions(**given).leaving_out(*filter(None, [self.answers]))

    def plan(self) -> Plan:
        """Return what to look for, and how.

        Raises:
            ConfigurationError: A name leads nowhere, or the options contradict each other.
        """
        from communique.cli.record_types import checks
        from communique.engine.plan import Plan

        return Plan(
            records=self.types(),
            strict=self.strict,
            repair_rounds=self.repair_rounds,
            checks=checks(self.check),
            claim_language=self.claim_language,
            effort=self.effort,
            judge=self.judge_mode(),
            keep_text=self.keep_text,
        )


def patience(timeout: float) -> RetryPolicy:
    """Return how long requests are tried, for a limit in seconds on each of them."""
    from communique.backends.retrying import RetryPolicy

    return RetryPolicy(attempt_deadline=timeout, call_deadline=2.5 * timeout)


MOST = 1_000_000.0
"""US dollars per million tokens; more is a typing error."""


def stated_price(text: str | None, models: list[str], *, needed: bool) -> Price | None:
    """Return the price that `--price` states; the embedded model is free, and any other unknown without it.

    Args:
        text: `INPUT,OUTPUT` or `INPUT,OUTPUT,SHARE`, or None.
        models: Who is asked.
        needed: Whether the run has a bound in money.

    Raises:
        ConfigurationError: It is no price, or it is needed and unknown.
    """
    from communique.batch.budget import HALF, Price
    from communique.errors import ConfigurationError

    if text is None:
        remote = next((model for model in models if model.partition("/")[0] != "local"), None)
        if remote is not None and needed:
            raise ConfigurationError(
                f"--max-cost needs the price of {remote!r}",
                hint="state it: --price 0.25,2 (US dollars per million tokens in, out)",
            )
        return Price(0.0, 0.0) if remote is None else None
    try:
        first, second, share = ([float(part) for part in text.split(",")] + [HALF])[:3]
    except ValueError:
        first = second = share = -1.0
    if not (0 <= first < MOST and 0 <= second < MOST and 0 <= share <= 1 and text.count(",") < 3):
        raise ConfigurationError(f"--price {text!r} is no price", hint="such as 0.25,2 (US dollars per million tokens)")
    return Price(first, second, share)


def card_notes(screening: str | None, events: str | None) -> tuple[NotesOf, ...]:
    """Return what a report's cards show of the files that `events` and `screen` wrote."""
    from importlib import import_module

    files = {"communique.events": events, "communique.screening": screening}
    return tuple(import_module(room).notes_of(path) for room, path in files.items() if path)


def listening(port: int, option: str) -> tuple[socket.socket, str]:
    """Return a socket that listens on a port of loopback, and its address, such as `127.0.0.1:8000`.

    Args:
        port: The port; 0 takes a free one.
        option: The option that names it, for errors.

    Raises:
        ConfigurationError: The port can't be used.
    """
    import socket

    from communique.errors import ConfigurationError

    try:
        found = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ConfigurationError(
            f"port {port} can't be used: {error.strerror or error}", hint=f"{option} 0 takes a free one"
        ) from error
    return found, f"127.0.0.1:{found.getsockname()[1]}"
