"""Redaction: keys and passwords never reach a log."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

MASK = "[redacted]"

_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_SHAPES = (
    re.compile(r"(?<=\bBearer )\S+", re.IGNORECASE),
    re.compile(r"\b(sk|pk|rk|gsk|xai|hf|ghp|AIza)[-_][\w-]{8,}"),
    re.compile(r"\bAIza[\w-]{20,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(
        r"(?<=(?:api_key|api-key)[=:])[^\s&,;\"']+|(?<=(?:apikey)[=:])[^\s&,;\"']+"
        r"|(?<=(?:password)[=:])[^\s&,;\"']+|(?<=[?&]key=)[^\s&,;\"']+",
        re.IGNORECASE,
    ),
)


def redacted(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return a text without keys: what looks like one, and the value of every variable that is named as one.

    Args:
        text: Any text.
        environment: Variables; those of the process if None.
    """
    variables = os.environ if environment is None else environment
    secrets = {v for n, v in variables.items() if len(v) >= 8 and _NAMES.search(n)}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    return text
