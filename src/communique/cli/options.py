"""Options of several verbs, each declared once, and what follows from them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from communique.cli.terminal import notice
from communique.errors import ConfigurationError, UnknownNameError

if TYPE_CHECKING:
    from communique.backends.retrying import RetryPolicy
    from communique.batch.budget import Price
    from communique.documents.readers import ReadOptions
    from communique.engine.plan import Plan
    from communique.grounding.rules import RecordCheck
    from communique.schemas import Record

MODEL = partial(typer.Option, rich_help_panel="Model")
INPUT = partial(typer.Option, rich_help_panel="Input")
RECORDS = partial(typer.Option, rich_help_panel="Records and checks")
OUTPUT = partial(typer.Option, rich_help_panel="Output")
LIMITS = partial(typer.Option, rich_help_panel="Limits")

RESULTS = typer.Argument(help="JSONL or JSON that extract or batch wrote, or - for standard input.")
Json = Annotated[bool, typer.Option("--json", help="Results and errors as JSON.", allow_from_autoenv=False)]
Types = Annotated[list[str] | None, typer.Option("--record", "-r", help="Record type: a name, or package:Class.")]
OwnTypes = Annotated[
    list[str] | None, typer.Option("--record", "-r", help="Custom record type in the results: package:Class.")
]
Timeout = Annotated[float, LIMITS(min=0.1, help="Time limit of one request, in seconds.")]


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
        """Return the model to ask; one that wasn't named and isn't on this machine is told on standard error."""
        from communique.backends import default_model

        chosen = self.model or default_model(self.base_url)
        if not self.model and chosen != "local":
            notice(f"no --model: {chosen} gets the text")
        return chosen

    def judge_mode(self) -> Literal["auto", "off"]:
        """Return what the plan says of a judge."""
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

    def read_options(self) -> ReadOptions:
        """Return how inputs are read."""
        from communique.documents.readers import ReadOptions

        given = {f.name: getattr(self, f.name) for f in fields(ReadOptions) if hasattr(self, f.name)}
        return ReadOptions(**given).leaving_out(*filter(None, [self.answers]))

    def plan(self) -> Plan:
        """Return what to look for, and how."""
        from communique.engine.plan import Plan

        return Plan(
            records=record_types(self.record),
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
    """Return the price that `--price` states; without it the embedded model is free, and any other's is unknown."""
    from communique.batch.budget import HALF, Price

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


def record_types(names: list[str] | None) -> tuple[type[Record], ...]:
    """Return the record types that the names ask for; the three standard ones if there are none, or for `standard`."""
    from communique.schemas import STANDARD_RECORDS
    from communique.schemas.record_type import record_type

    found: list[type[Record]] = []
    for name in names or ["standard"]:
        found += STANDARD_RECORDS if name == "standard" else (record_type(_loaded("record", name)),)
    return tuple(dict.fromkeys(found))


def checks(names: list[str] | None) -> tuple[RecordCheck, ...]:
    """Return the checks that the names ask for."""
    found: list[Any] = []
    for name in names or ():
        check = _loaded("check", name)
        try:
            check = check() if isinstance(check, type) else check
        except Exception as error:
            raise ConfigurationError(f"the check {name!r} can't be made: {type(error).__name__}: {error}") from error
        if not callable(check):
            raise ConfigurationError(f"{name!r} is no check", hint="give a function of a record and its document")
        found.append(check)
    return tuple(dict.fromkeys(found))


def _loaded(kind: str, name: str) -> Any:
    """Return what an entry point's name (`meeting`) stands for, or `package.module:Name`."""
    from communique import plugins

    module, colon, attribute = name.partition(":")
    if not colon:
        return plugins.load(f"{kind}s", name.lower().replace("-", "_") if kind == "record" else name)
    if "" not in sys.path:
        sys.path.insert(0, "")  # a record in a file beside the user, as `python -m` would find it
    wrong = f"the {kind} {name!r} can't be loaded"
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".")[0] == error.name.split(".")[0]:
            raise ConfigurationError(
                f"{wrong}: there is no module {error.name!r}",
                hint="name it as `package.module:Name`, from the folder that holds it",
            ) from error
        hint = f"pip install {error.name}"
        raise ConfigurationError(f"{wrong}: it needs the module {error.name!r}", hint=hint) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(f"{wrong}: {type(error).__name__}: {error}") from error
    if not hasattr(found, attribute):
        raise UnknownNameError.of(kind, attribute, [n for n in vars(found) if not n.startswith("_")])
    return getattr(found, attribute)
