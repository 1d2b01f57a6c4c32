"""What every verb can be asked to show of itself (docs/guides/observability.md), and files that are kept from harm."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.terminal import notice
from communique.errors import ConfigurationError, UnreadableDocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from communique.engine import Answered
    from communique.engine.events import Hooks

_chosen: dict[str, str | None] = {"format": None}


class _OneLine(logging.Handler):
    """Warnings for people: one line each, without a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        notice(f"communique: {' '.join(record.getMessage().split())}")


_ONE_LINE = _OneLine(logging.WARNING)


def _say_version(wanted: bool) -> None:
    if wanted:
        from communique import __version__

        sys.stdout.write(f"communique {__version__}\n")
        raise typer.Exit


def observe(
    log_format: Annotated[
        str | None,
        typer.Option(help="Log to standard error, as text or json; COMMUNIQUE_LOG sets the level."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_say_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the verb."""
    _chosen["format"] = log_format
    logger = logging.getLogger("communique")
    logger.removeHandler(_ONE_LINE)
    if log_format or os.environ.get("COMMUNIQUE_LOG"):
        hooks()  # sets up the log for verbs that read no documents, too; and refuses what can't be meant
    elif not logger.handlers:
        logger.addHandler(_ONE_LINE)


def hooks() -> Hooks:
    """Return the hooks that see a run, as options and environment ask for them."""
    from communique.observability import hooks_from_environment

    return hooks_from_environment(_chosen["format"])


def refuse_same_file(path: str, taken: Iterable[Path | str | None], what: str, option: str) -> None:
    """Refuse to write over a file that is read, or that something else goes to; None stands for one not given."""
    if not path:
        raise ConfigurationError(f"{option} has no name", hint="give a file name")
    if os.path.realpath(path) in {os.path.realpath(other) for other in taken if other}:
        raise ConfigurationError(f"{path} would be written over {what}", hint=f"give another {option}")


def refuse_article(path: str, inputs: Iterable[Path | str | None], ours: bytes, option: str) -> None:
    """Refuse to write over an article of a folder or a pattern; a file that begins with `ours` is an earlier run's."""
    from communique.documents.readers import expand

    try:
        with Path(path).open("rb") as file:
            begins = file.read(64)
    except OSError:  # it isn't there, or can't be written either, which is told then
        return
    for name in filter(None, inputs if begins and ours not in begins else ()):
        with suppress(UnreadableDocumentError):  # told when it is opened
            refuse_same_file(path, (file for file, _ in expand(str(name))), "an article", option)


@contextmanager
def answers_kept(seen: Hooks, path: str | None, taken: Iterable[Path | str | None], mode: str = "w") -> Iterator[None]:
    """Write every answer of a model to a JSONL file as it came, for an audit; without a path do nothing."""
    if path is None:
        yield
        return
    from communique.engine import Answered
    from communique.schemas.stored import json_line

    taken = list(taken)
    refuse_same_file(path, taken, "another file of this run", "--answers")
    refuse_article(path, taken, b'{"document":', "--answers")
    try:
        file = open(path, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - closed below
    except OSError as error:
        raise ConfigurationError(f"--answers {path} can't be written: {error.strerror}") from error

    def keep(event: Answered) -> None:
        answer = event.answer
        line = {
            "document": event.prompt.document_id, "purpose": event.prompt.purpose, "model": answer.model,
            "answer": answer.text, "usage": answer.usage.model_dump(),
        }  # fmt: skip
        file.write(json_line(line) + "\n")
        file.flush()

    with file:
        seen.on(Answered, keep)
        yield
