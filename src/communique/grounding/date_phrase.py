"""What the rules of dates are given: one time expression in canonical words, taken apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Tense = Literal["past", "future"]


class NeedsAnchorError(Exception):
    """The words are relative and there is nothing to count from."""


class DisagreeError(Exception):
    """The weekday isn't that of the date."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A time expression without its directions and qualifiers.

    Attributes:
        text: The words that are left.
        direction: -1 last, 0 this, 1 next, None without.
        approximate: early, mid or late.
        qualified: approximate, or earlier or later within a period.
        count: Whether a count goes back or ahead.
        given_anchor: Day to count from, if there is one.
        tense: Whether the event lies before or after publication.
    """

    text: str
    direction: int | None
    approximate: bool
    qualified: bool
    count: Literal["ago", "hence"] | None
    given_anchor: dt.date | None
    tense: Tense | None

    @property
    def anchor(self) -> dt.date:
        """Day to count from.

        Raises:
            NeedsAnchorError: There is none.
        """
        if self.given_anchor is None:
            raise NeedsAnchorError
        return self.given_anchor

    @property
    def ahead(self) -> bool:
        """Whether the event lies ahead."""
        return self.tense == "future"

    def near_ahead(self, ahead: int, behind: int) -> bool:
        """Tell whether what has no tense is so much nearer ahead that it is meant: on 7 November, "10 November".

        Args:
            ahead: Days or months to the next one.
            behind: Days or months since the last one.
        """
        return self.tense is None and 2 * ahead < behind
