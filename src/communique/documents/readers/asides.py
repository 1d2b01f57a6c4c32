"""Drop from a page what is beside its article: cards that lead to others, dialogs, newsletters, biographies."""

from __future__ import annotations

import re
from typing import Any

from communique.documents.readers.elements import remove, weigh

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


def drop_asides(tree: Any) -> None:
    """Drop cards (links around blocks), dialogs and asides such as newsletters and biographies, in place."""
    for link in tree.xpath(f"//a[@href][descendant::{_BLOCKS}]"):
        if link.getparent() is None or len("".join(link.itertext())) > _LONGEST_CARD:
            continue
        in_text = link.xpath("preceding-sibling::p and following-sibling::p") and not link.xpath(
            f"descendant::{_PLAIN_CARD}"
        )
        if not in_text:
            remove(link)
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
            remove(element)


def _is_aside(element: Any) -> bool:
    return element.get("role") in {"dialog", "alertdialog"} or any(
        _ASIDE.search(name) and not _SAYS_OF_ARTICLE.search(name) for name in _names(element)
    )


def _names(element: Any) -> list[str]:
    return f"{element.get('class', '')} {element.get('id', '')}"[:1000].split()
