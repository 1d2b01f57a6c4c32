"""Talk: what one exchange has seen so far, and what it has cost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from communique.backends.backend import Completion
from communique.documents import Document
from communique.engine.plan import Asking, Plan
from communique.errors import (
    BackendError,
    CommuniqueError,
    DocumentTooLongError,
    PromptCutError,
    ResponseError,
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
their tokens went into thinking, which smaller windows don't shorten."""
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

    def checked(self, key: str, item: Any) -> Verdict:
        """Check one item of an answer."""
        draft = parse_answer({key: [item]}, self.plan.records, self.document.text)
        return verify(draft, self.document, SENTINELS, self.policy)

    def given_up(self, error: TruncatedResponseError) -> bool:
        """Tell whether a window is given up; raise what cut it off where no answer has come at all."""
        thought = error.tokens[1] and not error.raw.strip()
        self.cuts += MOST_CUTS // 2 + 1 if thought else 1
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


@lru_cache(maxsize=4)  # prompts begin with the same text, most of them
def _words(text: str) -> int:
    return len(_WORD.findall(text))
