"""Failed checks to a follow-up prompt: numbered, precise complaints about fields, not the whole question again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from communique.prompts.describe import template
from communique.prompts.prompt import Message, Prompt


def repair(prompt: Prompt, answer: str, complaints: Sequence[str], *, max_tokens: int = 1200) -> Prompt:
    """Return the prompt that asks again about what failed.

    Args:
        prompt: The prompt that was answered.
        answer: The answer, as it came.
        complaints: One line for each failed check, without a number.
        max_tokens: Bound on the new answer.
    """
    lines = "\n".join(f"{i}. {line}" for i, line in enumerate(complaints, 1))
    return dataclasses.replace(
        prompt,
        messages=(
            *prompt.messages,
            Message("assistant", answer),
            Message("user", template("repair").format(complaints=lines)),
        ),
        max_tokens=max_tokens,
        reasks=0,
        complaints=len(complaints),
        purpose="repair",
    )
