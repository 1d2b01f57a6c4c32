"""Web pages: the visible article, its title, date of publication, author, publisher and address.

What is beside the article is dropped: cards that lead to others, dialogs, newsletters, biographies.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from communique.documents.paragraphs import join_lines
from communique.documents.readers.asides import drop_asides
from communique.documents.readers.fragment import load_tree
from communique.documents.readers.page_date import page_dates, page_day
from communique.documents.readers.page_metadata import PageMetadata, headings, key, page_metadata, without_site
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader
from communique.documents.readers.text import decode_page
from communique.documents.readers.visibility import drop_hidden
from communique.documents.sanitise import sanitise

_ENOUGH_TO_DETECT = 400
_MOST_NULS = 100  # one in so many: browsers pass over a stray NUL
_MAX_TREE = 50_000  # elements: five times those of a rich page; extraction slows down with their square
_LONG_TAG = re.compile(r"<[a-z][^<>]{50000,}", re.IGNORECASE)
_MAX_ATTRIBUTES = 5000  # of one tag: the parser compares each with all before it


class HtmlReader(SandboxedReader):
    """Reads a page as one article.

    The hints of its envelope are `url`, `charset`, `published`, `published_basis` and `seen`, a day on which it was there.
    """

    suffixes = (".html", ".htm", ".xhtml")


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a page; runs in the worker.

    Raises:
        ReadError: There is no article in it.
    """
    from trafilatura import bare_extraction

    if not raw.strip():
        raise ReadError("empty", "there is no text")
    decoded = decode_page(raw, hints.get("encoding") or hints.get("charset"), named=bool(hints.get("encoding")))
    text = decoded.text
    if text.count("\0") * _MOST_NULS > len(text):
        raise ReadError("binary", "contains NUL bytes, so it is not text")
    if any(tag.count("=") > _MAX_ATTRIBUTES for tag in _LONG_TAG.findall(text)):
        raise ReadError("extract_failed", f"a tag has more than {_MAX_ATTRIBUTES:,} attributes")
    tree = load_tree(text.replace("\0", ""))
    if sum(1 for _ in tree.iter()) > _MAX_TREE:
        raise ReadError("extract_failed", f"the page has more than {_MAX_TREE:,} elements")
    metadata = page_metadata(tree, hints.get("url"))
    titles = headings(tree)
    published, remarks = page_day(page_dates(tree, metadata.published, hints.get("url")), hints.get("seen"))
    notes = decoded.notes + remarks + drop_hidden(tree) + drop_asides(tree) + _unwrap(tree)
    found: Any = bare_extraction(
        tree,
        url=hints.get("url"),
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False},  # what it guesses is not used, see `page_date`
    )
    if found is None or not (found.text or "").strip():
        raise ReadError("no_text", "no article was found on the page")
    metadata = dataclasses.replace(metadata, published=published)
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
    published, basis = metadata.published, "page metadata"
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


def _unwrap(tree: Any) -> tuple[str, ...]:
    """Make paragraphs of preformatted text that was cut at a column; return a note of the line ends that stood in them."""
    ends = 0
    for block in list(tree.iter("pre")):
        for line_end in block.iter("br"):
            line_end.tail = f"\n{line_end.tail or ''}"
        clean = sanitise(block.text_content())
        text = join_lines(clean).text
        if text == clean.text:
            continue
        ends += clean.text.count("\n") - text.count("\n")
        for child in list(block):
            block.remove(child)
        block.tag, block.text = "div", None
        for line in filter(str.strip, text.split("\n")):
            block.append(block.makeelement("p"))
            block[-1].text = line.strip()
    return (f"{ends} line ends inside paragraphs joined",) if ends else ()


def _without_bars(line: str) -> str:
    """Return a line, a row of a table with tabs between its cells instead of the extractor's bars."""
    if not (line.startswith("|") and line.rstrip().endswith("|")):
        return line
    return "\t".join(cell.strip() for cell in line.split("|") if cell.strip(" -:"))
