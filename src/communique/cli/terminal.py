"""What is written to standard output and standard error.

Ids, paths and messages may come from anywhere: nothing in them steers the terminal. What was paid for is never lost
over a letter that the output's encoding lacks.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress

    from communique.documents import Document
    from communique.documents.readers import Skipped
    from communique.engine.events import Answered, Asked
    from communique.engine.hooks import Hooks

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def notice(line: str) -> None:
    """Print one line on standard error, control and bidi characters as symbols."""
    print(harmless(line), file=sys.stderr, flush=True)  # noqa: T201


def harmless(line: str) -> str:
    """Return one line that a terminal only shows."""
    from communique.sinks.plain_text import visible

    return visible(" ".join(line.splitlines()), one_line=True)


def same_ids_line(ids: Sequence[str]) -> str:
    """Return what is said about ids that stand for more than one text."""
    named = ", ".join(repr(name) for name in ids[:3]) + (", …" if len(ids) > 3 else "")
    return f"one id for more than one text: {named}; all are kept, told apart by document.sha256"


def tolerant() -> None:
    """Let standard output show a letter that its encoding lacks as an escape, instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def write_json(text: str) -> None:
    """Write valid JSON and a line end: as UTF-8, or as ASCII with escapes where the output has another encoding."""
    odd = _SURROGATE if _is_utf8() else _NOT_ASCII
    sys.stdout.write(odd.sub(lambda match: json.dumps(match.group())[1:-1], text) + "\n")


def write_rows(rows: Iterable[Mapping[str, Any]], line: str, *, as_json: bool) -> None:
    """Write rows as a JSON array, or each as a line that a terminal only shows.

    Args:
        rows: With the keys that the line names.
        line: Format of a line.
        as_json: Which of the two.
    """
    if as_json:
        write_json(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    for row in rows:
        sys.stdout.write(harmless(line.format(**row).rstrip()) + "\n")


def _is_utf8() -> bool:
    try:
        return codecs.lookup(sys.stdout.encoding or "utf-8").name in {"utf-8", "utf-8-sig"}
    except (LookupError, AttributeError):
        return False


def name_of(document: Any) -> str:
    """Return what people call a document, or an input that was skipped."""
    found = document.source or getattr(document, "title", None) or getattr(document, "id", "")
    return str(found)


class Spinner:
    """One line while articles are read, which goes away at the end.

    It shows which article is read, how many questions were asked about it, the tokens of all articles, and the time.

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
