"""The two fronts, sync and async: `extract()` and `Extractor`, `aextract()` and `AsyncExtractor`. Same exchange, same results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel

from communique.backends import AsyncBackend, Backend, Completion
from communique.backends.backend import at_once
from communique.engine.driver import Given, Reader
from communique.engine.plan import Plan
from communique.engine.plugin_errors import closing
from communique.errors import STOPPING, CommuniqueError
from communique.prompts import Prompt
from communique.schemas import VerifiedSummary


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """A document that wasn't read, in the results of many.

    Attributes:
        document: As it was given.
        error: Says why.
    """

    document: Given
    error: CommuniqueError


class Extractor(Reader[Backend]):
    """Reads documents, one after another, with one backend.

    Args:
        model: The name of a model, `local` or `openai/gpt-5-mini`, or a backend; `default_model()` if None.
        records: Record types or plain Pydantic models to look for; the three standard ones if None.
        plan: How documents are read.
        base_url: Server to use instead of the model's own.
        hooks: Called with each event.
        clock: Seconds, monotonic.
        judge: Another model that judges the records, as a backend or by name; see `Plan.judge` and
            docs/guides/judge.md. With `base_url`, a name is one of that server's models, as for `connect`.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key, or an unusable record type.
    """

    def extract(self, document: Given) -> VerifiedSummary:
        """Read one document.

        Raises:
            EmptyDocumentError: It contains no text.
            BackendError: There was no answer.
            ResponseError: The answer can't be used.
        """
        return at_once(self._read(document, _complete))

    def extract_many(self, documents: Iterable[Given]) -> Iterator[VerifiedSummary | FailedDocument]:
        """Read documents one after another, each when its result is asked for; results come in the same order.

        A document that can't be read gives `FailedDocument`, and the next one is read.

        Raises:
            PermanentBackendError: Every other document would fail, too, such as for a refused key.
            ConfigurationError: The call can't work.
        """
        for document in documents:
            try:
                found: VerifiedSummary | FailedDocument = self.extract(document)
            except STOPPING:
                raise
            except CommuniqueError as error:
                found = FailedDocument(document, error)
            yield found

    def close(self) -> None:
        """Release the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _complete(backend: Backend, prompt: Prompt) -> Completion:
    return backend.complete(prompt)


class AsyncExtractor(Reader[AsyncBackend]):
    """Reads documents concurrently, as many as are awaited. See `communique.engine.Extractor` for the arguments."""

    async def extract(self, document: Given) -> VerifiedSummary:
        """Read one document. Raises as `Extractor.extract` does."""
        return await self._read(document, _acomplete)

    async def aclose(self) -> None:
        """Release the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                await backend.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _acomplete(backend: AsyncBackend, prompt: Prompt) -> Completion:
    return await backend.acomplete(prompt)


def extract(
    document: Given,
    *,
    model: Backend | str | None = None,
    records: Sequence[type[BaseModel]] | None = None,
    plan: Plan | None = None,
    base_url: str | None = None,
    judge: Backend | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. For more than one, keep an `Extractor`.

    Args:
        document: The article, its text, or the path of its file as a `Path`.
        model: `local`, `openai/MODEL`, or a backend; `default_model()` if None.
        records: Record types to look for.
        plan: How documents are read.
        base_url: Server to use.
        judge: Another model that judges the records; see `Extractor`.

    Raises:
        ConfigurationError: Unknown model, missing extra, missing key, or an unusable record type.
        EmptyDocumentError: The document contains no text.
        BackendError: There was no answer.
        ResponseError: The answer can't be used.
    """
    with Extractor(model, records=records, plan=plan, base_url=base_url, judge=judge) as extractor:
        return extractor.extract(document)


def extract_many(
    documents: Iterable[Given],
    *,
    model: Backend | str | None = None,
    records: Sequence[type[BaseModel]] | None = None,
    plan: Plan | None = None,
    base_url: str | None = None,
    judge: Backend | str | None = None,
) -> Iterator[VerifiedSummary | FailedDocument]:
    """Read documents one after another and close the backend after the last one. See `Extractor.extract_many`.

    Args:
        documents: Articles, texts, paths, or what `communique.documents.readers.open_documents` yields.
        model: As for `extract`, like the others.
        records: Record types to look for.
        plan: How documents are read.
        base_url: Server to use.
        judge: Another model that judges the records.
    """
    with Extractor(model, records=records, plan=plan, base_url=base_url, judge=judge) as extractor:
        yield from extractor.extract_many(documents)


async def aextract(
    document: Given,
    *,
    model: AsyncBackend | str | None = None,
    records: Sequence[type[BaseModel]] | None = None,
    plan: Plan | None = None,
    base_url: str | None = None,
    judge: AsyncBackend | str | None = None,
) -> VerifiedSummary:
    """Read one document and close the backend. See `communique.extract`."""
    async with AsyncExtractor(model, records=records, plan=plan, base_url=base_url, judge=judge) as extractor:
        return await extractor.extract(document)
