"""Answer: what a driver sends back into an exchange."""

from __future__ import annotations

from typing import Any, Protocol

from communique.schemas import Usage


class Answer(Protocol):
    """What a driver sends back: a `communique.backends.backend.Completion` has it all."""

    @property
    def data(self) -> dict[str, Any]:
        """The answer, parsed."""
        ...

    @property
    def text(self) -> str:
        """The answer as it came."""
        ...

    @property
    def model(self) -> str:
        """Model as the server reports it."""
        ...

    @property
    def usage(self) -> Usage:
        """Tokens."""
        ...

    @property
    def attempts(self) -> int:
        """Requests that it took."""
        ...
