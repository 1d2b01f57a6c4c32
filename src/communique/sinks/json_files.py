"""JSON and JSONL: summaries, lean or complete, in one array or one a line; and results files read back."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, TextIO, TypeVar

from pydantic import ValidationError

from communique.errors import ConfigurationError, UnreadableDocumentError
from communique.plugins import usable
from communique.schemas import SCHEMA_VERSION, STANDARD_RECORDS, Record, VerifiedSummary
from communique.schemas.record_type import record_type
from communique.schemas.stored import json_line
from communique.sinks.sink import JsonListSink, TextFileSink

Line = TypeVar("Line")


class JsonlSink(TextFileSink):
    """One summary a line: appendable, greppable; lossless with `full`. `read_results` reads both forms back."""

    name: ClassVar[str] = "jsonl"
    suffix: ClassVar[str] = ".jsonl"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield json_line(_with_text(summary, text).to_dict(full=self.full)) + "\n"


class JsonSink(JsonListSink):
    """One array of all summaries, a summary a line. Lossless with `full`, as JSONL is."""

    name: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"

    def items(self, summary: VerifiedSummary, text: str | None) -> Iterator[Any]:
        yield _with_text(summary, text).to_dict(full=self.full)


def _with_text(summary: VerifiedSummary, text: str | None) -> VerifiedSummary:
    """Return the summary with the article's text in it, where one is given: a later `convert --to html` needs it."""
    if text is None or summary.document.text is not None:
        return summary
    return summary.model_copy(update={"document": summary.document.model_copy(update={"text": text})})


def read_results(path: Path | str, kinds: Sequence[type[Record]] = ()) -> Iterator[VerifiedSummary]:
    """Yield the summaries of a results file, one at a time; a JSON array is read as a whole.

    The file is JSONL with one summary a line, a JSON array of summaries, or one JSON object; `-` is standard input. Record
    types of installed plug-ins are loaded as their own type, others as `AnyRecord` with every field; `kinds` are more
    types, which come first where two have one key. Raises UnreadableDocumentError, with the number of the line, if the
    file can't be read, or a line is not a summary.
    """
    types = record_types(kinds)
    with _opened(path) as (file, name):
        lines = ((number, line) for number, line in enumerate(file, 1) if line.strip())
        for place, (number, line) in enumerate(lines):
            if not place and line.lstrip().startswith("["):
                for element, item in enumerate(_loads(line + file.read(), name, number), 1):
                    yield summary_of(item, f"{name}, element {element}", types)
            elif not place and line.strip() == "{":  # one object over several lines, of `extract --format json`
                yield summary_of(_loads(line + file.read(), name, number), name, types)
            else:
                yield summary_of(_loads(line, name, number), f"{name}, line {number}", types)


@contextlib.contextmanager
def _opened(path: Path | str) -> Iterator[tuple[TextIO, str]]:
    """Open a file of results or standard input, with its name for messages."""
    name = "standard input" if str(path) == "-" else str(path)
    try:
        with (
            UnreadableDocumentError.reading(name),
            contextlib.nullcontext(sys.stdin.buffer) if str(path) == "-" else Path(path).open("rb") as raw,
        ):
            file = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="\n")
            try:
                yield file, name
            finally:
                file.detach()  # standard input stays open
    except UnicodeDecodeError as error:
        raise UnreadableDocumentError(f"{name} is not UTF-8: {error.reason}", hint="pass JSONL or JSON") from error


def record_types(kinds: Iterable[type[Record]] = ()) -> tuple[type[Record], ...]:
    """Return our record types, those of installed plug-ins but for one that can't be loaded, and these, which come first."""
    found = {kind.plural: kind for kind in STANDARD_RECORDS}
    for _, kind in usable("records"):
        with contextlib.suppress(ConfigurationError):  # its records are then read as AnyRecord: nothing is lost
            found.setdefault(record_type(kind).plural, record_type(kind))
    return tuple((found | {kind.plural: kind for kind in kinds}).values())


def _loads(line: str, name: str, number: int) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        why = f"{name}, line {number + error.lineno - 1}: not JSON: {error.msg} at column {error.colno}"
        hint = "a line cut short by a crash can be deleted; a results file has one JSON object per line"
        raise UnreadableDocumentError(why, hint=hint) from error
    except RecursionError as error:
        raise UnreadableDocumentError(f"{name}, line {number}: nested too deeply") from error
    except ValueError as error:
        raise UnreadableDocumentError(f"{name}, line {number}: {error}") from error


def summary_of(value: Any, where: str, types: Iterable[type[Record]]) -> VerifiedSummary:
    """Return the result that a JSON object holds, with records of these types.

    Raises UnreadableDocumentError if it is none; the message begins with `where`.
    """
    if not isinstance(value, dict) or "document" not in value:
        hint = "pass a file that `extract` or `batch` wrote"
        raise UnreadableDocumentError(f"{where}: not a result of communique", hint=hint)
    version = str(value.get("schema_version", SCHEMA_VERSION))
    if version.partition(".")[0] not in {"1", SCHEMA_VERSION.partition(".")[0]}:
        why = f"schema version {version}, but this version of communique reads {SCHEMA_VERSION} and 1.0"
        raise UnreadableDocumentError(f"{where}: {why}", hint="use the version that wrote it")
    try:
        return VerifiedSummary.from_json(value, types)
    except ValueError as error:
        raise UnreadableDocumentError(f"{where}: {_first(error)}", hint="was the file edited by hand?") from error


def _first(error: ValueError | UnreadableDocumentError) -> str:
    if not isinstance(error, ValidationError):
        return error.message if isinstance(error, UnreadableDocumentError) else str(error)
    first = error.errors(include_url=False, include_input=False)[0]
    return ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))


def read_lines(path: Path | str, load: Callable[[str], Line], what: str, hint: str) -> Iterator[Line]:
    """Yield what the lines of a JSONL file hold, one at a time: what another command made of results.

    `load` returns what a line holds, or raises ValidationError or UnreadableDocumentError. Raises UnreadableDocumentError
    if the file can't be read, or a line is no `what`: with its number, what is wrong, and `hint`.
    """
    with _opened(path) as (file, _):
        for number, line in enumerate(file, 1):
            try:
                if line.strip():
                    yield load(line)
            except (ValidationError, UnreadableDocumentError) as error:
                why = f"{path}, line {number}: no {what}: {_first(error)}"
                raise UnreadableDocumentError(why, hint=hint) from error
