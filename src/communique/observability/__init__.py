"""WHAT is seen from outside: logs, and OpenTelemetry spans and metrics, made from the events of a run.

The environment says what the command line shows of a run:

- `COMMUNIQUE_LOG=info`: log level, debug, info, warning or error; `info:json` names the format, too; `json` is
  `info:json`
- `COMMUNIQUE_OTEL=1`: OpenTelemetry, through the providers that the process has set up
- `COMMUNIQUE_OTEL_CONTENT=1`: prompts and answers in the spans, too
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from communique.engine.hooks import Hooks, Listener
from communique.observability.log_format import EventLog, JsonFormatter, redacted, set_up_logging
from communique.observability.telemetry import Telemetry, is_on, wants_content

__all__ = [
    "EventLog",
    "JsonFormatter",
    "Telemetry",
    "hooks_from_environment",
    "redacted",
    "set_up_logging",
]


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
