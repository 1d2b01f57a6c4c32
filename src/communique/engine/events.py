"""Events: what happens to a document, typed, for progress, logs, traces and tests.

`communique.engine.hooks` tells them.

- `asked`, then `answered` or `failed`: for every question, a judge's too; one about failed checks is `repaired` as well
- `rejected`: for every record that the checks kept out
- `verified` or `failed`: once for every document
- `stored`: once the journal of a batch has the document
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from communique.backends.backend import Completion
from communique.prompts import Prompt
from communique.schemas import Rejection, Usage, VerifiedSummary


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document.

    Attributes:
        document_id: Which document.
        reading: Number of this reading of it, from 1; 0 where it is not being read. Many may go on at once.
    """

    kind: ClassVar[str] = ""
    document_id: str
    reading: int

    @property
    def detail(self) -> dict[str, Any]:
        """Numbers and names for a log; never a word of the article, the prompt or the answer."""
        own = [f.name for f in fields(self) if f.name not in {"document_id", "reading"} and f.repr]
        found = {name: getattr(self, name) for name in own}
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """A prompt is about to be sent.

    Attributes:
        call: Number of the question, from 1; its answer has the same.
        backend: Name of the backend.
        model: Model as asked for.
        prompt: What is sent; it holds the article.
    """

    kind: ClassVar[str] = "asked"
    call: int
    backend: str
    model: str
    prompt: Prompt = field(repr=False)

    @property
    def detail(self) -> dict[str, Any]:
        """The prompt's print and length, and how many complaints it repairs."""
        return super(Asked, self).detail | {
            "prompt": self.prompt.fingerprint,
            "turns": len(self.prompt.messages),
            "purpose": self.prompt.purpose,
            "complaints": self.prompt.complaints,
        }


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """An answer has come.

    Attributes:
        call: Number of the question.
        prompt: What was sent.
        answer: What came back, with its tokens.
        seconds: Wall time of the question, waits and retries included.
    """

    kind: ClassVar[str] = "answered"
    call: int
    prompt: Prompt = field(repr=False)
    answer: Completion = field(repr=False)
    seconds: float = field(compare=False)

    @property
    def detail(self) -> dict[str, Any]:
        """Model, tokens, requests, seconds."""
        return {
            "call": self.call,
            "model": self.answer.model,
            "usage": self.answer.usage.model_dump(),
            "attempts": self.answer.attempts,
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Repaired(Event):
    """The model has answered again about checks that failed. Whether that holds, the checks say.

    Attributes:
        call: Number of the question.
        complaints: How many failed checks it was told of.
    """

    kind: ClassVar[str] = "repaired"
    call: int
    complaints: int


@dataclass(frozen=True, slots=True)
class Rejected(Event):
    """The checks kept a record out.

    Attributes:
        rejection: The record and the reason; it holds words of the article.
    """

    kind: ClassVar[str] = "rejected"
    rejection: Rejection = field(repr=False)

    @property
    def detail(self) -> dict[str, Any]:
        """Type, reason, field."""
        return {
            "kind": self.rejection.kind,
            "reason": self.rejection.reason,
            "field": self.rejection.field,
        }


@dataclass(frozen=True, slots=True)
class Verified(Event):
    """The document is read and checked.

    Attributes:
        summary: The result.
        seconds: Wall time of the reading.
    """

    kind: ClassVar[str] = "verified"
    summary: VerifiedSummary = field(repr=False)
    seconds: float = field(compare=False)

    @property
    def detail(self) -> dict[str, Any]:
        """Counts and seconds."""
        records = list(self.summary.all_records())
        return {
            "records": len(records),
            "verdicts": dict(Counter(r.verdict for r in records)),
            "rejections": len(self.summary.rejections),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A question had no usable answer, or the document can't be read on.

    Attributes:
        call: Number of the question, or None if it is the document.
        reason: Machine-readable (`CommuniqueError.reason`), or the exception's name.
        error: What was raised.
        seconds: Wall time of the question or the reading.
    """

    kind: ClassVar[str] = "failed"
    call: int | None
    reason: str
    error: BaseException = field(repr=False, compare=False)
    seconds: float = field(compare=False)


@dataclass(frozen=True, slots=True)
class Stored(Event):
    """The journal of a batch has the document: whatever happens now, it is done.

    Attributes:
        state: ok, partial or failed.
        reason: Why not ok, or "".
        usage: Tokens.
        cost: US dollars, 0 without a price.
        attempts: Requests.
        seconds: Wall time.
    """

    kind: ClassVar[str] = "stored"
    state: str
    reason: str = ""
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    cost: float = 0.0
    attempts: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def detail(self) -> dict[str, Any]:
        """The same."""
        return {
            "state": self.state,
            "reason": self.reason,
            "cost": round(self.cost, 6),
            "attempts": self.attempts,
            "seconds": round(self.seconds, 3),
        }
