"""Drop from a page what its reader doesn't see, and cards that lead to other articles.

Instructions that a page hides from people and shows to machines are dropped here, before any text is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|content-visibility\s*:\s*hidden|opacity\s*:\s*0*(\.0+)?\s*(;|!|$)"
    r"|font-size\s*:\s*(0+(\.0+)?(px|pt|em|rem|%)?|(0?\.\d+|1(\.\d+)?)(px|pt))\s*(;|!|$)|(text-indent|left|top|right|margin-left)\s*:\s*-\d{3,}"
    r"|clip\s*:\s*rect\(\s*[01](px)?[ ,]+[01](px)?|clip-path\s*:\s*inset\(\s*(50|100)%|transform\s*:\s*scale\(\s*0\s*\)"
    r"|color\s*:\s*transparent",
    re.IGNORECASE,
)
_TINY = re.compile(r"(?<![\w-])(width|height|max-height|max-width)\s*:\s*[01](px)?\s*(;|!|$)", re.IGNORECASE)
_CLIPPED = re.compile(r"overflow(-[xy])?\s*:\s*hidden", re.IGNORECASE)
_COLOUR = re.compile(r"(?<![\w-])(color|background(?:-color)?)\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = {"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)"}
_HIDDEN_CLASSES = {
    "hidden",
    "d-none",
    "visually-hidden",
    "sr-only",
    "screen-reader-text",
    "screen-reader-only",
    "hide",
    "invisible",
}
_SHOWN_AGAIN = re.compile(
    r"(^|:|-)(block|flex|grid|inline|inline-block|inline-flex|visible|not-sr-only|contents)$"
)
_INVISIBLE_TAGS = {"script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math",
    "canvas", "head", "datalist", "noframes", "noembed", "select", "textarea"}  # fmt: skip
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_AT_RULE = re.compile(r"@[^{};]{0,300}\{(?:[^{}]{0,5000}\{[^{}]{0,5000}\}){0,500}[^{}]{0,5000}\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_MAX_STYLE = 200_000

_ASIDE = re.compile(
    r"(^|[-_\s])(newsletter|author-?_?bio\w*|author__bio\w*|biograph\w*|related\w*|recommend\w*|most-?_?(popular|read|viewed)"
    r"|trending|comments?(-?_?(section|widget|list|area|form))?|cookie\w*|consent\w*|social-?_?share|share-?_?(bar|buttons?|tools?)"
    r"|breadcrumbs?\w*|promo\w*|sponsored|advert\w*|outbrain|taboola|paywall-?_?(prompt|offer))($|[-_\s])",
    re.IGNORECASE,
)
_WIDE = {"html", "body", "main", "article"}
_BLOCKS = "*[self::p or self::div or self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::section]"
_LONGEST_CARD = 2000


def drop_hidden(tree: Any) -> int:
    """Drop hidden elements from an lxml tree, in place.

    Returns:
        Code points of text that were hidden by style or attribute; tags that never show text don't count.
    """
    sheet = frozenset(_hidden_selectors(tree))
    dropped = 0
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):  # comments, processing instructions
            _remove(element)
        elif element.tag in _INVISIBLE_TAGS and element.tag != "head":
            if element.tag != "script":  # JSON-LD is read before; the rest is dropped by the extractor
                _remove(element)
        elif element.tag not in {"html", "body", "head"} and _is_hidden(element, sheet):
            dropped += len("".join(element.itertext()).strip())
            _remove(element)
    return dropped


def drop_asides(tree: Any) -> None:
    """Drop cards (links around blocks), dialogs and asides such as newsletters and biographies, in place."""
    for link in tree.xpath(f"//a[@href][descendant::{_BLOCKS}]"):
        if link.getparent() is not None and len("".join(link.itertext())) <= _LONGEST_CARD:
            _remove(link)
    whole = len("".join(tree.itertext()))
    for element in tree.xpath("//*[@class or @id or @role]"):
        if element.tag in _WIDE or element.getparent() is None:
            continue
        names = f"{element.get('class', '')} {element.get('id', '')}"[:1000]
        if element.get("role") not in {"dialog", "alertdialog"} and not _ASIDE.search(names):
            continue
        if element.find(".//h1") is None and len("".join(element.itertext())) * 2 < whole:
            _remove(element)


def _hidden_selectors(tree: Any) -> Iterator[str]:
    for style in tree.iter("style"):
        text = re.sub(r"/\*.*?\*/", "", (style.text or "")[:_MAX_STYLE], flags=re.DOTALL)
        for selectors, body in _RULE.findall(_AT_RULE.sub("", text)):
            if _HIDDEN_STYLE.search(body.strip()):
                yield from (s for s in map(str.strip, selectors.split(",")) if _SIMPLE.fullmatch(s))


def _is_hidden(element: Any, sheet: frozenset[str]) -> bool:
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return True
    if element.tag == "dialog" and "open" not in attributes:
        return True
    style = attributes.get("style", "")[:2000]
    if style and (_HIDDEN_STYLE.search(style.strip()) or _is_tiny_or_white(style)):
        return True
    classes = attributes.get("class", "")[:2000].split()
    if _HIDDEN_CLASSES.intersection(classes) and not any(_SHOWN_AGAIN.search(c) for c in classes):
        return True
    return bool(sheet) and ("#" + attributes.get("id", "") in sheet or any("." + c in sheet for c in classes))


def _is_tiny_or_white(style: str) -> bool:
    if _TINY.search(style) and _CLIPPED.search(style):
        return True
    colours = {name.lower(): re.sub(r"\s", "", value.lower()) for name, value in _COLOUR.findall(style)}
    text = colours.get("color")
    ground = colours.get("background-color") or colours.get("background") or "white"
    return text is not None and (text == ground or (text in _WHITE and ground in _WHITE))


def _remove(element: Any) -> None:
    """Remove an element and keep the text behind it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
