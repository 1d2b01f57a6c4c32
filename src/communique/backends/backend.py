"""The seam to the world: a backend is asked a `Prompt` and gives a `Completion`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol, Self, runtime_checkable

from communique.prompts.prompt import Prompt, most_tokens_in
from communique.schemas import Usage


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer.

    Attributes:
        data: The answer, parsed from JSON.
        text: The answer as received.
        model: Model as the server reports it.
        usage: Tokens, including all attempts of this call.
        seconds: Wall time of this call.
        attempts: Number of requests made.
        reasks: How often the model was asked again because its answer lacked requested keys.
    """

    data: dict[str, Any]
    text: str
    model: str
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    attempts: int = 1
    reasks: int = 0


def counted(usage: Usage, prompt: Prompt, text: str) -> Usage:
    """Return the tokens of an answer; where none are reported, a cautious guess from the code points that were sent."""
    given, answered = usage.input_tokens, usage.output_tokens
    return usage + Usage(
        input_tokens=0 if given else most_tokens_in(prompt.chars),
        output_tokens=0 if answered else most_tokens_in(len(text)),
    )


@runtime_checkable
class Backend(Protocol):
    """Answers prompts, one after another.

    Attributes:
        name: Name in the output's provenance, such as `openai` or `local`.
        model: Model as requested.
        narrows: Whether a schema bound to this document's sentence numbers is cheap (a grammar compiled locally) rather
            than costly (a schema cached by a provider).
        context_tokens: Tokens of prompt and answer that fit the model's context, or None if unknown.

    Two further attributes are read where they are: `judges`, of one whose model is able to judge records against a whole
    article (it then judges what it has read, unless the plan says otherwise); `trained`, of one that was trained for the
    question on one sentence, and needs no worked examples.
    """

    name: str
    model: str
    narrows: bool
    context_tokens: int | None

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, and wait for the answer.

        Raises:
            communique.errors.BackendError: No answer.
            communique.errors.ResponseError: An answer that can't be used.
        """
        ...

    def close(self) -> None:
        """Give back connections and processes."""
        ...


@runtime_checkable
class AsyncBackend(Protocol):
    """Answers prompts without blocking. See `Backend`.

    One that answers only so many requests at once may say so by a further attribute, `lanes`: a batch then reads no
    more documents at once. The embedded model has one, and evaluates only what a prompt adds to the one before.
    """

    name: str
    model: str
    narrows: bool
    context_tokens: int | None

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Ask, and await the answer."""
        ...

    async def aclose(self) -> None:
        """Give back connections and processes."""
        ...


class Closing:
    """Gives `with` and `async with` to what has `close` and `aclose`."""

    def close(self) -> None:
        """Give back what was used from sync code."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Give back what the running event loop used."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
