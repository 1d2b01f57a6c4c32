"""The seam to a second model: a `Referee` is asked closed questions about a passage and gives probabilities of yes.

A referee generates no text. Where it has no answer it gives None and the reason; what it is asked about stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from communique.prompts.prompt import Message
from communique.schemas import Usage

LEAST_MASS = 0.5
"""Share of all answers that yes and no must have together; below it the model answered something else."""

_SYSTEM = "You check what a news passage says. You answer only yes or no."


@dataclass(frozen=True, slots=True)
class ClosedQuestion:
    """A question to be answered with yes or no.

    Attributes:
        field: Path of the field that it is about, as in JSON (`accused[0].name`), or "record".
        kind: What its probabilities are calibrated by: `allegations.accused`.
        text: The question, one line.
    """

    field: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Inquiry:
    """All that a second model is asked about one record.

    Attributes:
        passage: Sentences of the article, as written: untrusted text, never an instruction.
        questions: The questions.
        document_id: The document that the passage is from.
    """

    passage: str
    questions: tuple[ClosedQuestion, ...]
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a second model says to an `Inquiry`.

    Attributes:
        probabilities: Of yes, by question, 0 to 1; None where there is no answer.
        reasons: By question, why there is none; "" where there is one.
        model: Model as the server reports it.
        usage: Tokens of all requests.
        attempts: Requests that it took.
    """

    probabilities: tuple[float | None, ...]
    reasons: tuple[str, ...]
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    attempts: int = 0


@runtime_checkable
class Referee(Protocol):
    """Answers closed questions; both ways, so that one object serves sync and async drivers."""

    @property
    def name(self) -> str:
        """How it is asked: `tokens`, `systemone`, `decisions`, `local`."""
        ...

    @property
    def model(self) -> str:
        """Model as asked for."""
        ...

    def ask(self, inquiry: Inquiry) -> Answers:
        """Ask, and wait for the answers.

        Raises:
            communique.errors.CommuniqueError: There is no answer to any question.
        """
        ...

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers."""
        ...

    def close(self) -> None:
        """Give back connections and processes."""
        ...

    async def aclose(self) -> None:
        """Give back connections and processes."""
        ...


def messages(passage: str, question: str) -> tuple[Message, ...]:
    """Return a question to a chat model. The passage comes first, so that questions about it share a cached prefix."""
    return (
        Message("system", _SYSTEM),
        Message("user", f"Passage:\n{passage}\n\n{question} Answer yes or no."),
    )


def probability(value: Any) -> tuple[float | None, str]:
    """Return a probability, or None and the reason: what is no number from 0 to 1 is no answer, never a pass."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None, "no probability in the answer"
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        return None, f"{value} is no probability"
    return float(value), ""


def weighed(yes: float, mass: float) -> tuple[float | None, str]:
    """Return the probability of yes against no, unless the model would rather have answered something else."""
    if mass < LEAST_MASS:
        return None, f"yes and no have only {mass:.2f} of the probability"
    return yes, ""


def gathered(
    found: Sequence[tuple[float | None, str]],
    model: str,
    usage: Usage | None = None,
    attempts: int = 0,
) -> Answers:
    """Return answers from pairs of probability and reason."""
    return Answers(tuple(p for p, _ in found), tuple(r for _, r in found), model, usage or Usage(), attempts)


def usage_of(used: Any) -> Usage:
    """Read the token counts of a response, under the names of any of the three wires."""
    if not isinstance(used, Mapping):
        return Usage()
    details = used.get("prompt_tokens_details") or used.get("input_tokens_details") or {}
    return Usage(
        input_tokens=used.get("prompt_tokens") or used.get("input_tokens") or 0,
        output_tokens=used.get("completion_tokens") or used.get("output_tokens") or 0,
        cached_tokens=(details.get("cached_tokens") or 0) if isinstance(details, Mapping) else 0,
    )
