"""The questions that follow: about failed checks, and how likely it is that the article says a statement.

Both come behind what was asked before, so that a server can reuse that part.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, TypeGuard

from communique.prompts.compose import neutral
from communique.prompts.describe import TEMPLATES, template
from communique.prompts.prompt import Message, Prompt, fingerprint_of

MOST_STATEMENTS = 40
"""Statements of one request."""

_READ = Message("assistant", "I have read the article.")
"""Between the two questions: the templates of some models take no two turns of a user in a row."""

_SCHEMA: dict[str, Any] = json.loads((TEMPLATES / "judge.schema.json").read_text("utf-8"))


def repair(prompt: Prompt, answer: str, complaints: Sequence[str], *, max_tokens: int = 1200) -> Prompt:
    """Return the prompt that asks again about what failed."""
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


def judge_prompt(question: Prompt, statements: Sequence[str]) -> Prompt:
    """Ask how likely it is that the article says each of the statements."""
    lines = "\n".join(f"{i}. {neutral(text)}" for i, text in enumerate(statements, 1))
    asked = Message("user", template("judge").format(statements=lines))
    return dataclasses.replace(
        question,
        messages=(*question.messages, _READ, asked),
        schema=_SCHEMA,
        schema_name="judgements",
        fingerprint=judge_fingerprint(question),
        purpose="judge",
    )


def judge_fingerprint(question: Prompt) -> str:
    """Return the print of a judge's prompt: of all that is the same for every document."""
    return fingerprint_of("judge", question.fingerprint, _READ.content, template("judge"), _SCHEMA)


def read_judgements(data: Any, count: int) -> dict[int, tuple[float, tuple[int, ...]]]:
    """Return probability and sentence numbers by statement, from 1; what can't be used is left out.

    A sentence that is no number is number 0, which no sentence has. Where a statement is number 0, nothing can be used:
    whoever counts from 0 gives each statement the judgement of its neighbour.
    """
    found: dict[int, tuple[float, tuple[int, ...]]] = {}
    given = data.get("judgements") if isinstance(data, Mapping) else None
    for said in given if isinstance(given, list) else ():
        if not isinstance(said, Mapping):
            continue
        number, probability = said.get("statement"), said.get("probability")
        if _whole(number) and number == 0:
            return {}
        if not (_whole(number) and 1 <= number <= count and _is_probability(probability)):
            continue
        listed = said.get("sentences")
        sentences = tuple(n if _whole(n) else 0 for n in listed) if isinstance(listed, list) else ()
        found.setdefault(number, (float(probability), sentences))
    return found


def _whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_probability(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and 0 <= value <= 1
