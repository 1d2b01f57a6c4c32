"""A file of answers, line by line: what is an answer, what is to be asked again, what stops the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.backends.anthropic_batches import as_response
from communique.backends.chat_answer import usage_of
from communique.backends.refusals import Refusal, error_of
from communique.batch.provider_batch.ledger import Answer
from communique.documents.readers.bounded import bounded_lines
from communique.errors import PermanentBackendError

MAX_LINE = 8 * 1024 * 1024
"""Bytes; the cap of a live answer too."""

_PASSING = frozenset({408, 409, 425, 429})
_ADAPTABLE = frozenset({"temperature", "max_tokens", "max_completion_tokens", "effort", "prompt_cache_key"})
"""Parameters that the chat backend learns to put otherwise; asked again, they are."""


def answers_of(path: Path) -> Iterator[Answer | None]:
    """Yield the answers in a file of the provider's, JSON Lines; None for a line that is none."""
    with path.open("rb") as stream:
        for raw in bounded_lines(stream, MAX_LINE):
            if raw is None or raw.strip():
                yield _answer(raw)


def _answer(raw: bytes | None) -> Answer | None:
    try:
        line = json.loads(raw or b"")
        line = as_response(line) if "result" in line else line
        custom_id = line["custom_id"]
        response = line.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body")
        refusal = Refusal(status, line.get("error") or (body or {}).get("error") or {})
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if not isinstance(custom_id, str):
        return None
    if status == 200 and isinstance(body, dict) and _is_answer(body):
        return Answer(custom_id, 200, json.dumps(body, separators=(",", ":")), usage_of(body))
    if status >= 400:
        hopeless = error_of(refusal, "the provider's batch", "", "the key and what it may do")
        if isinstance(hopeless, PermanentBackendError):
            return Answer(custom_id, 0, hopeless.reason, hopeless=hopeless)
    adaptable = refusal.param in _ADAPTABLE
    if 400 <= status < 500 and status not in _PASSING and not adaptable:
        return Answer(custom_id, status, json.dumps({"error": refusal.body}, separators=(",", ":")))
    reason = {"batch_expired": "expired", "batch_cancelled": "cancelled"}.get(refusal.code)
    return Answer(
        custom_id, 0, reason or ("throttled" if status == 429 else "bad_request" if adaptable else "server_error")
    )


def _is_answer(body: dict[str, Any]) -> bool:
    return bool(body.get("choices")) or body.get("object") == "response" or body.get("type") == "message"
