"""Logs: the events of a run through the standard library's logging, as text or one JSON object a line, without keys."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from communique.engine.events import Event
from communique.errors import ConfigurationError

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
_EVENTS = logging.getLogger("communique.events")
_EVENT_LEVELS = {
    "repaired": logging.INFO,
    "rejected": logging.INFO,
    "verified": logging.INFO,
    "stored": logging.INFO,
    "failed": logging.WARNING,
}
LEVELS = ("debug", "info", "warning", "error")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventLog:
    """A listener that logs: questions at debug, what became of records and documents at info, failures as warnings.

    A line has numbers and names, never a word of the article.
    """

    def __call__(self, event: Event) -> None:
        """Log one event."""
        level = _EVENT_LEVELS.get(event.kind, logging.DEBUG)
        if _EVENTS.isEnabledFor(level):
            told = {f"{k}_" if k in _STANDARD else k: v for k, v in event.detail.items()}
            extra = {"event": event.kind, "document": event.document_id, "reading": event.reading}
            _EVENTS.log(level, "%s %s", event.kind, event.document_id, extra=extra | told)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, whatever was given as `extra`, and the exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in _given(record).items() if k not in line}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(_redacted(line), ensure_ascii=True, default=str)


class TextFormatter(logging.Formatter):
    """One line for people: time, level, message, extras as key=value; an exception below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        from communique.sinks.plain_text import visible

        told = " ".join(f"{k}={v}" for k, v in _given(record).items() if v not in (None, ""))
        head = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:7} {record.getMessage()} {told}"
        line = visible(redacted(head.rstrip()), one_line=True)
        return f"{line}\n{redacted(self.formatException(record.exc_info))}" if record.exc_info else line


def set_up_logging(level: str = "warning", form: str = "text", stream: TextIO | None = None) -> logging.Handler:
    """Let communique's loggers write to a stream; a second call replaces the first. Other loggers are left alone.

    Args:
        level: debug, info, warning or error.
        form: `text` or `json`.
        stream: Standard error if None.

    Raises:
        ConfigurationError: There is no such level or form.
    """
    if level not in LEVELS:
        raise ConfigurationError(f"unknown log level {level!r}", hint=f"use one of {', '.join(LEVELS)}")
    if form not in ("text", "json"):
        raise ConfigurationError(f"unknown log format {form!r}", hint="use text or json")
    logger = logging.getLogger("communique")
    for old in [h for h in logger.handlers if getattr(h, "communique", False)]:
        logger.removeHandler(old)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    handler.communique = True  # type: ignore[attr-defined]
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    return handler


def _given(record: logging.LogRecord) -> dict[str, Any]:
    """Return what was given as `extra`, not what every record has: a library such as Ray puts its own marks on all."""
    every = vars(logging.getLogRecordFactory()("", 0, "", 0, "", (), None))
    return {k: v for k, v in vars(record).items() if k not in _STANDARD and k not in every}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {str(k): _redacted(v) for k, v in value.items()}
    return [_redacted(v) for v in value] if isinstance(value, (list, tuple)) else value


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
