"""Feeds saved to disk (RSS, Atom): one article in an entry. Nothing is fetched, whatever an entry links to."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import sandbox
from communique.documents.readers.article import Article
from communique.documents.readers.fragment import visible_text
from communique.documents.readers.gzip_limits import read_all
from communique.documents.readers.reader import ReadOptions, Skipped

MAX_ENTRIES = 10_000
_PROLOGUE = 1 << 16
_PARSER = f"{__name__}:parse_feed"


class FeedReader:
    """Reads each entry as one article, in the sandbox: its content, else its summary."""

    name = "feed"
    suffixes = (".rss", ".atom", ".xml")

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the entries in order; they count from 1."""
        source = options.source or str(path)
        raw = read_all(path, options.max_container, options.max_ratio)
        try:
            articles = sandbox.parse(_PARSER, raw, options)
        except sandbox.ParseError as error:
            yield Skipped(source, error.reason, error.detail)
            return
        for number, article in enumerate(articles, 1):
            yield article.to_document(f"{source}:{number}", options)


def parse_feed(raw: bytes, _hints: dict[str, Any]) -> list[Article]:
    """Parse a feed; runs in the worker.

    Raises:
        ParseError: It is no feed, is empty, or declares entities (billion laughs, external files).
    """
    import feedparser

    _refuse_entities(raw)
    found = feedparser.parse(io.BytesIO(raw), sanitize_html=False, resolve_relative_uris=False)
    if not found.version:
        raise sandbox.ParseError("unsupported", "neither an RSS nor an Atom feed")
    if not found.entries:
        raise sandbox.ParseError("empty", "the feed has no entries")
    if len(found.entries) > MAX_ENTRIES:
        raise sandbox.ParseError("too_long", f"{len(found.entries):,} entries, the limit is {MAX_ENTRIES:,}")
    return [_article(entry, found.feed) for entry in found.entries]


def _refuse_entities(raw: bytes) -> None:
    from xml.sax import SAXException
    from xml.sax.handler import ContentHandler

    from defusedxml import DefusedXmlException
    from defusedxml.sax import parseString

    try:
        parseString(raw, ContentHandler())
    except DefusedXmlException as error:
        raise sandbox.ParseError("bomb", f"the feed declares entities: {type(error).__name__}") from error
    except (
        SAXException,
        ValueError,
        LookupError,
    ):  # damaged: feedparser may still read it, but not with declarations
        if b"<!" in raw.replace(b"<![CDATA[", b"").replace(b"<!--", b"")[:_PROLOGUE]:
            raise sandbox.ParseError("unreadable", "damaged XML with declarations") from None


def _article(entry: Any, feed: Any) -> Article:
    contents = [c.get("value", "") for c in entry.get("content", [])] or [entry.get("summary", "")]
    published = entry.get("published") or entry.get("updated")  # as written: what is parsed is a day in UTC
    language = next((c.get("language") for c in entry.get("content", []) if c.get("language")), None)
    text, _, notes = visible_text(max(contents, key=len))
    return Article(
        text,
        title=visible_text(entry.get("title", ""))[0],
        published=published,
        published_basis="feed entry",
        language=language or feed.get("language"),
        outlet=visible_text(entry.get("source", {}).get("title", "") or feed.get("title", ""))[0],
        author=entry.get("author"),
        url=entry.get("link"),
        id=entry.get("id"),
        notes=notes,
        wrapped=False,
    )
