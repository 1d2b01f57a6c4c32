"""Talk: what one exchange has seen so far, and what it has cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from communique.backends.backend import Completion
from communique.documents import Document
from communique.engine.mending import Said
from communique.engine.plan import Asking, Plan
from communique.errors import (
    BackendError,
    CommuniqueError,
    DocumentTooLongError,
    EngineError,
    PromptCutError,
    ResponseError,
    TransientBackendError,
    TruncatedResponseError,
)
from communique.grounding import Verdict, load_policy, verify
from communique.languages import MARKS
from communique.prompts import SENTINELS, Prompt, parse_answer
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


@dataclass(frozen=True, slots=True)
class Traits:
    """What an exchange has to know of those who are asked.

    Attributes:
        backend: Name of the backend, for the provenance.
        model: Model as asked for, for the provenance until the server says.
        asking: How the reader is asked.
        context_tokens: What the model takes, prompt and answer together; None if unknown.
        judges: Whether the records are judged; those prompts have the purpose `judge`.
        judge_context: What the judge takes.
    """

    backend: str
    model: str
    asking: Asking
    context_tokens: int | None
    judges: bool = False
    judge_context: int | None = None


class Talk:
    """What one exchange has seen so far."""

    def __init__(self, document: Document, plan: Plan, traits: Traits) -> None:
        self.document = document
        self.plan = plan
        self.traits = traits
        self.policy = load_policy(plan.policy or ("strong" if traits.asking == "full" else "small"))
        self.verdicts: list[list[Verdict]] = []
        self.usage = Usage()
        self.attempts = 0
        self.model = ""
        self.judge = ""
        self.windows = 0
        self.warnings: list[str] = []
        self.answers = 0
        self.cuts = 0
        self.lost: CommuniqueError | None = None
        self.gone = ""
        self._read = set[int]()
        self._unread: dict[str, set[int]] = {}

    def heard(self, prompt: Prompt, answer: Completion) -> None:
        """Count what an answer has cost, a judge's too.

        Raises:
            PromptCutError: The server hasn't read the whole prompt.
        """
        self.usage += answer.usage
        self.attempts += answer.attempts
        if prompt.purpose == "judge":
            self.judge = answer.model or self.judge
        else:
            self.model = answer.model or self.model
            self.answers += 1
            self.cuts = 0
        self._refuse_cut(prompt, answer)

    def unheard(self, error: CommuniqueError) -> None:
        """Count what an answer that can't be used has cost."""
        if error is not self.lost:
            self.usage += Usage.of(error.tokens)
            self.attempts += error.attempts
            self.lost = error

    def checked(self, key: str, item: Any, turn: int = 0) -> Said:
        """Check one item of an answer."""
        draft = parse_answer({key: [item]}, self.plan.records, self.document.text)
        record = next((r for group in draft.records.values() for r in group), None)
        return Said(key, item, record, verify(draft, self.document, SENTINELS, self.policy), turn)

    def given_up(self, error: TruncatedResponseError) -> bool:
        """Tell whether a window is given up; raise what cut it off where no answer has come at all."""
        return self._hopeless(error, soon=bool(error.tokens[1]) and not error.raw.strip())

    def missed(self, numbers: Iterable[int], error: CommuniqueError) -> None:
        """Note the sentences of a question that has no answer; raise why where no answer has come at all.

        A server that has failed twice in a row is `gone`, for that reason.
        """
        self.unheard(error)
        failing = isinstance(error, (TransientBackendError, EngineError))
        if self._hopeless(error, soon=failing) and failing:
            self.gone = error.reason
        self.unread(numbers, error.reason)

    def unread(self, numbers: Iterable[int], reason: str) -> None:
        """Note sentences that nobody has read, and why."""
        self._unread.setdefault(reason, set()).update(numbers)

    def read(self, numbers: Iterable[int]) -> None:
        """Note sentences that a model has read."""
        self._read.update(numbers)

    def unread_warnings(self) -> Iterator[str]:
        """Yield for each reason which sentences have not been read."""
        for reason, numbers in self._unread.items():
            if left := numbers - self._read:
                yield f"{NOT_READ}: sentences {_ranges(left)} ({reason})"

    def _hopeless(self, error: CommuniqueError, *, soon: bool) -> bool:
        self.cuts += MOST_CUTS // 2 + 1 if soon else 1
        if self.cuts < MOST_CUTS:
            return False
        if not self.answers:
            raise error
        return True

    def _refuse_cut(self, prompt: Prompt, answer: Completion) -> None:
        """Raise where the server counts fewer tokens than the prompt has words: every word is a token, or more."""
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
