"""Hooks: typed events of one document. A hook that raises is reported once and never breaks a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from communique.backends.backend import Completion
from communique.documents import Document
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary

_LOG = logging.getLogger("communique.hooks")
Kind = Literal["asked", "answered", "verified", "rejected"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document.

    Attributes:
        kind: `asked`, `answered`, `verified` (the document is done), `rejected` (one record was kept out).
        document_id: Which document.
        detail: Numbers and names; never the article's text.
    """

    kind: Kind
    document_id: str
    detail: dict[str, Any]


@dataclass(slots=True)
class Hooks:
    """Functions that are called with each `Event`."""

    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    _broken: set[int] = field(default_factory=set)

    def asked(self, document: Document, prompt: Prompt) -> None:
        """Tell that a prompt is about to be sent."""
        self._tell("asked", document, {"prompt": prompt.fingerprint, "turns": len(prompt.messages)})

    def answered(self, document: Document, prompt: Prompt, answer: Completion) -> None:
        """Tell that an answer has come."""
        detail = {
            "prompt": prompt.fingerprint,
            "model": answer.model,
            "usage": answer.usage.model_dump(),
            "attempts": answer.attempts,
        }
        self._tell("answered", document, detail)

    def verified(self, document: Document, summary: VerifiedSummary) -> None:
        """Tell what the checks left, and what they kept out."""
        for rejection in summary.rejections:
            self._tell(
                "rejected",
                document,
                {"kind": rejection.kind, "reason": rejection.reason, "field": rejection.field},
            )
        records = list(summary.all_records())
        detail = {
            "records": len(records),
            "verified": sum(r.verdict == "verified" for r in records),
            "rejections": len(summary.rejections),
        }
        self._tell("verified", document, detail)

    def _tell(self, kind: Kind, document: Document, detail: dict[str, Any]) -> None:
        for listener in self.listeners:
            try:
                listener(Event(kind, document.id, detail))
            except Exception:  # noqa: BLE001 - a stranger's code must not break a run
                if id(listener) not in self._broken:
                    self._broken.add(id(listener))
                    _LOG.warning("a hook raised on %s and is reported once", kind, exc_info=True)
