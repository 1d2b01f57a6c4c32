"""What is written to standard output and standard error, and the exit codes.

Ids, paths and messages may come from anywhere: nothing in them steers the terminal. What was paid for is never lost
over a letter that the output's encoding lacks.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from communique import errors

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
