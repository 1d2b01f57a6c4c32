"""What a run may use: prices and bounds as the user states them, the budget under them, and an estimate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from communique.batch.fingerprint import document_key
from communique.documents import Document
from communique.documents.readers import Skipped
from communique.engine.plan import Asking, Plan, full_question, questions, reading_windows
from communique.errors import BudgetExceededError, ConfigurationError
from communique.schemas import Usage

HALF = 0.5
"""What the provider's batch costs where nobody says."""
_PRICE = "such as price=communique.batch.Price(0.25, 2.0)"

CHARS_PER_TOKEN = 4
ANSWER_TOKENS: dict[Asking, int] = {"full": 400, "brief": 25, "trained": 20}
"""Guesses, by how the model is asked: three records of an ordinary article, or the average answer about one sentence."""
JUDGE_CHARS, JUDGE_TOKENS = 1800, 100
"""The same for a judge: what stands behind the article, and its answer."""


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


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a run.

    Attributes:
        concurrency: Requests in progress at the same time.
        rpm: Requests per minute.
        tpm: Tokens per minute, in prompts and answers.
        max_tokens: Tokens of the whole run, including earlier runs with the same journal.
        max_cost: US dollars of the whole run; needs `price`.
        price: US dollars per million tokens.
        outage: Seconds that a server may be down before the run stops.

    Raises:
        ConfigurationError: A limit is below 0, or 0 where that would let nothing through; a price is missing.
    """

    concurrency: int = 16
    rpm: float | None = None
    tpm: float | None = None
    max_tokens: int | None = None
    max_cost: float | None = None
    price: Price | None = None
    outage: float = 600.0

    def __post_init__(self) -> None:
        refuse_less(self, "concurrency", "rpm", "tpm", "max_tokens")
        refuse_less(self, "max_cost", "outage", zero=True)
        if self.max_cost is not None and self.price is None:
            raise ConfigurationError("max_cost needs a price", hint=_PRICE)
        if self.price is not None and not isinstance(self.price, Price):
            raise ConfigurationError(f"price is {self.price!r}", hint=_PRICE)


def refuse_less(settings: object, *names: str, zero: bool = False) -> None:
    """Refuse settings that are below 0, or 0 unless `zero`; None stands for one not given."""
    for name in names:
        value = getattr(settings, name)
        if value is not None and (value < 0 or (value == 0 and not zero)):
            raise ConfigurationError(f"{name} is {value}", hint="use 0 or more" if zero else "use more than 0")


class Budget:
    """Tokens and money of a run, reserved before a request is sent; those of earlier runs over the journal are `spent`.

    `batched` is the part of `spent` that the provider's batch answered.
    """

    def __init__(self, bounds: Bounds, spent: Usage | None = None, batched: Usage | None = None) -> None:
        self.price = bounds.price
        self.used = spent or Usage()
        self._bounds = bounds
        self._batched = batched or Usage()
        self._reserved = 0

    @property
    def bounded(self) -> bool:
        """Whether there is a bound at all."""
        return self._bounds.max_tokens is not None or self._bounds.max_cost is not None

    @property
    def cost(self) -> float | None:
        """US dollars so far; None without a price."""
        if self.price is None:
            return None
        saved = self.price.of(self._batched) - self.price.batched.of(self._batched)
        return self.price.of(self.used) - saved

    def fits(self, tokens: int, batched: int = 0) -> bool:
        """Tell whether so many tokens fit beside what is in flight, and so many in the provider's batch."""
        most, money, live = self._bounds.max_tokens, self._bounds.max_cost, self._reserved + tokens
        if most is not None and self._total + live + batched > most:
            return False
        if money is None or self.price is None:
            return True
        return (self.cost or 0.0) + self.price.at_most(live) + self.price.batched.at_most(batched) <= money

    def reserve(self, tokens: int) -> None:
        """Set tokens aside for a request, or raise BudgetExceededError."""
        if not self.fits(tokens):
            raise self.passed(f"a request may need {tokens:,} tokens")
        self._reserved += tokens

    def passed(self, ahead: str) -> BudgetExceededError:
        """Return the error that says what is used, and what no longer fits."""
        most, money = self._bounds.max_tokens, self._bounds.max_cost
        bounds = ["" if most is None else f"{most:,} tokens", "" if money is None else f"${money:.2f}"]
        cost = f", ${self.cost:.2f}" if self.price is not None else ""
        return BudgetExceededError(
            f"the budget of {' or '.join(filter(None, bounds))} is reached ({self._total:,} tokens{cost} used, and {ahead})",
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

    @property
    def _total(self) -> int:
        return self.used.input_tokens + self.used.output_tokens


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would take."""

    documents: int  # distinct ones
    duplicates: int  # places whose document stood in the input before
    skipped: int  # inputs that can't be read
    requests: int  # first requests, and a judge's about each; repairs and retries come on top
    usage: Usage  # four characters a token in prompts, `ANSWER_TOKENS` for an answer, 100 for a judge's
    cost: float | None  # US dollars, or None without a price


def estimate(
    documents: Iterable[Document | Skipped],
    plan: Plan,
    *,
    asking: Asking,
    price: Price | None = None,
    limit: int | None = None,
    provider_batch: bool = False,
    judged: bool = False,
) -> Estimate:
    """Read all inputs, or `limit` places, and count; nothing is sent.

    With `provider_batch` the first document is read live. `judged` counts as if every document had records.
    """
    seen: set[bytes] = set()
    skipped = duplicates = requests = chars = answers = 0
    first = Usage()
    for document in islice(documents, limit):
        if isinstance(document, Skipped):
            skipped += 1
            continue
        key = document_key(document)
        if key in seen:
            duplicates += 1
            continue
        seen.add(key)
        for sent, answered in _requests(document, plan, asking, judged=judged):
            requests += 1
            chars += sent
            answers += answered
        if len(seen) == 1:
            first = _guess(chars, answers)
    usage = _guess(chars, answers)
    cost = None if price is None else price.of(usage)
    if price is not None and provider_batch:
        cost = price.batched.of(usage) + price.of(first) - price.batched.of(first)
    return Estimate(len(seen), duplicates, skipped, requests, usage, cost)


def _requests(document: Document, plan: Plan, asking: Asking, *, judged: bool) -> Iterator[tuple[int, int]]:
    """Yield the characters of each prompt about a document, and the tokens of its answer."""
    for question in questions(document, plan, asking=asking, context_tokens=None):
        yield question.prompt.chars, min(question.prompt.max_tokens, ANSWER_TOKENS[asking])
    for window in reading_windows(document, plan, None) if judged else ():
        yield full_question(document, plan, window).prompt.chars + JUDGE_CHARS, JUDGE_TOKENS


def _guess(chars: int, answers: int) -> Usage:
    return Usage(input_tokens=chars // CHARS_PER_TOKEN, output_tokens=answers)
