"""Usage: tokens, as servers count them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add, sub

from communique.schemas.record import Part


class Usage(Part):
    """Tokens of one or more calls, as the server counts them.

    Attributes:
        input_tokens: Prompt tokens, cached ones included.
        output_tokens: Answer tokens.
        cached_tokens: Prompt tokens that the server took from its cache.
        reasoning_tokens: Tokens of the answers that went into reasoning, where the server says so. They are among the
            answer tokens.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    @property
    def counts(self) -> tuple[int, ...]:
        """The four numbers, as errors carry them and the journal keeps them."""
        return self.input_tokens, self.output_tokens, self.cached_tokens, self.reasoning_tokens

    @classmethod
    def of(cls, counts: Iterable[int]) -> Usage:
        """Return the usage of those numbers; those that are left out at the end are 0."""
        return cls(**dict(zip(cls.model_fields, counts, strict=False)))

    @property
    def answers_told(self) -> str:
        """The answer tokens for people: `520 out`, or `4,520 out (4,000 for reasoning)`."""
        return f"{self.output_tokens:,} out" + f" ({self.reasoning_tokens:,} for reasoning)" * bool(
            self.reasoning_tokens
        )

    def __add__(self, other: Usage) -> Usage:
        return Usage.of(map(add, self.counts, other.counts))

    def __sub__(self, other: Usage) -> Usage:
        return Usage.of(map(sub, self.counts, other.counts))
