"""What a terminal shows while an article is read: one line on standard error, which goes away at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from communique.cli.terminal import harmless

if TYPE_CHECKING:
    from rich.progress import Progress

    from communique.documents import Document
    from communique.documents.readers import Skipped
    from communique.engine.events import Answered, Asked
    from communique.engine.hooks import Hooks


def name_of(document: Any) -> str:
    """Return what people call a document, or an input that was skipped."""
    found = document.source or getattr(document, "title", None) or getattr(document, "id", "")
    return str(found)


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
        self._began = time.monotonic()
        self._shown: Progress | None = None
        if not self._off:
            from communique.engine.events import Answered, Asked

            hooks.on(Asked, self._asked)
            hooks.on(Answered, self._answered)

    def each(self, documents: Iterable[Document | Skipped]) -> Iterator[Document | Skipped]:
        """Show the line for each document while it is read, until the next one is asked for or `stop`."""
        for document in documents:
            self.stop()
            self._read += 1
            self._questions = 0
            if not self._off:
                self._start(name_of(document))
            yield document
        self.stop()

    def stop(self) -> None:
        """Take the line away."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None

    def _start(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        console = Console(stderr=True)
        columns = (
            SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(overflow="fold")),
        )
        self._name = harmless(name)
        if self._articles > 1:
            self._name += f" ({self._read} of {self._articles}{self._left()})"
        self._shown = Progress(*columns, console=console, transient=True, redirect_stdout=False)
        self._task = self._shown.add_task(f"{self._name} · starting", total=None)
        self._shown.start()

    def _left(self) -> str:
        """Return the time that the articles to come take at the pace so far."""
        done = self._read - 1
        if not done:
            return ""
        from communique.batch.progress import duration

        return f", {duration((time.monotonic() - self._began) / done * (self._articles - done))} left"

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
        if self._shown is not None:
            self._shown.update(self._task, description=f"{self._name} · question {self._questions} · {tokens}")
