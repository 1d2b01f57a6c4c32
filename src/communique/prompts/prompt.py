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
    """A question to a model.

    Attributes:
        messages: Static turns first, the numbered article last.
        schema: Strict JSON Schema of the answer.
        schema_name: Name of that schema on the wire.
        fingerprint: SHA-256 (16 hex digits) of all that is the same for every document.
        max_tokens: Bound on the answer, not counting what a model thinks before it.
        document_id: The document it asks about.
        static_messages: How many turns are the same for every document.
        reasks: How often an answer that lacks the keys asked for may be asked for again.
        complaints: How many failed checks it asks again about; 0 for a first question.
        effort: How much a reasoning model is to think, in the server's word: `low`, `high`; its own choice if None.
        trained: The question is the one that the embedded model was trained for.
        purpose: `extract` asks for records, `repair` for better ones, `judge` how likely it is that the article says
            them.
    """

    messages: tuple[Message, ...]
    schema: dict[str, Any]
    fingerprint: str
    schema_name: str = "structured_summary"
    max_tokens: int = 2000
    document_id: str = ""
    static_messages: int = field(default=0, compare=False)
    reasks: int = field(default=1, compare=False)
    complaints: int = 0
    effort: str | None = None
    trained: bool = False
    purpose: Literal["extract", "repair", "judge"] = "extract"

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
