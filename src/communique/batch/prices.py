"""Prices by model, from tables that users replace. A model in no table has no known cost, and never a cost of zero."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Any

from communique.batch.budget import HALF, Price
from communique.errors import ConfigurationError

MOST = 1_000_000.0
"""US dollars for a million tokens; more is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices with the day and the source that they are from.

    Attributes:
        as_of: Day on which the prices were read.
        source: Where they were read.
        rows: Patterns of model names with their prices; the first that fits counts.
        provider_batch: Share of a price that the provider's batch costs; a row may have its own.
    """

    as_of: date
    source: str
    rows: tuple[tuple[str, Price], ...]
    provider_batch: float = HALF

    @classmethod
    def read(cls, path: Path) -> PriceTable:
        """Read a TOML file in the form of the packaged `prices.toml`.

        Raises:
            ConfigurationError: It can't be read, or it says something that is no price.
        """
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise ConfigurationError(f"the price table {path} can't be read: {reason}") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, name: str) -> PriceTable:
        """Read a table from text. Raises as `read`."""
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"the price table {name} is no TOML: {error}") from error
        as_of, source = found.get("as_of"), found.get("source")
        if not isinstance(as_of, date) or not isinstance(source, str) or not source.strip():
            raise ConfigurationError(
                f"the price table {name} doesn't say from when and where its prices are",
                hint='as_of = 2026-11-25 and source = "..." at the top',
            )
        listed = found.get("price", [])
        if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
            raise ConfigurationError(f"the price table {name} has no list of prices", hint="[[price]] before each")
        share = _share(found.get("provider_batch", HALF), name)
        return cls(as_of, source, tuple(_row(row, name, share) for row in listed), share)

    @classmethod
    def packaged(cls) -> PriceTable:
        """Return the table that comes with communique."""
        return cls.parse(files("communique.batch").joinpath("prices.toml").read_text("utf-8"), "prices.toml")

    def price(self, model: str) -> Price | None:
        """Return the price of a model as it is given to `--model`, or None if the table doesn't know it."""
        return next((price for pattern, price in self.rows if fnmatchcase(model, pattern)), None)


def price_of(model: str, table: Path | None = None) -> Price | None:
    """Return the price of a model from the user's table, then from the packaged one; None if neither knows it.

    Args:
        model: As given to `--model`, such as `openai/gpt-5-mini`.
        table: The user's table.

    Raises:
        ConfigurationError: The table can't be read.
    """
    own = PriceTable.read(table).price(model) if table is not None else None
    return own or PriceTable.packaged().price(model)


def stated_price(text: str, table: Path | None = None) -> Price:
    """Return a price that is stated as `INPUT,OUTPUT`, such as `0.25,2`.

    Its share in the provider's batch is the table's.

    Raises:
        ConfigurationError: It is no price, or the table can't be read.
    """
    try:
        first, second = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigurationError(f"--price {text!r} is not two numbers", hint="such as --price 0.25,2") from error
    if not (0 <= first < MOST and 0 <= second < MOST):
        raise ConfigurationError(f"--price {text!r} is out of range", hint="US dollars a million tokens")
    found = PriceTable.read(table) if table is not None else PriceTable.packaged()
    return Price(first, second, found.provider_batch)


def _row(row: dict[str, Any], name: str, share: float) -> tuple[str, Price]:
    model, numbers = row.get("model"), [row.get("input"), row.get("output")]
    if not isinstance(model, str) or not model:
        raise ConfigurationError(f"a price in {name} names no model", hint='model = "openai/gpt-5-mini"')
    extra = sorted(row.keys() - {"model", "input", "output", "provider_batch"})
    if extra:
        raise ConfigurationError(f"the price of {model!r} in {name} has {extra[0]!r}", hint="model, input, output")
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < MOST:
            raise ConfigurationError(
                f"the price of {model!r} in {name} is not two numbers", hint="input = 0.25 and output = 2.0"
            )
    share = _share(row.get("provider_batch", share), name)
    return model, Price(float(numbers[0] or 0), float(numbers[1] or 0), share)


def _share(share: Any, name: str) -> float:
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise ConfigurationError(
            f"provider_batch in {name} is no share of a price", hint="0.5 for half, 1 for no discount"
        )
    return float(share)
