"""Budgets: of tokens and money, reserved before a request is sent; and of retries."""

from __future__ import annotations

from dataclasses import dataclass

from communique.errors import BudgetExceededError
from communique.schemas import Usage

HALF = 0.5
"""What the provider's batch costs where nobody says."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, as the user states them.

    Attributes:
        input: For the tokens of prompts.
        output: For those of answers.
        provider_batch: Share of it that the provider's batch costs.
    """

    input: float
    output: float
    provider_batch: float = HALF

    @property
    def batched(self) -> Price:
        """The price in the provider's batch."""
        return Price(self.input * self.provider_batch, self.output * self.provider_batch, 1.0)

    def of(self, usage: Usage) -> float:
        """Return what was paid; cached tokens at full price, so that a budget is never passed."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000

    def at_most(self, tokens: int) -> float:
        """Return what that many tokens can cost."""
        return tokens * max(self.input, self.output) / 1_000_000


class Budget:
    """Tokens and money (US dollars) of a run, those in flight and those of earlier runs over the journal included.

    `batched` is the part of `spent` that the provider's batch answered. A bound in money needs a price.
    """

    def __init__(
        self,
        max_tokens: int | None,
        max_cost: float | None,
        price: Price | None,
        spent: Usage | None = None,
        batched: Usage | None = None,
    ) -> None:
        self._max_tokens = max_tokens
        self._max_cost = max_cost
        self.price = price
        self._price = price or Price(0.0, 0.0)
        self.used = spent or Usage()
        self._batched = batched or Usage()
        self._reserved = 0

    @property
    def bounded(self) -> bool:
        """Whether there is a bound at all."""
        return self._max_tokens is not None or self._max_cost is not None

    @property
    def cost(self) -> float:
        """US dollars so far."""
        saved = self._price.of(self._batched) - self._price.batched.of(self._batched)
        return self._price.of(self.used) - saved

    def fits(self, tokens: int, batched: int = 0) -> bool:
        """Tell whether so many tokens fit beside what is in flight, and so many in the provider's batch."""
        total = self.used.input_tokens + self.used.output_tokens + self._reserved + tokens + batched
        if self._max_tokens is not None and total > self._max_tokens:
            return False
        ahead = self._price.at_most(self._reserved + tokens) + self._price.batched.at_most(batched)
        return self._max_cost is None or self.cost + ahead <= self._max_cost

    def reserve(self, tokens: int) -> None:
        """Set tokens aside for a request.

        Raises:
            BudgetExceededError: What is left does not cover it.
        """
        if not self.fits(tokens):
            raise self.passed(f"a request may need {tokens:,} tokens")
        self._reserved += tokens

    def passed(self, ahead: str) -> BudgetExceededError:
        """Return the error that says what is used, and what no longer fits."""
        total = self.used.input_tokens + self.used.output_tokens
        bound = f"{self._max_tokens:,} tokens" if self._max_tokens is not None else ""
        money = f"${self._max_cost:.2f}" if self._max_cost is not None else ""
        cost = f", ${self.cost:.2f}" if self.price is not None else ""
        return BudgetExceededError(
            f"the budget of {' or '.join(filter(None, (bound, money)))} is reached ({total:,} tokens{cost} used, and"
            f" {ahead})",
            hint="run the same command again with a higher budget",
        )

    def settle(self, tokens: int, usage: Usage) -> None:
        """Give a reserve back and count what was used."""
        self._reserved -= tokens
        self.used += usage

    def settle_batched(self, usage: Usage) -> None:
        """Count what the provider's batch has answered."""
        self.used += usage
        self._batched += usage


class RetryBudget:
    """Retries that all calls share: 100 to begin with, a retry costs 5, a success gives 1 back.

    In an outage retries then add at most a fifth to the load.
    """

    def __init__(self) -> None:
        self._level = 100

    def take(self) -> bool:
        """Take a retry, or say that none is left."""
        if self._level < 5:
            return False
        self._level -= 5
        return True

    def success(self) -> None:
        """Count a success."""
        self._level = min(100, self._level + 1)
