"""Web pages: the visible article, its title, date of publication, author, publisher and address.

What is beside the article is dropped: cards that lead to others, dialogs, newsletters, biographies.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from communique.documents.readers.article import Article
from communique.documents.readers.fragment import load_tree
from communique.documents.readers.page_date import page_dates, page_day
from communique.documents.readers.page_metadata import PageMetadata, headings, key, page_metadata, without_site
from communique.documents.readers.reader import ReadError
from communique.documents.readers.sandbox import SandboxedReader
from communique.documents.readers.text import decode_page
from communique.documents.readers.visibility import drop_hidden, weigh

_ENOUGH_TO_DETECT = 400
_MOST_NULS = 100
"""One in so many: browsers pass over a stray NUL."""
_MAX_TREE = 50_000
"""Elements: five times those of a rich page; extraction slows down with their square."""
_LONG_TAG = re.compile(r"<[a-z][^<>]{50000,}", re.IGNORECASE)
_MAX_ATTRIBUTES = 5000
"""Of one tag: the parser compares each with all before it."""

_ASIDE = re.compile(
    r"(^|[-_\s])(newsletter|author-?_?bio\w*|author__bio\w*|biograph\w*|related\w*|recommend\w*|most-?_?(popular|read|viewed)"
    r"|trending|comments?(-?_?(section|widget|list|area|form))?|cookie\w*|consent\w*|social-?_?share|share-?_?(bar|buttons?|tools?)"
    r"|breadcrumbs?\w*|promo\w*|sponsored|advert\w*|outbrain|taboola|paywall-?_?(prompt|offer))($|[-_\s])",
    re.IGNORECASE,
)
_SAYS_OF_ARTICLE = re.compile(
    r"^(no|has|have|with|without|is|can|show|hide|js|allow|enable)-?_|[-_](closed|open|enabled|disabled|given|accepted|visible|loaded|on|off)$",
    re.IGNORECASE,
)
_WIDE = {"html", "body", "main", "article"}
_BLOCKS = (
    "*[self::p or self::div or self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::section]"
)
_PLAIN_CARD = (
    "*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::img or self::div or self::section]"
)
_LONGEST_CARD = 2000
_ARTICLE = 0.4
"""Share of a page's own text: what holds more is no aside."""


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
    notes = decoded.notes + remarks + drop_hidden(tree)
    drop_asides(tree)
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


def _without_bars(line: str) -> str:
    """Return a line, a row of a table with tabs between its cells instead of the extractor's bars."""
    if not (line.startswith("|") and line.rstrip().endswith("|")):
        return line
    return "\t".join(cell.strip() for cell in line.split("|") if cell.strip(" -:"))


def drop_asides(tree: Any) -> None:
    """Drop cards (links around blocks), dialogs and asides such as newsletters and biographies, in place."""
    for link in tree.xpath(f"//a[@href][descendant::{_BLOCKS}]"):
        if link.getparent() is None or len("".join(link.itertext())) > _LONGEST_CARD:
            continue
        in_text = link.xpath("preceding-sibling::p and following-sibling::p") and not link.xpath(
            f"descendant::{_PLAIN_CARD}"
        )
        if not in_text:
            link.drop_tree()
    weights = weigh(tree)
    whole = len("".join(tree.itertext()))
    for element in tree.xpath("//*[@class or @id or @role]"):
        if element.tag in _WIDE or element.getparent() is None:
            continue
        if weights[element] > _ARTICLE * weights[tree]:
            for attribute in ("class", "id"):  # the extractor, too, drops what is named for comments
                if _ASIDE.search(element.get(attribute, "")[:1000]):
                    kept = (name for name in element.get(attribute).split() if not _ASIDE.search(name))
                    element.set(attribute, " ".join(kept))
        elif _is_aside(element) and element.find(".//h1") is None and len("".join(element.itertext())) * 2 < whole:
            element.drop_tree()


def _is_aside(element: Any) -> bool:
    return element.get("role") in {"dialog", "alertdialog"} or any(
        _ASIDE.search(name) and not _SAYS_OF_ARTICLE.search(name) for name in _names(element)
    )


def _names(element: Any) -> list[str]:
    return f"{element.get('class', '')} {element.get('id', '')}"[:1000].split()
