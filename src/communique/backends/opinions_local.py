"""Opinions from the embedded model, or from any backend that can say how likely yes is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from communique.backends.opinions import Answers, Inquiry, gathered, messages, weighed
from communique.prompts.prompt import Message


@runtime_checkable
class TellsYes(Protocol):
    """A backend that gives the probability of yes, as `LocalBackend` does."""

    name: str
    model: str

    def yes_probability(self, messages: Sequence[Message]) -> tuple[float, float]:
        """Return the probability of yes against no, and the share of all answers that either has."""
        ...

    async def ayes_probability(self, messages: Sequence[Message]) -> tuple[float, float]:
        """Do the same, awaited."""
        ...

    def close(self) -> None:
        """Give back the process."""
        ...

    async def aclose(self) -> None:
        """Give back the process."""
        ...


class LocalReferee:
    """Asks a model on this machine, one question after another.

    Args:
        backend: Answers; it may be the one that reads the documents, so that the model is loaded once.
        owned: Close the backend with this referee.
    """

    def __init__(self, backend: TellsYes, *, owned: bool = True) -> None:
        self.name = backend.name
        self.model = backend.model
        self._backend = backend
        self._owned = owned

    def __repr__(self) -> str:
        return f"LocalReferee({self._backend!r})"

    def ask(self, inquiry: Inquiry) -> Answers:
        """Ask, and wait for the answers. Raises as `LocalBackend.complete`."""
        found = [
            weighed(*self._backend.yes_probability(messages(inquiry.passage, q.text)))
            for q in inquiry.questions
        ]
        return gathered(found, self.model, attempts=len(found))

    async def aask(self, inquiry: Inquiry) -> Answers:
        """Ask, and await the answers. Raises as `LocalBackend.complete`."""
        found = [
            weighed(*await self._backend.ayes_probability(messages(inquiry.passage, q.text)))
            for q in inquiry.questions
        ]
        return gathered(found, self.model, attempts=len(found))

    def close(self) -> None:
        """Close the backend, if it is this referee's own."""
        if self._owned:
            self._backend.close()

    async def aclose(self) -> None:
        """Close the backend, if it is this referee's own."""
        if self._owned:
            await self._backend.aclose()
