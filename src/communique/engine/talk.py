"""Talk: what one exchange has seen so far, and what it has cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from communique.backends.backend import Completion
from communique.documents import Document
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, TruncatedResponseError
from communique.grounding import Verdict, load_policy, verify
from communique.prompts import SENTINELS, Prompt, parse_answer
from communique.schemas import Usage

MOST_CUTS = 5
"""Answers in a row that are cut off at the token limit until a window is given up; two of those that hold no word:
their tokens went into thinking, which smaller windows don't shorten."""
LONG = 4000
MOST_CHARS_A_TOKEN = 8.0
"""Code points; a prompt that is longer by the server's count of its tokens wasn't read whole. English has 4.5 or so."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What an exchange has to know of those who are asked.

    Attributes:
        backend: Name of the backend, for the provenance.
        model: Model as asked for, for the provenance until the server says.
        brief: Ask sentence by sentence.
        context_tokens: What the model takes, prompt and answer together; None if unknown.
        judges: Whether the records are judged; those prompts have the purpose `judge`.
        judge_context: What the judge takes.
    """

    backend: str
    model: str
    brief: bool
    context_tokens: int | None
    judges: bool = False
    judge_context: int | None = None


class Talk:
    """What one exchange has seen so far."""

    def __init__(self, document: Document, plan: Plan, traits: Traits) -> None:
        self.document = document
        self.plan = plan
        self.traits = traits
        self.policy = load_policy(plan.policy or ("small" if traits.brief else "strong"))
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
        """Count what an answer has cost, and look whether the prompt was read whole."""
        self.usage += answer.usage
        self.attempts += answer.attempts
        self.model = answer.model or self.model
        self.answers += 1
        self.cuts = 0
        counted = answer.usage.input_tokens
        if counted and prompt.chars > max(LONG, counted * MOST_CHARS_A_TOKEN):
            self.warnings.append("prompt_cut_off")

    def unheard(self, error: CommuniqueError) -> None:
        """Count what an answer that can't be used has cost."""
        if error is not self.lost:
            self.usage += Usage.of(error.tokens)
            self.attempts += error.attempts
            self.lost = error

    def judged(self, answer: Completion) -> None:
        """Count what a judge's answer has cost."""
        self.usage += answer.usage
        self.attempts += answer.attempts
        self.judge = answer.model or self.judge

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
            error.hint = error.hint or "if the model reasons before it answers, turn that off or allow more tokens"
            raise error
        return True
