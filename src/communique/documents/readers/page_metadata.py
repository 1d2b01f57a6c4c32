"""What a page says of itself in JSON-LD, and whether the page bears it out."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ARTICLE = re.compile(r"(Article|BlogPosting|Report)$")
_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*\|\s*")
_MAX_JSON = 1_000_000
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """Title, date, publisher and language as the page has them; None where it doesn't."""

    title: str | None
    published: str | None
    outlet: str | None
    language: str | None


def page_metadata(tree: Any, url: str | None = None) -> PageMetadata:
    """Read the metadata of an lxml tree, whose address is `url`, if that is known.

    A headline of JSON-LD counts only where the page shows it too (title, `h1` or `og:title`): what nobody sees must
    not become a title. A date counts there, and where the JSON-LD names the address of the page.
    """
    shown = [_flat("".join(e.itertext())) for e in tree.xpath("(//head/title)[1] | (//h1)[position() <= 3]")]
    social = [_flat(c) for c in tree.xpath("//meta[@property='og:title']/@content")[:1]]
    shown += social
    title = published = outlet = None
    places = {_place(address) for address in addresses(tree, url)}
    for found in _articles(tree):
        headline = _flat(_text(found.get("headline")))
        if not headline or not any(headline.casefold() in s.casefold() for s in shown):
            if not places.isdisjoint(map(_place, _own_addresses(found))):
                published = published or _text(found.get("datePublished")) or None
            continue
        title = _without_kicker(headline, shown[-1] if social else "")
        published = _text(found.get("datePublished")) or published
        publisher = found.get("publisher")
        publisher = publisher[0] if isinstance(publisher, list) and publisher else publisher
        outlet = _flat(_text(publisher.get("name"))) or None if isinstance(publisher, dict) else None
        break
    site = tree.xpath("//meta[@property='og:site_name']/@content")[:1]
    return PageMetadata(title, published, outlet or (_flat(site[0]) or None if site else None), _language(tree))


def addresses(tree: Any, url: str | None) -> list[str]:
    """Return the addresses of a page: where it was read, and what it says itself."""
    said = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")[:3]
    return [address for address in (url, *said) if address]


def headings(tree: Any) -> set[str]:
    """Return the texts of the first level headings, with and without space between their parts."""
    return {key(text) for e in tree.xpath("//h1") for text in ("".join(e.itertext()), " ".join(e.itertext()))}


def without_site(title: str, shown: set[str], *names: str | None) -> str:
    """Return a title without the site's name behind it, which is one of `names` or an address.

    What comes before a separator and is a heading, as `headings` has them, is the title.
    """
    site = {key(re.sub(r"^https?://(www\.)?|/.*$", "", name)) for name in names if name}
    for mark in _SEPARATOR.finditer(title):
        before, behind = title[: mark.start()].strip(), key(title[mark.end() :])
        if before and (key(before) in shown or (behind and any(s == behind or s.startswith(behind) for s in site))):
            return before
    return title


def text_of(element: Any) -> str:
    """Return the text of an element of an lxml tree on one line."""
    return _flat(element.text_content())


def key(text: str) -> str:
    """Return the letters and digits of a text, for comparing."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _own_addresses(found: dict[str, Any]) -> Iterator[str]:
    """Yield the addresses that an article in JSON-LD has."""
    page = found.get("mainEntityOfPage")
    for value in (found.get("url"), found.get("@id"), *(page.values() if isinstance(page, dict) else [page])):
        if isinstance(value, str) and value.startswith("http"):
            yield value


def _place(address: str) -> str:
    """Return an address without what may differ: the protocol, `www.`, the query and the place in the page."""
    return re.sub(r"^https?://(www\.)?|[?#].*$", "", address.strip()).rstrip("/").casefold()


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.xpath("//script[@type='application/ld+json']")[:20]:
        text = script.text or ""
        if len(text) > _MAX_JSON:
            continue
        try:
            found = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _walk(found, _MAX_DEPTH)


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for each in value[:100]:
            yield from _walk(each, depth - 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if any(_ARTICLE.search(k) for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)):
            yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(name), depth - 1)


def _without_kicker(headline: str, shared: str) -> str:
    """Return the title that the page is shared under where the headline is that with a kicker and a colon before it."""
    kicker = headline.removesuffix(shared).rstrip() if shared else headline
    return shared if kicker.endswith((":", "|")) and kicker != headline and len(kicker) < 80 else headline


def _language(tree: Any) -> str | None:
    found = tree.xpath("/html/@lang | /html/@xml:lang", namespaces={"xml": "http://www.w3.org/XML/1998/namespace"})
    return str(found[0]) if found else None


def _text(value: Any) -> str:
    return html.unescape(value) if isinstance(value, str) else ""


def _flat(text: str) -> str:
    return " ".join(text.split())
