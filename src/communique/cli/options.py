"""Options that `extract` and `batch` share, and what follows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from communique.cli.terminal import notice

if TYPE_CHECKING:
    from communique.batch.budget import Price

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="local, openai/MODEL, a plug-in's name; by default local if installed, else what a key is set for.",
    ),
]
Check = Annotated[list[str] | None, typer.Option("--check", help="Custom check: a name, or package:function.")]
Effort = Annotated[
    str | None,
    typer.Option(help="How much a reasoning model thinks: none, minimal, low, medium, high, or the server's own word."),
]
Strict = Annotated[bool, typer.Option(help="Keep only records that no check flags.")]
Judge = Annotated[
    str | None,
    typer.Option("--judge", help="Model that judges the records; by default a remote model judges its own."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress; errors are still shown.")]
NoJudge = Annotated[bool, typer.Option("--no-judge", help="Don't judge records.")]

TextField = Annotated[str, typer.Option(help="Key or column of the text.")]
IdField = Annotated[str | None, typer.Option(help="Key or column of the id.")]
TitleField = Annotated[str | None, typer.Option(help="Key or column of the title.")]
DateField = Annotated[str | None, typer.Option(help="Key or column of the date of publication.")]
UrlField = Annotated[str | None, typer.Option(help="Key or column of the address.")]
Outlet = Annotated[str | None, typer.Option(help="Publisher of all documents.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of text files; detected if omitted.")]
Language = Annotated[str | None, typer.Option(help="ISO 639-1 code of all documents.")]
ClaimLanguage = Annotated[
    str, typer.Option(help="Language of claim and concern, by ISO 639-1 code, or `article` for the article's own.")
]

PriceOption = Annotated[
    str | None,
    typer.Option(
        "--price",
        help="US dollars per million tokens: INPUT,OUTPUT, such as 0.25,2; a third number is the share of it that"
        " --provider-batch pays, 0.5 if not given.",
    ),
]
MOST = 1_000_000.0
"""US dollars per million tokens; more is a typing error."""


def chosen_model(model: str | None, base_url: str | None) -> str:
    """Return the model to ask; one that wasn't named and isn't on this machine is told on standard error.

    Raises:
        ConfigurationError: None is named, and none follows from what is installed.
    """
    from communique.backends import default_model

    chosen = model or default_model(base_url)
    if not model and chosen != "local":
        notice(f"no --model: {chosen} gets the text")
    return chosen


def judge_mode(judge: str | None, *, no_judge: bool) -> Literal["auto", "off"]:
    """Return what the plan says of a judge.

    Raises:
        ConfigurationError: The options contradict each other.
    """
    from communique.errors import ConfigurationError

    if judge is not None and no_judge:
        raise ConfigurationError("--judge and --no-judge contradict each other", hint="leave one of them out")
    return "off" if no_judge else "auto"


def stated_price(text: str | None, models: list[str], *, needed: bool) -> Price | None:
    """Return the price that `--price` states; the embedded model is free, and any other unknown without it.

    Args:
        text: `INPUT,OUTPUT` or `INPUT,OUTPUT,SHARE`, or None.
        models: Who is asked.
        needed: Whether the run has a bound in money.

    Raises:
        ConfigurationError: It is no price, or it is needed and unknown.
    """
    from communique.batch.budget import Price
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
        first, second, *share = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigurationError(f"--price {text!r} is not two numbers", hint="such as --price 0.25,2") from error
    if not (0 <= first < MOST and 0 <= second < MOST):
        raise ConfigurationError(f"--price {text!r} is out of range", hint="US dollars per million tokens")
    if len(share) > 1 or not all(0 <= part <= 1 for part in share):
        raise ConfigurationError(f"--price {text!r} has no share of a price", hint="0.5 for half, 1 for no discount")
    return Price(first, second, *share)
