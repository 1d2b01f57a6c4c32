"""Feeds saved to disk (RSS, Atom): one article in an entry. Nothing is fetched, whatever an entry links to."""

from __future__ import annotations

import io
import re
from typing import Any

from communique.documents.readers.fragment import visible_text
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader

MAX_ENTRIES = 10_000
_ROOT = re.compile(rb"<(rss|feed|rdf:rdf)[\s>]", re.IGNORECASE)  # what comes behind all declarations


class FeedReader(SandboxedReader):
    """Reads each entry as one article: its content, else its summary; entries count from 1."""

    suffixes = (".rss", ".atom", ".xml")
    counted_from = 1


def parse(raw: bytes, _hints: dict[str, Any]) -> list[Article]:
    """Parse a feed; runs in the worker. What is none, empty, or declares entities (billion laughs) is a ReadError."""
    import feedparser

    if b"<!ENTITY" in _ROOT.split(raw.replace(b"\0", b""), maxsplit=1)[0]:  # NUL: half of the bytes of UTF-16
        raise ReadError("bomb", "the feed declares entities")
    found = feedparser.parse(io.BytesIO(raw), sanitize_html=False, resolve_relative_uris=False)
    if not found.version:
        raise ReadError("unsupported", "neither an RSS nor an Atom feed")
    if not found.entries:
        raise ReadError("empty", "the feed has no entries")
    if len(found.entries) > MAX_ENTRIES:
        raise ReadError("too_long", f"{len(found.entries):,} entries, the limit is {MAX_ENTRIES:,}")
    return [_article(entry, found.feed) for entry in found.entries]


def _article(entry: Any, feed: Any) -> Article:
    contents = [c.get("value", "") for c in entry.get("content", [])] or [entry.get("summary", "")]
    published = entry.get("published") or entry.get("updated")  # as written: what is parsed is a day in UTC
    language = next((c.get("language") for c in entry.get("content", []) if c.get("language")), None)
    text, notes = visible_text(max(contents, key=len))
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
