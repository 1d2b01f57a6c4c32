"""What a page says of itself: title and publisher in JSON-LD, if the page bears it out, and the day of publication.

The day stands in the metadata, in the header of the article or in the address.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from communique.documents.readers.fragment import HEADINGS
from communique.documents.readers.reader import DAY, as_date

_ARTICLE = re.compile(r"(Article|BlogPosting|Report)$")
_SEPARATOR = re.compile(r"\s+[|–—·•»:-]\s+|\s*\|\s*")
_MAX_JSON = 1_000_000
_MAX_DEPTH = 6
_PUBLISHED = """
    article:published_time article:published article:published_date article:publicationdate article:post_date
    og:article:published_time og:published_time og:pubdate og:datePublished datePublished date_published published_time
    published_date publish_date publish_time publication_date pubdate pub_date bt:pubdate rbpubdate
    originalpublicationdate parsely-pub-date cXenseParse:publishtime cXenseParse:recs:publishtime
    citation_publication_date DC.date.publication rnews:datePublished mediator_published_time
    shareaholic:article_published_time
"""
_DATED = """
    date DC.date DC.date.issued DC.date.created DC.created DC.issued dcterms.date dcterms.issued dcterms.created
    dateCreated date_created sailthru.date citation_date
"""
"""They may be the day of the last change, so what names publication comes before."""

_BESIDE = {"aside", "footer", "nav", "figure", "blockquote"}
_SILENT = {"script", "style", "noscript", "template", "svg", "button", "select"}
_HEADER = 600  # code points behind the headline, where the authors and the date stand; what has fewer is a card
_LINES = {"p", "div", "li", "td", "dd", "section"}
_END = re.compile(r"[.!?。।۔][\"”’»)]*$")
_LONGEST = 200  # code points of a line that may be a page's header
_ALONE = 80  # and of one that has nothing but a day
_NAMED = re.compile(r"date|time|publi|byline|meta|posted", re.IGNORECASE)
_CHANGED = re.compile(r"updat|modif|revis|changed", re.IGNORECASE)
_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/-])")


class PageMetadata(NamedTuple):
    """Title, date of publication as written, publisher and language that a page has, None where it doesn't; notes."""

    title: str | None
    published: str | None
    outlet: str | None
    language: str | None
    notes: tuple[str, ...]


def page_metadata(tree: Any, url: str | None, seen: str | None) -> PageMetadata:
    """Read the metadata of an lxml tree, where it was read and a day on which it was there, if that is known.

    A headline of JSON-LD counts only where the page shows it too (title, `h1` or `og:title`): what nobody sees must
    not become a title. A date counts there, and where the JSON-LD names the address of the page.
    """
    shown = [text_of(e) for e in tree.xpath("(//head/title)[1] | (//h1)[position() <= 3]")]
    social = [_flat(c) for c in tree.xpath("//meta[@property='og:title']/@content")[:1]]
    places = {_place(address) for address in _addresses(tree, url)}
    title = published = outlet = None
    for found in _articles(tree):
        headline = _string(found, "headline")
        if not headline or not any(headline.casefold() in s.casefold() for s in shown + social):
            if not places.isdisjoint(_own_places(found)):
                published = published or _string(found, "datePublished")
            continue
        title = _without_kicker(headline, social[0] if social else "")
        published = _string(found, "datePublished") or published
        publisher = found.get("publisher")
        outlet = _string(publisher[0] if isinstance(publisher, list) and publisher else publisher, "name")
        break
    site = tree.xpath("//meta[@property='og:site_name']/@content")[:1]
    language = tree.xpath("/html/@lang | /html/@xml:lang", namespaces={"xml": "http://www.w3.org/XML/1998/namespace"})
    day, notes = _first_day(_dates(tree, published, url), seen)
    return PageMetadata(
        title, day, outlet or _flat("".join(site)) or None, str(language[0]) if language else None, notes
    )


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
        if before and (key(before) in shown or (behind and any(s.startswith(behind) for s in site))):
            return before
    return title


def text_of(element: Any) -> str:
    """Return the text of an element of an lxml tree on one line."""
    return _flat(element.text_content())


def key(text: str) -> str:
    """Return the letters and digits of a text, for comparing."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _flat(text: str) -> str:
    return " ".join(text.split())


def _string(found: Any, name: str) -> str:
    value = found.get(name) if isinstance(found, dict) else None
    return _flat(html.unescape(value)) if isinstance(value, str) else ""


def _addresses(tree: Any, url: str | None) -> list[str]:
    """Return the addresses of a page: where it was read, and what it says itself."""
    said = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")[:3]
    return [address for address in (url, *said) if address]


def _own_places(found: dict[str, Any]) -> Iterator[str]:
    """Yield the places that an article in JSON-LD has."""
    page = found.get("mainEntityOfPage")
    for value in (found.get("url"), found.get("@id"), *(page.values() if isinstance(page, dict) else [page])):
        if isinstance(value, str) and value.startswith("http"):
            yield _place(value)


def _place(address: str) -> str:
    """Return an address without what may differ: the protocol, `www.`, the query and the place in the page."""
    return re.sub(r"^https?://(www\.)?|[?#].*$", "", address.strip()).rstrip("/").casefold()


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    for script in tree.xpath("//script[@type='application/ld+json']")[:20]:
        text = script.text or ""
        if len(text) <= _MAX_JSON:
            try:
                found = json.loads(text, strict=False)
            except (ValueError, RecursionError):
                continue
            yield from _walk(found, _MAX_DEPTH)


def _walk(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth and isinstance(value, list):
        for each in value[:100]:
            yield from _walk(each, depth - 1)
    elif depth and isinstance(value, dict):
        kinds = value.get("@type")
        if any(_ARTICLE.search(k) for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)):
            yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _walk(value.get(name), depth - 1)


def _without_kicker(headline: str, shared: str) -> str:
    """Return the title that the page is shared under where the headline is that with a kicker and a colon before it."""
    kicker = headline.removesuffix(shared).rstrip() if shared else headline
    return shared if kicker.endswith((":", "|")) and kicker != headline and len(kicker) < 80 else headline


def _first_day(found: Iterable[str], seen: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the first whole date of publication, which is not after `seen`, or a note of what the page has instead."""
    last = as_date(seen)
    notes: list[str] = []
    for written in found:
        day = as_date(written)
        if day and (last is None or day <= last + dt.timedelta(days=1)):  # the days of two time zones
            return written, ()
        shown = repr(written[:_ALONE])
        late = f"the page's date {shown} is after the day on which it was saved"
        notes.append(late if day else f"not a date (page metadata): {shown}")
    return None, tuple(notes[:1])


def _dates(tree: Any, linked: str | None, url: str | None) -> Iterator[str]:
    """Yield the dates that metadata (`linked` is that of its JSON-LD), header and address give a page, the surest first."""
    if linked:
        yield linked
    headline = _headline(tree)
    above = set() if headline is None else {headline, *headline.iterancestors()}
    said = [(key(m.get("property") or m.get("name") or m.get("itemprop") or ""), m) for m in tree.iter("meta")]
    for names in (_PUBLISHED, _DATED):
        keys = set(map(key, names.split()))
        yield from (m.get("content") for name, m in said if name in keys and m.get("content") and _is_own(m, above))
    if headline is not None:
        yield from _shown(tree, headline, above)
    yield from ("-".join(found.groups()) for a in _addresses(tree, url) if (found := _ADDRESS.search(a)))


def _is_own(element: Any, above: set[Any]) -> bool:
    """Tell whether an element is of the page's article, whose headline stands in `above`, and not on another's card."""
    for outer in (element, *element.iterancestors()):
        if outer.tag in _BESIDE:
            return False
        if (outer.tag == "article" or outer.get("itemscope") is not None) and outer not in above:
            return not 0 < len(outer.text_content().strip()) < _HEADER
    return True


def _headline(tree: Any) -> Any:
    """Return the heading that the page's title repeats, or its only `h1`."""
    shown = tree.xpath("//head/title[1]/text() | //meta[@property='og:title']/@content")
    titles, site = {key(t) for t in shown}, {key(n) for n in tree.xpath("//meta[@property='og:site_name']/@content")}
    heads = [(key(e.text_content()), e) for e in tree.iter("h1", "h2")]
    told = [(len(k), -at, e) for at, (k, e) in enumerate(heads) if k and k not in site and any(k in t for t in titles)]
    if told:
        return max(told)[2]
    first = [e for _, e in heads if e.tag == "h1"]
    return first[0] if len(first) == 1 else None


def _shown(tree: Any, headline: Any, above: set[Any]) -> list[str]:
    """Return the days around the headline, the earliest first: those written for machines, else those for people."""
    near = [e for e in _around(tree, headline) if _is_own(e, above) and not _is_change(e)]
    for find in (_marked, _told):
        days = [(day.isoformat(), e) for e in near for written in find(e, above) if (day := as_date(written))]
        if days:
            published = [day for day, e in days if "publish" in _names(e) or "pubdate" in e.attrib]
            return sorted({*(published or (day for day, _ in days))})
    return []


def _around(tree: Any, headline: Any) -> Iterator[Any]:
    """Yield the elements behind the headline, up to the text; before it, those of its own article or header."""
    article = next(headline.iterancestors("article"), None)
    box = article if article is not None else next(headline.iterancestors("header"), None)
    inside, behind, room = False, False, _HEADER
    within = set(headline.iter())
    for element in (tree if article is None else article).iter():
        inside = inside or element is box
        behind = behind or element is headline
        if element in within or not (inside or behind) or element.tag in _SILENT:
            continue
        if element.tag not in HEADINGS:
            yield element
        room -= len((element.text or "").strip()) + len((element.tail or "").strip()) if behind else 0
        if room < 0:
            return


def _names(element: Any, *more: Any) -> str:
    return " ".join(e.get(name, "")[:300] for e in (element, *more) for name in ("class", "id", "itemprop")).casefold()


def _is_change(element: Any) -> bool:
    names = _names(element, element.getparent())
    return bool(_CHANGED.search(names)) and "publish" not in names


def _marked(element: Any, above: set[Any]) -> list[str]:
    """Return what an element has for a date that machines read, if it is no part of a sentence that speaks of a day."""
    if element.tag != "time" and element.get("itemprop") != "datePublished":
        return []
    line = next((e for e in (element, *element.iterancestors()) if e.tag in _LINES or e in above), element)
    alone = len(text_of(line)) <= len(text_of(element)) + 2
    in_header = any(e in above for e in line.iterancestors("header"))
    if _is_sentence(line) and not (alone or in_header or _NAMED.search(_names(line))):
        return []
    return [element.get("datetime") or element.get("content") or ""]


def _is_sentence(line: Any) -> bool:
    """Tell whether a line may be running text: a paragraph, or what ends like a sentence and holds no paragraphs."""
    ends = line.tag in _LINES and _END.search(text_of(line))
    return line.tag == "p" or bool(ends and next(line.iterdescendants(*_LINES, *HEADINGS), None) is None)


def _told(element: Any, _above: set[Any]) -> list[str]:
    """Return the dates of an element that is there for one, by its name; else its text, if that may be a date."""
    text = text_of(element)
    if len(text) > _LONGEST or not DAY.search(text) or element.find(".//time") is not None:
        return []
    if element.tag == "time" or _NAMED.search(_names(element)):
        return DAY.findall(text)
    return [text] if len(text) <= _ALONE else []
