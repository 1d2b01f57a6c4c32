"""Standing: where a record stands after all that was decided on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from communique.review.decision import JUDGES, Decision
from communique.review.decisions_file import DecisionsFile
from communique.schemas.stored import json_line

State = Literal["undecided", "again", "accepted", "corrected", "rejected"]
_STATES: dict[str, State] = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}
OPEN: tuple[State, ...] = ("undecided", "again")
"""States in which a person is asked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands.

    Attributes:
        state: What was decided last on the record as it is; `again` where it or its article has changed since.
        last: The decision behind the state, for `again` the one that no longer holds.
        conflict: Whether two people's last decisions on the record as it is differ; the last of all counts.
        why: Why it is asked again.
        comment: The last words on it of who made that decision.
    """

    state: State = "undecided"
    last: Decision | None = None
    conflict: bool = False
    why: str = ""
    comment: str = ""

    @property
    def told(self) -> str:
        """Who decided when, and what was said: `ana on 2026-11-28: wrong side`."""
        who = f"{self.last.by} on {self.last.at[:10]}" if self.last else ""
        return f"{who}: {self.comment}" if who and self.comment else who


def standing_of(
    key: str, record: str, fingerprint: str, decisions: DecisionsFile, documents: Collection[str] = ()
) -> Standing:
    """Return where a record stands.

    Args:
        key: Its key.
        record: Its id.
        fingerprint: Of what it states now.
        decisions: The decisions.
        documents: SHA-256 of the texts of all results: two texts of one id are no change of one of them.
    """
    found = decisions.standing(key)
    settled = [d for d in found if d.decision in JUDGES]
    comments = {d.by: d.comment for d in found if d.comment}
    current = [d for d in settled if d.fingerprint == fingerprint]
    if current:
        latest = {d.by: (d.decision, json_line(d.edited)) for d in current}
        state = _STATES[current[-1].decision]
        return Standing(state, current[-1], len(set(latest.values())) > 1, comment=comments.get(current[-1].by, ""))
    if settled:
        return Standing(
            "again", settled[-1], why="the record has changed since", comment=comments.get(settled[-1].by, "")
        )
    if old := [d for d in decisions.of_record(record) if d.document not in documents]:
        return Standing("again", old[-1], why="the article has changed since")
    return Standing()
