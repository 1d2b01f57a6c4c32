"""A file of answers, line by line: what is an answer, what is to be asked again, what stops the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.backends.failures import refused_by
from communique.backends.refusals import Refusal, error_of
from communique.batch.provider_batch.ledger import Answer
from communique.documents.readers.lines import bounded_lines
from communique.errors import PermanentBackendError
from communique.schemas import Usage

MAX_LINE = 8 * 1024 * 1024
"""Bytes; the cap of a live answer too."""

_PASSING = frozenset({408, 409, 425, 429})
_ADAPTABLE = frozenset({"temperature", "max_tokens", "max_completion_tokens"})
"""Parameters that the chat backend learns to put otherwise; asked again, they are."""


def answers_of(path: Path) -> Iterator[Answer | None]:
    """Yield the answers in a file of the provider's; None for a line that is none.

    Args:
        path: JSON Lines: an output file or an error file.
    """
    with path.open("rb") as stream:
        for raw in bounded_lines(stream, MAX_LINE):
            if raw is None or raw.strip():
                yield _answer(raw)


def _answer(raw: bytes | None) -> Answer | None:
    try:
        line = json.loads(raw or b"")
        custom_id = line["custom_id"]
        response = line.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body")
        said = line.get("error") or (body or {}).get("error") or {}
        refusal = Refusal(status, said)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    if not isinstance(custom_id, str):
        return None
    if status == 200 and isinstance(body, dict) and body.get("choices"):
        return Answer(custom_id, 200, _text(body), _usage(body.get("usage")))
    if status >= 400:
        hopeless = error_of(refusal, "the provider's batch", "", "the key and what it may do")
        if isinstance(hopeless, PermanentBackendError):
            return Answer(custom_id, 0, hopeless.reason, hopeless=hopeless)
    param = refused_by(refusal)
    if 400 <= status < 500 and status not in _PASSING and param not in _ADAPTABLE:
        return Answer(custom_id, status, _text({"error": said}))
    reason = {"batch_expired": "expired", "batch_cancelled": "cancelled"}.get(refusal.code, "")
    if not reason:
        reason = "throttled" if status == 429 else "bad_request" if param in _ADAPTABLE else "server_error"
    return Answer(custom_id, 0, reason)


def _usage(used: Any) -> Usage:
    if not isinstance(used, dict):
        return Usage()
    details = used.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    counts = [
        n if isinstance(n, int) else 0 for n in (used.get("prompt_tokens"), used.get("completion_tokens"), cached)
    ]
    return Usage(input_tokens=counts[0], output_tokens=counts[1], cached_tokens=counts[2])


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"))
