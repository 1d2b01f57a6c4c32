"""WHAT is seen from outside: logs, and OpenTelemetry spans and metrics, made from the events of a run."""

from communique.observability.environment import hooks_from_environment
from communique.observability.log_format import EventLog, JsonFormatter, set_up_logging
from communique.observability.redaction import redacted
from communique.observability.telemetry import Telemetry

__all__ = [
    "EventLog",
    "JsonFormatter",
    "Telemetry",
    "hooks_from_environment",
    "redacted",
    "set_up_logging",
]
