"""What a terminal shows while an article is read: one line on standard error, which goes away at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from communique.cli.terminal import harmless

if TYPE_CHECKING:
    from communique.engine.events import Answered, Asked
    from communique.engine.hooks import Hooks


class Spinner:
    """Shows which article is read, how many questions were asked about it, the tokens of all articles, and the time.

    Args:
        hooks: Of the extractor; they tell of questions and answers.
        articles: How many articles there are.
        quiet: Show nothing. Nothing is shown either if standard error is not a terminal.
    """

    def __init__(self, hooks: Hooks, articles: int, *, quiet: bool) -> None:
        self._off = quiet or not sys.stderr.isatty()
        self._articles, self._read = articles, 0
        self._questions = self._tokens_in = self._tokens_out = 0
        if not self._off:
            from communique.engine.events import Answered, Asked

            hooks.on(Asked, self._asked)
            hooks.on(Answered, self._answered)

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Show the line while one article is read."""
        self._read += 1
        self._questions = 0
        if self._off:
            yield
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        of = f" ({self._read} of {self._articles})" if self._articles > 1 else ""
        self._name = f"{harmless(name)}{of}"
        with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as shown:
            self._task, self._shown = shown.add_task(f"{self._name} · starting", total=None), shown
            yield

    def _asked(self, _event: Asked) -> None:
        self._questions += 1
        self._say()

    def _answered(self, event: Answered) -> None:
        usage = event.answer.usage
        self._tokens_in += usage.input_tokens
        self._tokens_out += usage.output_tokens
        self._say()

    def _say(self) -> None:
        tokens = f"{self._tokens_in:,} tokens in, {self._tokens_out:,} out"
        self._shown.update(self._task, description=f"{self._name} · question {self._questions} · {tokens}")
