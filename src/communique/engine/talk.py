"""Talk: what one exchange has seen so far, and what it has cost."""

from __future__ import annotations

from typing import Any, Protocol

from communique.documents import Document
from communique.engine.plan import Plan
from communique.errors import CommuniqueError, TruncatedResponseError
from communique.grounding import Policy, Verdict, verify
from communique.prompts import SENTINELS, Prompt, parse_answer
from communique.schemas import Usage

MOST_CUTS = 5
"""Answers in a row that are cut off at the token limit until a window is given up; two of those that hold no word:
their tokens went into thinking, which smaller windows don't shorten."""
LONG = 4000
MOST_CHARS_A_TOKEN = 8.0
"""Code points; a prompt that is longer by the server's count of its tokens wasn't read whole. English has 4.5 or so."""


class Answer(Protocol):
    """What a driver sends back: a `communique.backends.backend.Completion` has it all."""

    @property
    def data(self) -> dict[str, Any]:
        """The answer, parsed."""
        ...

    @property
    def text(self) -> str:
        """The answer as it came."""
        ...

    @property
    def model(self) -> str:
        """Model as the server reports it."""
        ...

    @property
    def usage(self) -> Usage:
        """Tokens."""
        ...

    @property
    def attempts(self) -> int:
        """Requests that it took."""
        ...

    @property
    def reasks(self) -> int:
        """How often the model was asked again within it."""
        ...


class Talk:
    """What one exchange has seen so far."""

    def __init__(self, document: Document, plan: Plan, policy: Policy) -> None:
        self.document = document
        self.plan = plan
        self.policy = policy
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

    def heard(self, prompt: Prompt, answer: Answer) -> None:
        """Count what an answer has cost, and look whether the prompt was read whole."""
        self.usage += answer.usage
        self.attempts += answer.attempts
        self.model = answer.model or self.model
        self.answers += 1
        self.cuts = 0
        sent = sum(len(message.content) for message in prompt.messages)
        counted = answer.usage.input_tokens
        if counted and sent > max(LONG, counted * MOST_CHARS_A_TOKEN):
            self.warnings.append("prompt_cut_off")

    def unheard(self, error: CommuniqueError) -> None:
        """Count what an answer that can't be used has cost."""
        if error is not self.lost:
            self.usage += Usage.of(error.tokens)
            self.attempts += error.attempts
            self.lost = error

    def judged(self, answer: Answer) -> None:
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
            error.hint = error.hint or "a model that thinks: turn that off, or let it answer with more tokens"
            raise error
        return True
