"""The day that a page says it was published on: in its metadata, in the header of its article, in its address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

from communique.documents.readers.fragment import HEADINGS
from communique.documents.readers.page_metadata import addresses, key, text_of
from communique.documents.readers.reader import DAY, as_date

_PUBLISHED = {key(name) for name in (
    *("article:published_time", "article:published", "article:published_date", "article:publicationdate"),
    *("article:post_date", "og:article:published_time", "og:published_time", "og:pubdate", "og:datePublished"),
    *("datePublished", "date_published", "published_time", "published_date", "publish_date", "publish_time"),
    *("publication_date", "pubdate", "pub_date", "bt:pubdate", "rbpubdate", "originalpublicationdate"),
    *("parsely-pub-date", "cXenseParse:publishtime", "cXenseParse:recs:publishtime", "citation_publication_date"),
    *("DC.date.publication", "rnews:datePublished", "mediator_published_time", "shareaholic:article_published_time"),
)}  # fmt: skip
_DATED = {key(name) for name in (
    *("date", "DC.date", "DC.date.issued", "DC.date.created", "DC.created", "DC.issued", "dcterms.date"),
    *("dcterms.issued", "dcterms.created", "dateCreated", "date_created", "sailthru.date", "citation_date"),
)}  # fmt: skip
"""They may be the day of the last change, so what names publication comes before."""

_BESIDE = {"aside", "footer", "nav", "figure", "blockquote"}
_SILENT = {"script", "style", "noscript", "template", "svg", "button", "select"}
_HEADER = 600  # code points behind the headline, where the authors and the date stand; what has fewer is a card
_LINES = {"p", "div", "li", "td", "dd", "section"}
_END = re.compile(r"[.!?。।۔][\"”’»)]*$")
_LONGEST = 200
_ALONE = 80
_NAMED = re.compile(r"date|time|publi|byline|meta|posted", re.IGNORECASE)
_CHANGED = re.compile(r"updat|modif|revis|changed", re.IGNORECASE)
_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d\d)[/-](\d\d)(?=[/-])")


def page_day(found: Iterable[str], seen: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the first whole date of those that a page gives, as `page_dates` has them, or a note of what it has instead.

    A date after `seen`, a day on which the page was there, such as that of its archive, is no date of publication.
    """
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


def page_dates(tree: Any, linked: str | None, url: str | None) -> Iterator[str]:
    """Yield the dates that metadata (`linked` is that of its JSON-LD), header and address give a page, the surest first."""
    if linked:
        yield linked
    headline = _headline(tree)
    above = set() if headline is None else {headline, *headline.iterancestors()}
    for names in (_PUBLISHED, _DATED):
        said = (
            m for m in tree.iter("meta") if key(m.get("property") or m.get("name") or m.get("itemprop") or "") in names
        )
        yield from (meta.get("content") for meta in said if meta.get("content") and _is_own(meta, above))
    if headline is not None:
        yield from _shown(tree, headline, above)
    yield from ("-".join(found.groups()) for a in addresses(tree, url) if (found := _ADDRESS.search(a)))


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
    in_header = any(e.tag == "header" and e in above for e in line.iterancestors())
    if _is_sentence(line) and not (alone or in_header or _NAMED.search(_names(line))):
        return []
    return [element.get("datetime") or element.get("content") or ""]


def _is_sentence(line: Any) -> bool:
    """Tell whether a line may be running text: a paragraph, or what ends like a sentence and holds no paragraphs."""
    return line.tag == "p" or (
        line.tag in _LINES
        and bool(_END.search(text_of(line)))
        and next(line.iterdescendants(*_LINES, *HEADINGS), None) is None
    )


def _told(element: Any, _above: set[Any]) -> list[str]:
    """Return the dates of an element that is there for one, by its name; else its text, if that may be a date."""
    text = text_of(element)
    if len(text) > _LONGEST or not DAY.search(text) or element.find(".//time") is not None:
        return []
    if element.tag == "time" or _NAMED.search(_names(element)):
        return DAY.findall(text)
    return [text] if len(text) <= _ALONE else []
