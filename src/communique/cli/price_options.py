"""The options that say what tokens cost: `--price` for this run, `--prices` for a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from communique.batch.budget import Price

PriceOption = Annotated[str | None, typer.Option(help="US dollars a million tokens: INPUT,OUTPUT, such as 0.25,2.")]
PricesOption = Annotated[
    Path | None,
    typer.Option(envvar="COMMUNIQUE_PRICES", help="TOML table of prices by model; --price comes before it."),
]
MaxCost = Annotated[float | None, typer.Option(min=0, help="US dollars for the whole run; needs a known price.")]


def chosen_price(
    model: str, price: str | None, prices: Path | None, *, needed: bool, judge: str | None = None
) -> Price | None:
    """Return the price of a run, or None if it is unknown. With a judge, the dearer of the two holds for all tokens.

    Args:
        model: As given to `--model`.
        price: `INPUT,OUTPUT`, or None.
        prices: The user's table, or None.
        needed: Whether the run has a bound in money.
        judge: As given to `--judge`, or None.

    Raises:
        ConfigurationError: A price is none, or it is needed and unknown.
    """
    from communique.batch.budget import Price
    from communique.batch.prices import price_of, stated_price
    from communique.errors import ConfigurationError

    if price is not None:
        return stated_price(price, prices)
    found = {name: price_of(name, prices) for name in (model, judge) if name is not None}
    known = [p for p in found.values() if p is not None]
    if len(known) == len(found):
        return Price(*(max(getattr(p, field) for p in known) for field in ("input", "output", "provider_batch")))
    if needed:
        unknown = next(name for name, p in found.items() if p is None)
        raise ConfigurationError(
            f"--max-cost needs the price of {unknown!r}",
            hint="state it: --price 0.25,2 (a million tokens in, out), or --prices FILE",
        )
    return None
