"""Answers that a provider's batches have brought.

A backend with a store looks there before it sends a request. So requests are built, and answers read and asked again
about, by the live backend itself: a document that was answered in a batch ends as one that was answered at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from communique.errors import RunStoppedError


class NotAnsweredError(RunStoppedError):
    """The store has no answer yet: the document stays to be done."""

    reason = "not_answered"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch brought for one request."""

    status: int  # HTTP status; 0 where no answer came, however often it was asked for
    body: str  # the response, as JSON text; why there is none where the status is 0


@dataclass(frozen=True, slots=True)
class Missing:
    """A request that has to be sent."""

    turn: str  # name of the request among those about its document
    body: bytes  # the request, as JSON
    model: str  # a file of a batch has requests to one model
    path: str  # and to one API, as `/v1/responses`
    tokens: int  # an upper guess of what it takes


class Store:
    """What batches have brought: `lookup` returns what there is for a turn, or None.

    Attributes:
        live: Whether what is missing is sent, under the governor.
        missing: Turns that were asked for and are not stored, since it was last emptied.
    """

    def __init__(self, lookup: Callable[[str], Stored | None]) -> None:
        self.live = False
        self.missing: dict[str, Missing] = {}
        self._lookup = lookup

    def find(self, request: Missing) -> Stored | None:
        """Return what there is for a request; None if it is to be sent.

        Raises:
            NotAnsweredError: It has to go into a batch.
        """
        stored = self._lookup(request.turn)
        if stored is None and not self.live:
            self.missing[request.turn] = request
            raise NotAnsweredError("the provider's batch has no answer yet")
        return stored
