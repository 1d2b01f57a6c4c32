"""The event log: every event of a run as a log line, with numbers and names, never with a word of the article."""

from __future__ import annotations

import logging

from communique.engine.events import Event

_LOG = logging.getLogger("communique.events")
_LEVELS = {
    "asked": logging.DEBUG,
    "answered": logging.DEBUG,
    "repaired": logging.INFO,
    "rejected": logging.INFO,
    "verified": logging.INFO,
    "stored": logging.INFO,
    "failed": logging.WARNING,
}


class EventLog:
    """A listener that logs: questions at debug, what became of records and documents at info, failures as warnings."""

    def __call__(self, event: Event) -> None:
        """Log one event."""
        level = _LEVELS.get(event.kind, logging.DEBUG)
        if _LOG.isEnabledFor(level):
            extra = {"event": event.kind, "document": event.document_id, "reading": event.reading}
            _LOG.log(level, "%s %s", event.kind, event.document_id, extra=extra | _apart(event.detail))


def _apart(detail: dict[str, object]) -> dict[str, object]:
    """Rename what a log record has for itself."""
    taken = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}
    return {f"{k}_" if k in taken else k: v for k, v in detail.items()}
