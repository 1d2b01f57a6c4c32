"""The two fronts, sync and async: `extract()` and `Extractor`, `aextract()` and `AsyncExtractor`.

One driver has the prompts of an exchange answered for both: same exchange, same results.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NoReturn, Self, TypeAlias, TypeVar, cast

from pydantic import BaseModel

from communique.backends import AsyncBackend, Backend, Completion
from communique.backends.backend import at_once
from communique.documents import Document
from communique.engine.events import Hooks, Reading
from communique.engine.exchange import Exchange, exchange
from communique.engine.plan import Plan
from communique.engine.talk import Voices, closing, completion
from communique.errors import STOPPING, CommuniqueError, ConfigurationError
from communique.prompts import Prompt
from communique.schemas import Record, VerifiedSummary

if TYPE_CHECKING:
    from communique.documents.readers import Skipped

B = TypeVar("B")
Given: TypeAlias = "Document | str | Path | Skipped"
"""A document, its text, the path of its file, or what `communique.documents.readers.open_documents` couldn't read."""


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """A document that wasn't read, in the results of many."""

    document: Given  # as it was given
    error: CommuniqueError  # says why


def _document(given: Given) -> Document:
    """Return the document, read from its file or made of its text."""
    if isinstance(given, Document):
        return given
    if isinstance(given, Path):
        return Document.from_file(given)
    from communique.documents.readers import Skipped, input_kind  # not loaded for a document that is there
    from communique.documents.readers.opening import error_of

    if isinstance(given, Skipped):
        raise error_of(given)
    if not isinstance(given, str):
        raise ConfigurationError(f"{type(given).__name__} is no article", hint="pass a text, a Path or a Document")
    if input_kind(given) == "file":
        raise ConfigurationError(
            f"{given!r} is the path of a file, but a string is read as the article itself",
            hint=f"pass Path({given!r}) or Document.from_file({given!r})",
        )
    return Document.from_text(given)


async def drive(talk: Exchange, ask: Callable[[Prompt], Awaitable[Completion]]) -> VerifiedSummary:
    """Go through an exchange to its end.

    Raises:
        CommuniqueError: As `ask`, where the exchange can't go on without that answer.
    """
    try:
        prompt = next(talk)
        while True:
            try:
                answer = await ask(prompt)
            except CommuniqueError as error:
                prompt = talk.throw(error)
            else:
                prompt = talk.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]


class _Reader(Generic[B]):
    """What both extractors share: who is asked, and how one document is read."""

    def __init__(
        self,
        model: B | str | None = None,
        *,
        records: Sequence[type[BaseModel]] | None = None,
        plan: Plan | None = None,
        base_url: str | None = None,
        hooks: Hooks | None = None,
        clock: Callable[[], float] = time.perf_counter,
        judge: B | str | None = None,
    ) -> None:
        self.plan = plan or Plan()
        if records is not None:
            self.plan = replace(self.plan, records=cast("tuple[type[Record], ...]", records))
        self._voices: Voices[B] = Voices.of(self.plan, model, judge, base_url)
        self.backend, self.judge = self._voices.backend, self._voices.judge
        self._hooks = hooks or Hooks()
        self._clock = clock

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds connections and can't be pickled;"
            " pickle its `plan` and make another one where it is needed"
        )

    async def _complete(self, backend: B, prompt: Prompt) -> Completion:
        raise NotImplementedError

    async def _read(self, given: Given) -> VerifiedSummary:
        document = _document(given)
        with Reading(self._hooks, document.id) as reading:

            async def ask(prompt: Prompt) -> Completion:
                backend = self._voices.asked(prompt)
                return await reading.question(prompt, backend, completion(backend, self._complete(backend, prompt)))

            start = self._clock()
            summary = await drive(exchange(document, self.plan, self._voices), ask)
            seconds = round(self._clock() - start, 3)
            provenance = summary.provenance.model_copy(update={"seconds": seconds})
            summary = summary.model_copy(update={"provenance": provenance})
            reading.verified(summary)
            return summary


class Extractor(_Reader[Backend]):
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
        return at_once(self._read(document))

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

    async def _complete(self, backend: Backend, prompt: Prompt) -> Completion:
        return backend.complete(prompt)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncExtractor(_Reader[AsyncBackend]):
    """Reads documents concurrently, as many as are awaited. See `communique.engine.Extractor` for the arguments."""

    async def extract(self, document: Given) -> VerifiedSummary:
        """Read one document. Raises as `Extractor.extract` does."""
        return await self._read(document)

    async def aclose(self) -> None:
        """Release the backend's connections and processes."""
        for backend in self._voices.all:
            with closing(backend):
                await backend.aclose()

    async def _complete(self, backend: AsyncBackend, prompt: Prompt) -> Completion:
        return await backend.acomplete(prompt)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


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

    They are articles, texts, paths, or what `communique.documents.readers.open_documents` yields; the other arguments are
    those of `extract`.
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
