"""Drop from a page what is beside its article: cards that lead to others, dialogs, newsletters, biographies of authors."""

from __future__ import annotations

import re
from typing import Any

from communique.documents.readers.fragment import HEADINGS
from communique.documents.readers.page_metadata import key, text_of
from communique.documents.readers.visibility import weigh

_NAMES = (
    r"(newsletter|author-?_?bio\w*|author__bio\w*|biograph\w*|related\w*|recommend\w*|most-?_?(popular|read|viewed)"
    r"|trending|comments?(-?_?(section|widget|list|area|form))?|cookie\w*|consent\w*|social-?_?share"
    r"|share-?_?(bar|buttons?|tools?)|breadcrumbs?\w*|promo\w*|sponsored|advert\w*|outbrain|taboola"
    r"|paywall-?_?(prompt|offer))"
)
_ASIDE = re.compile(rf"(^|[-_\s]){_NAMES}($|[-_\s])", re.IGNORECASE)
_ASIDE_ALONE = re.compile(_NAMES, re.IGNORECASE)
_BIOGRAPHY = re.compile(r"biograph\w*", re.IGNORECASE)
_WRITER = re.compile(r"author|writer|byline|contributor", re.IGNORECASE)
_SAYS_OF_ARTICLE = re.compile(
    r"^(no|has|have|with|without|is|can|show|hide|js|allow|enable)-?_"
    r"|[-_](closed|open|enabled|disabled|given|accepted|visible|loaded|on|off)$",
    re.IGNORECASE,
)
_WIDE = {"html", "body", "main", "article"}
_TEXT = {"p", "section", *HEADINGS}
"""What has its id from the text that stands in it: "related-party-deals" is a chapter."""


def _any(*names: str) -> str:
    return f"*[{' or '.join(f'self::{name}' for name in names)}]"


_BLOCKS = _any("p", "div", *HEADINGS, "section")
_HEADED = _any(*HEADINGS, "img")
_PLAIN_CARD = _any(*HEADINGS, "img", "div", "section")
_SENTENCE = re.compile(r"[.。।۔][\"”’»)\]]*$")
_LONGEST_CARD = 2000
_ARTICLE = 0.4  # share of a page's own text: what holds more is no aside


def drop_asides(tree: Any) -> tuple[str, ...]:
    """Drop what is beside the article from an lxml tree, in place.

    Returns:
        A note of the code points that stood inside the page's article, if there were any.
    """
    dropped = _drop_cards(tree)
    weights = weigh(tree)
    whole = len("".join(tree.itertext()))
    for element in tree.xpath("//*[@class or @id or @role]"):
        if element.tag in _WIDE or element.getparent() is None:
            continue
        if weights[element] > _ARTICLE * weights[tree]:
            _rename(element)
        elif _is_aside(element) and element.find(".//h1") is None and len("".join(element.itertext())) * 2 < whole:
            dropped += _length(element)
            element.drop_tree()
        elif _is_chapter(element):
            _rename(element)
            element.attrib.pop("id", None)  # the extractor drops "navy-contracts", too
    return (f"{dropped} characters beside the article left out",) if dropped else ()


def _drop_cards(tree: Any) -> int:
    """Drop links around blocks; return the code points of those inside the article."""
    dropped = 0
    for link in tree.xpath(f"//a[@href][descendant::{_BLOCKS}]"):
        if link.getparent() is None or len("".join(link.itertext())) > _LONGEST_CARD:
            continue
        in_text = link.xpath("preceding-sibling::p and following-sibling::p") and not link.xpath(
            f"descendant::{_PLAIN_CARD}"
        )
        if not in_text and not _is_list_of_sentences(link):
            dropped += _length(link)
            link.drop_tree()
    return dropped


def _is_list_of_sentences(link: Any) -> bool:
    """Tell whether a link is one of a list inside the article whose entries are sentences, and not the titles of others."""
    around = next(link.iterancestors("ul", "ol"), None)
    if around is None or next(around.iterancestors("article"), None) is None or around.find(".//img") is not None:
        return False
    several = [text_of(item) for item in around.iterchildren("li")]
    return len(several) > 1 and all(map(_SENTENCE.search, several)) and not around.xpath(f"descendant::{_HEADED}")


def _rename(element: Any) -> None:
    """Take off the names that the extractor, too, would drop an element for."""
    for attribute in ("class", "id"):
        if _ASIDE.search(element.get(attribute, "")[:1000]):
            element.set(attribute, " ".join(n for n in element.get(attribute).split() if not _ASIDE.search(n)))


def _is_aside(element: Any) -> bool:
    if element.get("role") in {"dialog", "alertdialog"}:
        return True
    found = [name for name in _names(element, "class") if _ASIDE.search(name) and not _SAYS_OF_ARTICLE.search(name)]
    place = element.get("id", "")[:1000].strip()
    partly = _ASIDE.search(place) and not _SAYS_OF_ARTICLE.search(place)
    if _ASIDE_ALONE.fullmatch(place) or (partly and not _is_chapter(element)):
        found.append(place)
    if not found or (element.tag == "p" and not _is_of_links(element)):
        return False
    alone = all(map(_BIOGRAPHY.fullmatch, found))
    return not alone or any(_WRITER.search(" ".join(_names(e, "class", "id"))) for e in _near(element))


def _is_chapter(element: Any) -> bool:
    """Tell whether an element may be a part of the article that has its id from what it says."""
    if next(element.iterancestors("article", "main"), None) is None:
        return False
    if element.tag not in _TEXT:
        place = key(element.get("id", "")[:1000])
        heading = next(element.iter(*HEADINGS), None) if place else None
        if heading is None or key(heading.text_content()) != place:
            return False
    return not _is_of_links(element)


def _is_of_links(element: Any) -> bool:
    links = sum(len(text_of(link)) for link in element.iter("a"))
    return links * 2 > len(text_of(element))


def _near(element: Any) -> list[Any]:
    return [element, *list(element.iterancestors())[:2]]


def _names(element: Any, *attributes: str) -> list[str]:
    return str(" ".join(element.get(name, "")[:1000] for name in attributes)).split()


def _length(element: Any) -> int:
    """Return the code points of text that an element adds to the article that it stands in; 0 outside of one."""
    if next(element.iterancestors("article"), None) is None:
        return 0
    scripts = sum(len(text_of(script)) for script in element.iter("script", "style"))
    return len(text_of(element)) - scripts
