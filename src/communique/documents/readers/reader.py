"""Reader: the protocol of everything that turns a file into documents, its options, and what it skips."""

from __future__ import annotations

import codecs
import fnmatch
import functools
import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from communique.documents.document import Document, checked_language, parse_date
from communique.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; every reader takes what concerns it.

    Attributes:
        text_field: Column or key of the text, for JSONL, CSV and Parquet.
        title_field: Column of the title; None means `title`, where there is one.
        date_field: Column of the date of publication; None means `published` or `date`, where there is one.
        id_field: Column of the id; None means `id`, where there is one.
        url_field: Column of the address; None means `url`, where there is one.
        published: ISO date of publication of everything that is read; wins over what the source says.
        language: ISO 639-1 code of everything that is read; None means detected.
        outlet: Publisher of everything that is read; None means what the source says.
        encoding: Encoding of text; None means marks, then UTF-8, then UTF-16 by its pattern.
        max_chars: Longest text, code points. A longer one is skipped.
        max_ratio: Most bytes that one byte of a compressed source may become.
        seconds: Wall and CPU seconds that the parser of a hostile format has for one document.
        memory: Bytes of address space that it has.
        source: What to call the input, for people; None means its path.
        without: Files that are no input wherever they stand, such as what is written: patterns of real paths.

    Raises:
        ConfigurationError: `published` is not an ISO date, `language` is no code, or the encoding is unknown.
    """

    text_field: str = "text"
    title_field: str | None = None
    date_field: str | None = None
    id_field: str | None = None
    url_field: str | None = None
    published: str | None = None
    language: str | None = None
    outlet: str | None = None
    encoding: str | None = None
    max_chars: int = 5_000_000
    max_ratio: int = 100
    seconds: float = 20.0
    memory: int = 1 << 30
    source: str | None = None
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.encoding:
            check_encoding(self.encoding)
        if self.language:
            checked_language(self.language)
        try:
            if self.published is not None:
                parse_date(self.published)
        except ValueError as error:
            raise ConfigurationError(
                f"the publication date {self.published!r} is not an ISO date", hint="give it as --published 2024-05-31"
            ) from error

    def leaving_out(self, *paths: str | Path, more: str = "") -> ReadOptions:
        """Return these options without some files; `more` is a pattern of what may stand behind their names."""
        patterns = tuple(glob.escape(os.path.realpath(path)) + more for path in paths)
        return replace(self, without=self.without + patterns)

    def sifted(self, files: Sequence[str]) -> list[str]:
        """Return the files that are not left out, in order."""
        if not self.without:
            return list(files)
        last, whole = _names_and_paths(self.without)
        # Few names fit: only those files, and links, are looked up.
        fits = (f for f in files if os.path.islink(f) or last.match(os.path.basename(f)))  # noqa: PTH114, PTH119 - many
        out = {f for f in fits if whole.match(os.path.realpath(f))}
        return [f for f in files if f not in out]

    @property
    def max_bytes(self) -> int:
        """Most bytes of plain text that `max_chars` code points can take."""
        return 4 * self.max_chars + 4

    @property
    def max_container(self) -> int:
        """Most bytes of a page, a PDF or another file that holds more than its text: at least 64 MiB."""
        return max(self.max_bytes, 64 << 20)


@functools.lru_cache(maxsize=8)
def _names_and_paths(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for the last names, and for the whole paths, of files by patterns."""
    last, whole = ("|".join(map(fnmatch.translate, names)) for names in (map(os.path.basename, patterns), patterns))
    return re.compile(last), re.compile(whole)


def check_encoding(name: str) -> str:
    """Return the name of an encoding of text as Python knows it.

    Raises:
        ConfigurationError: There is no such encoding.
    """
    try:
        info = codecs.lookup(name)
        b"\0\0\0\0".decode(name, "replace")  # refuses codecs that don't make text, such as base64
    except (LookupError, UnicodeError) as error:
        raise ConfigurationError(
            f"unknown text encoding {name!r}", hint="use one such as utf-8, cp1252 or gb18030"
        ) from error
    return info.name


SKIPS = (
    *("binary", "empty", "too_long", "wrong_encoding", "encrypted", "no_text", "bad_row", "unsupported", "unreadable"),
    *("missing_column", "missing_extra", "http_status", "extract_timeout", "extract_memory", "extract_failed", "bomb"),
)
"""Why our readers can't read an input."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input, or one row of it, that can't be read. A value, not an error: its neighbours are read.

    Attributes:
        source: File name, with the row, page or record behind a colon.
        reason: Machine-readable: one of `SKIPS`, or a stranger's.
        detail: One line for people.
    """

    source: str
    reason: str
    detail: str


class ReadError(Exception):
    """What a file or a document in it holds can't be read; whoever reads it makes a `Skipped` of this.

    Args:
        reason: Machine-readable, see `Skipped`.
        detail: One line for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@runtime_checkable
class Reader(Protocol):
    """Turns files of one format into documents. Built-ins and strangers' readers are entry points `communique.readers`.

    Attributes:
        suffixes: File suffixes, lower case, with the dot.
    """

    suffixes: tuple[str, ...]

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the documents of a file in order; a bad one as `Skipped`.

        Args:
            path: An existing file.
            options: See `ReadOptions`.

        Raises:
            OSError: The file can't be opened.
            ReadError: It can't be read as a whole.
        """
        ...
