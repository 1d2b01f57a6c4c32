"""Talk: who is asked about one document, what the exchange with them has seen so far, and what it has cost.

What goes wrong in a backend that others wrote is told as its fault, in one line, and never as a bug of ours.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, Generic, TypeVar, cast

from communique.backends import Completion, connect, connect_judge
from communique.documents import Document
from communique.engine.plan import Asking, Plan
from communique.errors import (
    STOPPING,
    BackendError,
    BudgetExceededError,
    CommuniqueError,
    ConfigurationError,
    DocumentTooLongError,
    PromptCutError,
    ResponseError,
)
from communique.grounding import Verdict, load_policy
from communique.languages import MARKS
from communique.prompts import Prompt
from communique.schemas import Usage

UNANSWERED = (ResponseError, BackendError, DocumentTooLongError)
"""Errors that cost an answer and not the document, but for those that stop a run (`communique.errors.STOPPING`)."""
MOST_CUTS = 5
"""Answers in a row that are cut off at the token limit until a window is given up; two of those that hold no word:
their tokens went into thinking, which smaller windows don't shorten. So many questions in a row may have no answer, too,
or two where the server or the local model failed."""
NOT_READ = "not_read"
"""Beginning of the warning that tells which sentences have not been read, and why."""
LEAST_CONTEXT = 1024
"""Tokens: no server has a smaller context. One that counts fewer for a long prompt doesn't count what it reads."""
_WORD = re.compile(rf"\w[\w{MARKS}]*")
_LOG = logging.getLogger("communique.backends")
_HINT = "a bug in that plug-in: update it, or tell its author"
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Voices(Generic[B]):
    """Who is asked."""

    backend: B  # reads
    judge: B | None  # judges what was read; None where nobody does. It may be the same
    asking: Asking  # how the reader is asked

    @classmethod
    def of(
        cls, plan: Plan, backend: B | str | None, judge: B | str | None = None, base_url: str | None = None
    ) -> Voices[B]:
        """Return who is asked under a plan: backends, or names of models, which are connected.

        Without a backend it is the default model; without a judge the backend judges, where the plan wants that.

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
        narrows = bool(getattr(reader, "narrows", False))
        if plan.effort is not None and (narrows or getattr(reader, "name", "") == "local"):
            raise ConfigurationError("the local model does not reason", hint="omit the effort")
        able = bool(getattr(reader, "judges", False)) and plan.shape != "brief"
        own = plan.judge == "on" or (plan.judge == "auto" and able)
        asking = plan.asking(narrows=narrows, trained=bool(getattr(reader, "trained", False)))
        return cls(reader, reader if judge is None and own else judge, asking)

    def asked(self, prompt: Prompt) -> B:
        """Return who answers a prompt."""
        return self.judge if prompt.purpose == "judge" and self.judge is not None else self.backend

    @property
    def all(self) -> tuple[B, ...]:
        """Everybody, once."""
        return (self.backend,) if self.judge is None or self.judge is self.backend else (self.backend, self.judge)


async def completion(backend: object, answer: Awaitable[Any]) -> Completion:
    """Return what a backend gives, if it is an answer. Our own errors, and those of our own backends, pass.

    Raises:
        BackendError: A third-party backend raised something that is no error of ours, or gave no `Completion`.
    """
    try:
        given = await answer
    except CommuniqueError:
        raise
    except (Exception, SystemExit) as error:
        if (who := _third_party(backend)) is None:
            raise
        raise BackendError(f"{who} failed with {_said(error)}", hint=_HINT) from error
    who = _third_party(backend)
    if who is not None and not isinstance(given, Completion):
        raise BackendError(f"{who} returned a {type(given).__name__}, not a Completion", hint=_HINT)
    if who is not None and not isinstance(given.data, dict):
        raise BackendError(f"{who} returned data that is a {type(given.data).__name__}, not a dict", hint=_HINT)
    return given  # type: ignore[no-any-return]


@contextmanager
def closing(backend: object) -> Iterator[None]:
    """Log what a third-party backend raises when it is closed: what was read stays read."""
    try:
        yield
    except Exception as error:
        if (who := _third_party(backend)) is None:
            raise
        _LOG.warning("%s can't be closed: %s", who, _said(error), exc_info=True)


def _third_party(backend: Any) -> str | None:
    """Return what a backend that isn't ours is called, or None; a batch puts wrappers of ours around one."""
    while _is_ours(backend):
        backend = getattr(backend, "_backend", None)
        if backend is None:
            return None
    kind = type(backend)
    return f"the backend {str(getattr(backend, 'name', kind.__name__))!r} ({kind.__module__}:{kind.__qualname__})"


def _is_ours(backend: object) -> bool:
    return type(backend).__module__.partition(".")[0] == "communique"


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Talk:
    """What one exchange has seen so far."""

    def __init__(self, document: Document, plan: Plan, voices: Voices[Any]) -> None:
        self.document = document
        self.plan = plan
        self.voices = voices
        self.policy = load_policy(plan.policy or ("strong" if voices.asking == "full" else "small"))
        self.verdicts: list[list[Verdict]] = []
        self.usage = Usage()
        self.attempts = 0
        self.model = self.judge = ""
        self.gone = ""  # why the server is asked nothing more
        self.windows = self.answers = self.cuts = 0
        self.warnings: list[str] = []
        self.lost: CommuniqueError | None = None
        self.read = set[int]()
        self._unread: dict[str, set[int]] = {}

    def ask(self, prompt: Prompt) -> Generator[Prompt, Completion, Completion | CommuniqueError]:
        """Have a prompt answered.

        Returns:
            The answer, or the error that costs this answer only.

        Raises:
            CommuniqueError: It stops the run, or the reading of this document. A budget that has no room for a question
                about what was read stops neither: that is paid for, and kept.
        """
        try:
            answer = yield prompt
            self._heard(prompt, answer)
        except CommuniqueError as error:
            ends = isinstance(error, STOPPING) or not isinstance(error, UNANSWERED)
            if prompt.purpose == "extract":
                ends = ends or isinstance(error, PromptCutError)
            elif isinstance(error, BudgetExceededError):
                ends = False
            if ends:
                raise
            self.unheard(error)
            return error
        return answer

    def unheard(self, error: CommuniqueError) -> None:
        """Count what an answer that can't be used has cost."""
        if error is not self.lost:
            self.usage += Usage.of(error.tokens)
            self.attempts += error.attempts
            self.lost = error

    def hopeless(self, error: CommuniqueError, *, soon: bool) -> bool:
        """Count one more question without an answer, and tell whether these are too many in a row.

        Raises:
            CommuniqueError: They are, and no answer has come at all.
        """
        self.cuts += MOST_CUTS // 2 + 1 if soon else 1
        if self.cuts < MOST_CUTS:
            return False
        if not self.answers:
            raise error
        return True

    def unread(self, numbers: Iterable[int], reason: str) -> None:
        """Note sentences that nobody has read, and why."""
        self._unread.setdefault(reason, set()).update(numbers)

    def unread_warnings(self) -> Iterator[str]:
        """Yield for each reason which sentences have not been read."""
        for reason, numbers in self._unread.items():
            if left := numbers - self.read:
                yield f"{NOT_READ}: sentences {_ranges(left)} ({reason})"

    def _heard(self, prompt: Prompt, answer: Completion) -> None:
        """Count what an answer has cost; raise where the server counts fewer tokens than the prompt has words."""
        self.usage += answer.usage
        self.attempts += answer.attempts
        if prompt.purpose == "judge":
            self.judge = answer.model or self.judge
        else:
            self.model = answer.model or self.model
            self.answers += 1
            self.cuts = 0
        counted = answer.usage.input_tokens
        words = sum(_words(message.content) for message in prompt.messages) if counted else 0
        if counted >= words:
            return
        if counted < LEAST_CONTEXT:
            self.warnings.append("prompt_cut_off")
            return
        raise PromptCutError(
            f"the server read only {counted:,} tokens of a prompt of {words:,} words",
            hint="give the model a larger context: num_ctx for Ollama",
        )


def _ranges(numbers: Iterable[int]) -> str:
    """Return numbers in words: `3-7, 12`."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def why_not_read(warnings: Iterable[str]) -> str:
    """Return the last reason why sentences of a document have not been read, or ""."""
    return next((w.rpartition("(")[2][:-1] for w in reversed([*warnings]) if w.startswith(NOT_READ)), "")


@lru_cache(maxsize=4)  # prompts begin with the same text, most of them
def _words(text: str) -> int:
    return len(_WORD.findall(text))
