"""WHAT is seen from outside: logs, and OpenTelemetry spans and metrics, made from the events of a run.

The environment says what the command line shows of a run:

- `COMMUNIQUE_LOG=info`: log level, debug, info, warning or error; `info:json` names the format, too; `json` is
  `info:json`
- `COMMUNIQUE_OTEL=1`: OpenTelemetry, through the providers that the process has set up
- `COMMUNIQUE_OTEL_CONTENT=1`: prompts and answers in the spans, too
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from communique.engine.events import Event, Hooks, Listener
from communique.errors import ConfigurationError
from communique.observability.telemetry import Telemetry, is_on, wants_content

__all__ = ["EventLog", "JsonFormatter", "Telemetry", "hooks_from_environment", "redacted", "set_up_logging"]

MASK = "[redacted]"

_SECRET_NAMES = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_SHAPES = (
    re.compile(r"(\bBearer )\S+", re.IGNORECASE),
    re.compile(r"()\b(?:sk|pk|rk|gsk|xai|hf|ghp|AIza)[-_][\w-]{8,}"),
    re.compile(r"()\bAIza[\w-]{20,}"),
    re.compile(r"(://)[^/\s:@]+:[^/\s@]+(?=@)"),
    re.compile(r"((?:api[-_]?key|password)[=:]|[?&]key=)[^\s&,;\"']+", re.IGNORECASE),
)
"""What looks like a key, after what stays of it."""
_EVENTS = logging.getLogger("communique.events")
_EVENT_LEVELS = dict.fromkeys(("repaired", "rejected", "verified", "stored"), logging.INFO) | {
    "failed": logging.WARNING
}
LEVELS = ("debug", "info", "warning", "error")


def hooks_from_environment(log_format: str | None = None, environment: Mapping[str, str] | None = None) -> Hooks:
    """Set up logging as it is asked for, and return the hooks that see a run.

    Args:
        log_format: `text` or `json`, given by the caller; it wins, and turns the log on.
        environment: Variables; those of the process if None.

    Raises:
        ConfigurationError: A variable holds something else.
        MissingExtraError: OpenTelemetry is asked for and not installed.
    """
    variables = os.environ if environment is None else environment
    listeners: list[Listener] = []
    asked = variables.get("COMMUNIQUE_LOG", "").strip().lower()
    if asked or log_format:
        level, _, form = asked.partition(":")
        if level in {"json", "text"} and not form:
            level, form = "info", level
        set_up_logging(level or "info", log_format or form or "text")
        listeners.append(EventLog())
    if is_on(variables.get("COMMUNIQUE_OTEL")):
        listeners.append(Telemetry(content=wants_content(variables)))
    return Hooks(listeners)


class EventLog:
    """A listener that logs: questions at debug, what became of records and documents at info, failures as warnings.

    A line has numbers and names, never a word of the article.
    """

    def __call__(self, event: Event) -> None:
        """Log one event."""
        level = _EVENT_LEVELS.get(event.kind, logging.DEBUG)
        if _EVENTS.isEnabledFor(level):
            about = {"event": event.kind, "document": event.document_id, "reading": event.reading}
            _EVENTS.log(level, "%s %s", event.kind, event.document_id, extra=about | event.detail)


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
    every = {"message", "asctime", *vars(logging.getLogRecordFactory()("", 0, "", 0, "", (), None))}
    return {k: v for k, v in vars(record).items() if k not in every}


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
    secrets = {v for n, v in variables.items() if len(v) >= 8 and _SECRET_NAMES.search(n)}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for shape in _SHAPES:
        text = shape.sub(rf"\1{MASK}", text)
    return text
