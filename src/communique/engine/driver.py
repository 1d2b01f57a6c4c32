"""The one driver of an exchange, for sync and async: it has prompts answered, and throws in what fails."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar, cast

from pydantic import BaseModel

from communique.backends import Completion, connect, connect_judge
from communique.documents import Document
from communique.engine.exchange import Exchange, exchange
from communique.engine.hooks import Hooks, Reading
from communique.engine.plan import Asking, Plan
from communique.engine.plugin_errors import answering, completion
from communique.engine.talk import Traits
from communique.errors import CommuniqueError, ConfigurationError
from communique.prompts import Prompt
from communique.schemas import Record, VerifiedSummary

if TYPE_CHECKING:
    from communique.documents.readers import Skipped

B = TypeVar("B")
Ask = Callable[[Prompt], Awaitable[Completion]]
Given: TypeAlias = "Document | str | Path | Skipped"
"""A document, its text, the path of its file, or what `communique.documents.readers.open_documents` couldn't read."""


@dataclass(frozen=True, slots=True)
class Voices(Generic[B]):
    """Who is asked.

    Attributes:
        backend: Reads.
        judge: Judges what was read; None where nobody does. It may be the same.
    """

    backend: B
    judge: B | None = None

    @classmethod
    def of(
        cls, plan: Plan, backend: B | str | None, judge: B | str | None = None, base_url: str | None = None
    ) -> Voices[B]:
        """Return who is asked under a plan; names are connected.

        Args:
            plan: Says whether there is a judge.
            backend: A backend, or the name of a model; the default model if None.
            judge: The same; the backend itself if None, where the plan wants a judge.
            base_url: Server of both; not of a judge whose name says its backend.

        Raises:
            ConfigurationError: A name leads nowhere; a judge is given and the plan wants none; or an effort is, and the
                model is the local one.
        """
        if judge is not None and plan.judge == "off":
            raise ConfigurationError("a judge is given, but the plan turns judging off", hint="omit one of them")
        reader = (
            cast("B", connect(backend, base_url=base_url)) if backend is None or isinstance(backend, str) else backend
        )
        if isinstance(judge, str):
            judge = reader if judge == backend else cast("B", connect_judge(judge, base_url=base_url))
        if plan.effort is not None and (getattr(reader, "narrows", False) or getattr(reader, "name", "") == "local"):
            raise ConfigurationError("the local model does not reason", hint="omit the effort")
        able = bool(getattr(reader, "judges", False)) and plan.shape != "brief"
        own = plan.judge == "on" or (plan.judge == "auto" and able)
        return cls(reader, reader if judge is None and own else judge)

    def asked(self, prompt: Prompt) -> B:
        """Return who answers a prompt."""
        return self.judge if prompt.purpose == "judge" and self.judge is not None else self.backend

    @property
    def all(self) -> tuple[B, ...]:
        """Everybody, once."""
        return (self.backend,) if self.judge is None or self.judge is self.backend else (self.backend, self.judge)


def begin(document: Document, plan: Plan, voices: Voices[Any]) -> Exchange:
    """Start an exchange for the traits of those who are asked."""
    backend, judge = voices.backend, voices.judge
    traits = Traits(
        backend=str(getattr(backend, "name", type(backend).__name__)),
        model=str(getattr(backend, "model", "")),
        asking=asking_of(plan, backend),
        context_tokens=getattr(backend, "context_tokens", None),
        judges=judge is not None,
        judge_context=getattr(judge, "context_tokens", None),
    )
    return exchange(document, plan, traits)


def asking_of(plan: Plan, backend: object) -> Asking:
    """Return how a backend's model is asked."""
    return plan.asking(
        narrows=bool(getattr(backend, "narrows", False)), trained=bool(getattr(backend, "trained", False))
    )


async def drive(talk: Exchange, ask: Ask, document_id: str, told: Reading | None = None) -> VerifiedSummary:
    """Go through an exchange to its end.

    Raises:
        CommuniqueError: As `ask`, where the exchange can't go on without that answer.
    """
    try:
        prompt = next(talk)
        while True:
            if told is not None:
                told.asked(prompt)
            try:
                answer = await ask(prompt)
            except CommuniqueError as error:
                if told is not None:
                    told.unusable(error)
                prompt = talk.throw(error)
                continue
            if told is not None:
                told.answered(prompt, answer)
            prompt = talk.send(answer)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    except CommuniqueError as error:
        error.document_id = error.document_id or document_id
        raise


def timed(summary: VerifiedSummary, seconds: float) -> VerifiedSummary:
    """Return the summary with its wall time."""
    provenance = summary.provenance.model_copy(update={"seconds": round(seconds, 3)})
    return summary.model_copy(update={"provenance": provenance})


def _document(given: Given) -> Document:
    """Return the document, read from its file or made of its text.

    Raises:
        ConfigurationError: The text is the path of a file; or it is no text.
        DocumentError: The input was skipped by its reader.
    """
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


class Reader(Generic[B]):
    """What `Extractor` and `AsyncExtractor` share: who is asked, and how one document is read."""

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

    async def _read(self, document: Given, complete: Callable[[B, Prompt], Awaitable[Completion]]) -> VerifiedSummary:
        document = _document(document)

        async def ask(prompt: Prompt) -> Completion:
            backend = self._voices.asked(prompt)
            with answering(backend):
                given = await complete(backend, prompt)
            return completion(backend, given)

        with self._hooks.reading(document, self._voices.asked) as told:
            start = self._clock()
            talk = begin(document, self.plan, self._voices)
            summary = timed(await drive(talk, ask, document.id, told), self._clock() - start)
            told.verified(summary)
            return summary
