"""What is written: results, errors and the log on the terminal, files that must not take another's place; exit codes.

Ids, paths and messages may come from anywhere: nothing in them steers the terminal. What was paid for is never lost
over a letter that the output's encoding lacks.
"""

from __future__ import annotations

import codecs
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communique import errors

if TYPE_CHECKING:
    from communique.engine import Answered, Hooks

OK = 0
BUG = 1
USAGE = 2  # or configuration, or input
SOME_FAILED = 3  # of the documents
STOPPED = 4  # early: no retry mends it
BUDGET = 5
STORAGE = 6  # a journal or an output can't be read or written
LOCKED = 7  # by another run
PENDING = 8  # answers are to come from the provider
INTERRUPTED = 130
TERMINATED = 143

_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (errors.DocumentError, USAGE),
    (errors.PermanentBackendError, STOPPED),
    (errors.BackendError, SOME_FAILED),
    (errors.ResponseError, SOME_FAILED),
    (errors.BudgetExceededError, BUDGET),
    (errors.JournalLockedError, LOCKED),
    (errors.JournalMismatchError, USAGE),
    (errors.JournalError, STORAGE),
    (errors.OutputError, STORAGE),
    (errors.CommuniqueError, USAGE),
    (KeyboardInterrupt, INTERRUPTED),
)
"""First match wins: the narrower class stands before its base."""


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an error; 1 for one that is not ours."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), BUG)


def tell(said: BaseException | str, code: int, *, as_json: bool, name: str = "") -> int:
    """Write an error, of a document by name, to standard error as one line or JSON object; return its exit code."""
    line = " ".join(str(said).split())
    if not as_json:
        notice(f"communique: {line if not name or name in str(said) else f'{name}: {line}'}")
        return code
    error = {"message": line, "exit_code": code} | ({"document": name} if name else {})
    if isinstance(said, errors.CommuniqueError):
        error |= {"type": type(said).__name__, "reason": said.reason, "message": said.message, "hint": said.hint}
    print(json.dumps({"error": error}), file=sys.stderr)  # noqa: T201
    return code


def notice(line: str) -> None:
    """Print one line on standard error, control and bidi characters as symbols."""
    print(harmless(line), file=sys.stderr, flush=True)  # noqa: T201


def harmless(line: str) -> str:
    """Return one line that a terminal only shows."""
    from communique.sinks.plain_text import visible

    return visible(" ".join(line.splitlines()), one_line=True)


def write_json(text: str) -> None:
    """Write valid JSON and a line end: as UTF-8, or as ASCII with escapes where the output has another encoding."""
    try:
        utf_8 = codecs.lookup(sys.stdout.encoding or "utf-8").name in {"utf-8", "utf-8-sig"}
    except (LookupError, AttributeError):
        utf_8 = False
    odd = r"[\ud800-\udfff]" if utf_8 else r"[^\x00-\x7f]"
    sys.stdout.write(re.sub(odd, lambda match: json.dumps(match.group())[1:-1], text) + "\n")


def write_rows(rows: Iterable[Mapping[str, Any]], line: str = "", *, as_json: bool) -> None:
    """Write rows as a JSON array, or each in the format `line` as one that a terminal only shows."""
    if as_json:
        write_json(json.dumps(list(rows), indent=2, ensure_ascii=False))
        return
    for row in rows:
        sys.stdout.write(harmless(line.format(**row).rstrip()) + "\n")


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
        str | None, typer.Option(help="Log to standard error, as text or json; COMMUNIQUE_LOG sets the level.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_say_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that stand before the verb (docs/guides/observability.md)."""
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
        raise errors.ConfigurationError(f"{option} has no name", hint="give a file name")
    if os.path.realpath(path) in {os.path.realpath(other) for other in taken if other}:
        raise errors.ConfigurationError(f"{path} would be written over {what}", hint=f"give another {option}")


def refuse_article(path: str, inputs: Iterable[Path | str | None], ours: bytes, option: str) -> None:
    """Refuse to write over an article of a folder or a pattern; a file that begins with `ours` is an earlier run's."""
    from communique.documents.readers import expand

    try:
        with Path(path).open("rb") as file:
            begins = file.read(64)
    except OSError:  # it isn't there, or can't be written either, which is told then
        return
    for name in filter(None, inputs if begins and ours not in begins else ()):
        with suppress(errors.UnreadableDocumentError):  # told when it is opened
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
        raise errors.ConfigurationError(f"--answers {path} can't be written: {error.strerror}") from error

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
