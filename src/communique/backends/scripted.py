"""Answers from a script: for tests, documentation and examples. Public, deterministic, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from communique.backends.backend import Completion
from communique.errors import CommuniqueError, ConfigurationError
from communique.prompts import Prompt
from communique.schemas import Usage

Scripted = Mapping[str, Any] | str | CommuniqueError


class ScriptedBackend:
    """Returns the next answer of a script, or the result of a function.

    Args:
        answers: Answers in order (a mapping, JSON text, or an error to raise); or a function from prompt to answer; or
            a path to a JSON file with one answer, which is given to every prompt.
        narrows: Ask sentence by sentence, as for a small model.

    Raises:
        ConfigurationError: The file doesn't exist or is not JSON.
    """

    name = "scripted"
    context_tokens: int | None = None

    def __init__(
        self,
        answers: Iterable[Scripted] | Callable[[Prompt], Scripted] | str | Path = (),
        *,
        narrows: bool = False,
        model: str = "script",
    ) -> None:
        self.model = model
        self.narrows = narrows
        self.prompts: list[Prompt] = []
        self._answer_to: Callable[[Prompt], Scripted | None]
        if isinstance(answers, (str, Path)):
            fixed = _load(Path(answers))
            self._answer_to = lambda _: fixed
        elif callable(answers):
            self._answer_to = answers
        else:
            following = iter(answers)
            self._answer_to = lambda _: next(following, None)

    def complete(self, prompt: Prompt) -> Completion:
        """Give the next answer.

        Raises:
            ConfigurationError: The script has no more answers.
            CommuniqueError: The script contains this error.
        """
        self.prompts.append(prompt)
        answer = self._answer_to(prompt)
        if answer is None:
            told = f"the script has no answer number {len(self.prompts)}"
            raise ConfigurationError(told, hint="add one, or pass a function")
        if isinstance(answer, CommuniqueError):
            raise answer
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        usage = Usage(input_tokens=prompt.chars // 4, output_tokens=len(text) // 4)
        return Completion(data=json.loads(text), text=text, model=self.model, usage=usage)

    async def acomplete(self, prompt: Prompt) -> Completion:
        """Give the next answer."""
        return self.complete(prompt)

    def close(self) -> None:
        """Nothing to give back."""

    async def aclose(self) -> None:
        """Nothing to give back."""


def _load(path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        hint = "it must be a JSON file with one answer"
        raise ConfigurationError(f"can't read a script from {path}: {error}", hint=hint) from error
    if not isinstance(loaded, dict):
        raise ConfigurationError(f"the script {path} is not a JSON object")
    return loaded
