"""Prompt: everything a backend needs to ask one question, and nothing of how it is sent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel


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
        response_model: Pydantic model of the same shape; one class for all documents.
        fingerprint: SHA-256 (16 hex digits) of all that is the same for every document.
        max_tokens: Bound on the answer.
        document_id: The document it asks about.
        static_messages: How many turns are the same for every document.
        complaints: How many failed checks it asks again about; 0 for a first question.
        purpose: `extract` asks for records, `repair` for better ones, `judge` how likely it is that the article says them.
    """

    messages: tuple[Message, ...]
    schema: dict[str, Any]
    response_model: type[BaseModel]
    fingerprint: str
    schema_name: str = "structured_summary"
    max_tokens: int = 2000
    document_id: str = ""
    static_messages: int = field(default=0, compare=False)
    complaints: int = 0
    purpose: Literal["extract", "repair", "judge"] = "extract"


def fingerprint_of(*parts: Any) -> str:
    """Return 16 hex digits of the SHA-256 of the parts' canonical JSON."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
