"""Prompt: everything a backend needs to ask one question, and nothing of how it is sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

CHARS_PER_TOKEN = 2.5
"""Code points, a cautious figure for all that reserves room: English news has about 4.5, other scripts fewer."""


def most_tokens_in(chars: int) -> int:
    """Return an upper guess of the tokens of so many code points."""
    return int(chars / CHARS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to a model."""

    messages: tuple[Message, ...]  # static turns first, the numbered article last
    schema: dict[str, Any]  # strict JSON Schema of the answer
    fingerprint: str  # SHA-256 (16 hex digits) of all that is the same for every document
    schema_name: str = "structured_summary"  # on the wire
    max_tokens: int = 2000  # bound on the answer, not counting what a model thinks before it
    document_id: str = ""  # the document it asks about
    static_messages: int = field(default=0, compare=False)  # how many turns are the same for every document
    reasks: int = field(default=1, compare=False)  # how often an answer that lacks keys may be asked for again
    complaints: int = 0  # how many failed checks it asks again about; 0 for a first question
    effort: str | None = None  # how much a model is to think, in the server's word: `low`, `high`; None: its own choice
    trained: bool = False  # the question is the one that the embedded model was trained for
    purpose: Literal["extract", "repair", "judge"] = "extract"  # records, better ones, or how likely they are

    @property
    def chars(self) -> int:
        """Code points of all turns."""
        return sum(len(message.content) for message in self.messages)

    @property
    def most_tokens(self) -> int:
        """An upper guess of the tokens of prompt and answer."""
        return most_tokens_in(self.chars) + self.max_tokens


def fingerprint_of(*parts: Any) -> str:
    """Return 16 hex digits of the SHA-256 of the parts' canonical JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
