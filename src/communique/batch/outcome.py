"""Outcome: how one document ended; and Occurrence: where it stood in the input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from communique.schemas import Usage

State = Literal["ok", "partial", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in the input.

    Attributes:
        ordinal: From 0.
        id: Id of the document there.
        source: File name or URL.
        key: Key of the document; empty for an input that could not be read.
        reason: Why it could not be read, or "".
        detail: The same for people.
    """

    ordinal: int
    id: str
    source: str
    key: bytes = b""
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a document after it was read.

    Attributes:
        key: Key of the document.
        state: `ok`, `partial` (answers were cut off), `failed`.
        reason: Machine-readable, or "" if ok.
        detail: One line for people; never the article's text.
        payload: The JSON line, or "".
        id: Id of the document that was read.
        source: Its source.
        usage: Tokens.
        cost: US dollars.
        seconds: Wall time.
        attempts: Requests.
        answer: The last answer of a model that could not be used, cut and without keys, or "".
    """

    key: bytes
    state: State
    reason: str = ""
    detail: str = ""
    payload: str = ""
    id: str = ""
    source: str = ""
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    cost: float = 0.0
    seconds: float = 0.0
    attempts: int = 0
    answer: str = ""
