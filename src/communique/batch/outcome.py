"""Outcome: how one document ended; and Occurrence: where it stood in the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from communique.schemas import Usage

State = Literal["ok", "partial", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in the input."""

    ordinal: int  # from 0
    id: str
    source: str  # file name or URL
    key: bytes = b""  # of the document; empty for an input that could not be read
    reason: str = ""  # why it could not be read, or ""
    detail: str = ""  # the same for people


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a document after it was read."""

    key: bytes
    state: State  # `partial`: answers were cut off
    reason: str = ""  # machine-readable, or "" if ok
    detail: str = ""  # one line for people; never the article's text
    payload: str = ""  # the JSON line, or ""
    id: str = ""
    source: str = ""
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    cost: float = 0.0  # US dollars
    seconds: float = 0.0  # wall time
    attempts: int = 0  # requests
    answer: str = ""  # the last answer that could not be used, cut and without keys, or ""
