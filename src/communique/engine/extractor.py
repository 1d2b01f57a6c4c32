"""The sync driver: `extract()` and `Extractor`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from communique.backends import Backend, Completion
from communique.backends.sync_bridge import at_once
from communique.documents import Document
from communique.engine.driver import Voices, begin, drive, timed
from communique.engine.hooks import Hooks, Reading
from communique.engine.plan import Plan
from communique.engine.plugin_errors import answering, closing, completion
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary
from communique.schemas.record_type import record_type


def planned(plan: Plan | None, records: Sequence[type[BaseModel]] | None) -> Plan:
    """Return the plan with the record types put in."""
    plan = plan or Plan()
    return replace(plan, records=tuple(map(record_type, records))) if records is not None else plan


def document_of(given: Document | str) -> Document:
    """Return the document; a string is taken as the article's text."""
    return given if isinstance(given, Document) else Document.from_text(given)


class Extractor:
    """Reads documents, one after another, over one backend.

    Args:
        backend: A backend, or the name of a model: `local`, `openai/gpt-5-mini`; `default_model()` if None.
        records: Record types or plain Pydantic models to look for; the three standard ones if None.
        plan: How hard to try.
        base_url: Server to use instead of the model's own.
        hooks: Called with each event.
        clock: Seconds, monotonic.
        judge: Another model that judges the records, as a backend or by name; see `Plan.judge` and
            docs/guides/judge.md. A name without a backend is one of the models at `base_url`.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key, a record type that can't be asked for.
    """

    def __init__(
        self,
        backend: Backend | str | None = None,
        *,
        records: Sequence[type[BaseModel]] | None = None,
        plan: Plan | None = None,
        base_url: str | None = None,
        hooks: Hooks | None = None,
        clock: Callable[[], float] = time.perf_counter,
        judge: Backend | str | None = None,
    ) -> None:
        self.plan = planned(plan, records)
        self._voices: Voices[Backend] = Voices.of(self.plan, backend, judge, base_url)
        self.backend, self.judge = self._voices.backend, self._voices.judge
        self._hooks = hooks or Hooks()
        self._clock = clock

    def extract(self, document: Document | str) -> VerifiedSummary:
        """Read one document.

        Raises:
            EmptyDocumentError: It holds no text.
            BackendError: No answer.
            ResponseError: An answer that can't be used.
        """
        document = document_of(document)
        with self._hooks.reading(document, self._voices.asked) as told:
            return self._read(document, told)

    def _read(self, document: Document, told: Reading) -> VerifiedSummary:
        async def ask(prompt: Prompt) -> Completion:
            backend = self._voices.asked(prompt)
            with answering(backend):
                given = backend.complete(prompt)
            return completion(backend, given)

        start = self._clock()
        talk = begin(document, self.plan, self._voices)
        summary = timed(at_once(drive(talk, ask, document.id, told)), self._clock() - start)
        told.verified(summary)
        return summary

    def close(self) -> None:
        """Give back the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def extract(
    document: Document | str,
    *,
    model: Backend | str | None = None,
    records: Sequence[type[BaseModel]] | None = None,
    plan: Plan | None = None,
    base_url: str | None = None,
    judge: Backend | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. For more than one, keep an `Extractor`.

    Args:
        document: The article, or its text.
        model: `local`, `openai/MODEL`, or a backend; `default_model()` if None.
        records: Record types to look for.
        plan: How hard to try.
        base_url: Server to use.
        judge: Another model that judges the records; see `Extractor`.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key, a record type that can't be asked for.
        EmptyDocumentError: The document holds no text.
        BackendError: No answer.
        ResponseError: An answer that can't be used.
    """
    with Extractor(model, records=records, plan=plan, base_url=base_url, judge=judge) as extractor:
        return extractor.extract(document)
