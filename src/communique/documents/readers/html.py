"""Web pages: the visible article, its title, date of publication, author, publisher and address."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.article import Article
from communique.documents.readers.asides import drop_asides
from communique.documents.readers.decoding import Decoded, guess_encoding, is_other
from communique.documents.readers.fragment import load_tree, without_controls
from communique.documents.readers.gzip_limits import read_all
from communique.documents.readers.page_metadata import (
    PageMetadata,
    headings,
    key,
    page_metadata,
    without_site,
)
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.documents.readers.sandbox import read_single
from communique.documents.readers.visibility import drop_hidden

PARSER = f"{__name__}:parse_page"

_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD = 4096
_WHATWG = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030",
    "euc_kr": "cp949", "shift_jis": "cp932", "iso8859-9": "cp1254", "utf-16": "utf-8", "utf-16-le": "utf-8",
    "utf-16-be": "utf-8"}  # fmt: skip
"""What browsers read under these names: a page that says UTF-16 in ASCII is not UTF-16."""
_ENOUGH_TO_DETECT = 400
_MOST_NULS = 100
"""One in so many: browsers pass over a stray NUL."""
_MAX_TREE = 50_000
"""Elements: five times those of a rich page; extraction slows down with their square."""
_LONG_TAG = re.compile(r"<[a-z][^<>]{50000,}", re.IGNORECASE)
_MAX_ATTRIBUTES = 5000
"""Of one tag: the parser compares each with all before it."""


class HtmlReader:
    """Reads a page as one article, in the sandbox."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the article of the page, or why there is none."""
        raw = read_all(path, options.max_container, options.max_ratio)
        yield read_page(raw, options.source or str(path), options)


def read_page(raw: bytes, source: str, options: ReadOptions, **hints: str | None) -> Document | Skipped:
    """Read the bytes of a page.

    Args:
        raw: The page.
        source: What to call it.
        options: See `ReadOptions`.
        hints: `url`, `charset`, `published` and `published_basis` as the page's envelope has them.
    """
    return read_single(PARSER, raw, source, options, hints)


def parse_page(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a page; runs in the worker.

    Raises:
        ParseError: There is no article in it.
    """
    from trafilatura import bare_extraction

    if not raw.strip():
        raise sandbox.ParseError("empty", "there is no text")
    decoded = decode_page(raw, hints.get("encoding") or hints.get("charset"), named=bool(hints.get("encoding")))
    text = decoded.text
    if text.count("\0") * _MOST_NULS > len(text):
        raise sandbox.ParseError("binary", "contains NUL bytes, so it is not text")
    if any(tag.count("=") > _MAX_ATTRIBUTES for tag in _LONG_TAG.findall(text)):
        raise sandbox.ParseError("extract_failed", f"a tag has more than {_MAX_ATTRIBUTES:,} attributes")
    tree = load_tree(text.replace("\0", ""))
    if sum(1 for _ in tree.iter()) > _MAX_TREE:
        raise sandbox.ParseError("extract_failed", f"the page has more than {_MAX_TREE:,} elements")
    metadata = page_metadata(tree)
    titles = headings(tree)
    notes = decoded.notes + drop_hidden(tree)
    drop_asides(tree)
    found: Any = bare_extraction(
        tree,
        url=hints.get("url"),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={
            "original_date": True,
            "extensive_search": False,
            "deferred_url_extractor": True,
            "max_date": "2100-01-01",
        },
    )
    if found is None or not (found.text or "").strip():
        raise sandbox.ParseError("no_text", "no article was found on the page")
    return [_article(found, metadata, titles, notes, hints)]


def _article(
    found: Any, metadata: PageMetadata, titles: set[str], notes: tuple[str, ...], hints: dict[str, Any]
) -> Article:
    title, outlet, url = (
        metadata.title or found.title,
        metadata.outlet or found.sitename,
        hints.get("url") or found.url,
    )
    title = without_site(title, titles, outlet, found.sitename, url) if title else None
    lines = list(filter(None, map(_without_bars, found.text.strip().split("\n"))))
    if len(lines) > 1 and key(lines[0]) in titles | {key(title or "")}:
        lines = lines[1:]  # the headline, which is kept as the title
    text = "\n".join(lines)
    published, basis = metadata.published or found.date, "page metadata"
    if not published:
        published, basis = hints.get("published"), hints.get("published_basis") or ""
    return Article(
        text,
        title=title,
        published=published,
        published_basis=basis if published else None,
        language=metadata.language if len(text) < _ENOUGH_TO_DETECT else None,  # a page's own word is often wrong
        outlet=outlet,
        author=found.author,
        url=url,
        wrapped=False,
        notes=notes,
    )


def _without_bars(line: str) -> str:
    """Return a line, a row of a table with tabs between its cells instead of the extractor's bars."""
    if not (line.startswith("|") and line.rstrip().endswith("|")):
        return line
    return "\t".join(cell.strip() for cell in line.split("|") if cell.strip(" -:"))


def decode_page(raw: bytes, charset: str | None = None, *, named: bool = False) -> Decoded:
    """Decode a page as browsers do: its mark, the envelope's charset, its own, UTF-8, then what the bytes look like.

    A page that says UTF-8 and holds none is read as what its bytes look like, with a note. Control characters go, with
    a note too; references to those of Windows ("&#146;") are what their author saw.

    Args:
        raw: The page.
        charset: What its envelope says.
        named: The user named the charset: no mark overrules it.
    """
    name, notes = _encoding(raw, charset, named=named)
    text = raw.decode(name, "replace")
    if bad := text.count("\ufffd") - (raw.count("\ufffd".encode()) if name.startswith("utf-8") else 0):
        notes += (f"{bad} invalid {name} sequences replaced",)
    text, controls = without_controls(text)
    if controls:
        notes += (f"{controls} control characters dropped",)
    return Decoded(text, notes)


def _encoding(raw: bytes, charset: str | None, *, named: bool) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a page, and a note where it isn't what the page says."""
    guess = guess_encoding(raw)
    if guess != "utf-8" and not named:
        return guess, ()
    own = _CHARSET.search(raw[:_HEAD])
    said = next(filter(None, map(_known, (charset, own and own.group(1).decode("ascii", "replace")))), None)
    if named and said:
        return said, ()
    if _is_utf8(raw):
        return "utf-8", ()
    if said and not (said == "utf-8" and is_other(raw, said)):
        return said, ()
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:200_000]).best()
    name = best.encoding if best else "cp1252"
    name = _WHATWG.get(name, name) if len(raw) > _ENOUGH_TO_DETECT else "cp1252"
    return name, (f"the page says {said}, read as {name}",) if said else ()


def _known(label: str | None) -> str | None:
    try:
        name = codecs.lookup(label).name if label else None
    except LookupError:
        return None
    return _WHATWG.get(name, name) if name else None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not raw.isascii()
