"""The sync driver: `extract()` and `Extractor`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from communique.backends import Backend, connect
from communique.backends.opinions import Referee
from communique.documents import Document
from communique.engine.exchange import Exchange, exchange
from communique.engine.hooks import Hooks, Reading
from communique.engine.plan import Plan
from communique.engine.second_opinion import SecondOpinion, consulted
from communique.engine.strangers import answering, closing, completion
from communique.errors import CommuniqueError, MalformedResponseError, TruncatedResponseError
from communique.schemas import VerifiedSummary
from communique.schemas.record_type import record_type


def planned(plan: Plan | None, records: Sequence[type[BaseModel]] | None) -> Plan:
    """Return the plan with the record types put in."""
    plan = plan or Plan()
    return replace(plan, records=tuple(map(record_type, records))) if records is not None else plan


def begin(document: Document, plan: Plan, backend: object) -> Exchange:
    """Start an exchange for a backend's traits."""
    narrows = bool(getattr(backend, "narrows", False))
    return exchange(
        document,
        plan,
        backend=str(getattr(backend, "name", type(backend).__name__)),
        model=str(getattr(backend, "model", "")),
        brief_shape=plan.shape == "brief" or (plan.shape == "auto" and narrows),
        context_tokens=getattr(backend, "context_tokens", None),
    )


def timed(summary: VerifiedSummary, seconds: float) -> VerifiedSummary:
    """Return the summary with its wall time."""
    provenance = summary.provenance.model_copy(update={"seconds": round(seconds, 3)})
    return summary.model_copy(update={"provenance": provenance})


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
        check_with: A second model that is asked closed questions about each record: a `SecondOpinion`, a referee, or a name
            such as `local`, `openai/MODEL`, `systemone:URL` (docs/guides/second-opinion.md).

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
        check_with: SecondOpinion | Referee | str | None = None,
    ) -> None:
        self.plan = planned(plan, records)
        self.backend: Backend = (
            connect(backend, base_url=base_url) if backend is None or isinstance(backend, str) else backend
        )
        self.second_opinion = consulted(check_with, self.backend)
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
        with self._hooks.reading(document, self.backend) as told:
            return self._read(document, told)

    def _read(self, document: Document, told: Reading) -> VerifiedSummary:
        start = self._clock()
        talk = begin(document, self.plan, self.backend)
        try:
            prompt = next(talk)
            while True:
                told.asked(prompt)
                try:
                    with answering(self.backend):
                        given = self.backend.complete(prompt)
                    answer = completion(self.backend, given)
                except (TruncatedResponseError, MalformedResponseError) as error:
                    told.unusable(error)
                    prompt = talk.throw(error)
                    continue
                told.answered(prompt, answer)
                prompt = talk.send(answer)
        except StopIteration as stop:
            summary: VerifiedSummary = stop.value
        except CommuniqueError as error:
            error.document_id = error.document_id or document.id
            raise
        if self.second_opinion is not None:
            summary = self.second_opinion.on(summary, document, self.plan, told)
        summary = timed(summary, self._clock() - start)
        told.verified(summary)
        return summary

    def close(self) -> None:
        """Give back the backend's connections and processes."""
        try:
            if self.second_opinion is not None:
                self.second_opinion.close()
        finally:
            with closing(self.backend):
                self.backend.close()

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
    check_with: SecondOpinion | Referee | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. For more than one, keep an `Extractor`.

    Args:
        document: The article, or its text.
        model: `local`, `openai/MODEL`, or a backend; `default_model()` if None.
        records: Record types to look for.
        plan: How hard to try.
        base_url: Server to use.
        check_with: A second model that is asked about each record; see `Extractor`.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key, a record type that can't be asked for.
        EmptyDocumentError: The document holds no text.
        BackendError: No answer.
        ResponseError: An answer that can't be used.
    """
    with Extractor(model, records=records, plan=plan, base_url=base_url, check_with=check_with) as extractor:
        return extractor.extract(document)
