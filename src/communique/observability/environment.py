"""What the environment asks to be seen, for the command line.

- `COMMUNIQUE_LOG=info`: log level, debug, info, warning or error; `info:json` names the format, too; `json` is
  `info:json`
- `COMMUNIQUE_OTEL=1`: OpenTelemetry, through the providers that the process has set up
- `COMMUNIQUE_OTEL_CONTENT=1`: prompts and answers in the spans, too
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from communique.engine.hooks import Hooks, Listener
from communique.observability.event_log import EventLog
from communique.observability.log_format import set_up_logging

LOG, OTEL, CONTENT = "COMMUNIQUE_LOG", "COMMUNIQUE_OTEL", "COMMUNIQUE_OTEL_CONTENT"
SEMCONV_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


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
    asked = variables.get(LOG, "").strip().lower()
    if asked or log_format:
        level, form = _read(asked)
        set_up_logging(level, log_format or form)  # type: ignore[arg-type]  # it refuses what is neither
        listeners.append(EventLog())
    if is_on(variables.get(OTEL, "")):
        from communique.observability.telemetry import Telemetry

        listeners.append(Telemetry(content=wants_content(variables)))
    return Hooks(listeners)


def wants_content(variables: Mapping[str, str]) -> bool:
    """Tell whether prompts and answers are to be in the spans: by our variable, or by OpenTelemetry's own."""
    standard = variables.get(SEMCONV_CONTENT, "").strip().lower()
    return is_on(variables.get(CONTENT, "")) or standard in {"true", "span_only", "span_and_event"}


def is_on(value: str) -> bool:
    """Tell whether a variable is switched on."""
    return value.strip().lower() in {"1", "true", "yes", "on"}


def _read(asked: str) -> tuple[str, str]:
    level, _, form = asked.partition(":")
    if level in {"json", "text"} and not form:
        level, form = "info", level
    return level or "info", form or "text"
