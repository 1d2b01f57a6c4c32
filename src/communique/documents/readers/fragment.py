"""HTML as text, for pages, bodies of mail and entries of feeds."""

from __future__ import annotations

from typing import Any

from communique.documents.readers.sandbox import ParseError
from communique.documents.readers.visibility import drop_hidden

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "table", "tr", "blockquote", "pre", "section",
    "article", "header", "footer", "figure", "figcaption", "dt", "dd", "hr", "br", "main", "aside", "nav", "form"}  # fmt: skip


def load_tree(text: str) -> Any:
    """Parse HTML into an lxml tree, an empty one where there are no elements; nothing is fetched.

    Raises:
        ParseError: The parser gave up on the way: tags nested deeper than 256, or one piece of text of 10 MB. What it has
            read till then is not given, as nobody could tell that the rest is missing.
    """
    import lxml.html
    from lxml.etree import ParserError

    parser = lxml.html.HTMLParser(
        collect_ids=False, encoding="utf-8", remove_pis=True, no_network=True, recover=True
    )
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except ParserError:  # nothing but comments or declarations
        return lxml.html.document_fromstring("<html><body></body></html>", parser=parser)
    for fault in parser.error_log.filter_from_fatals():
        if fault.type_name == "ERR_RESOURCE_LIMIT":
            what = fault.message.partition(",")[0].strip()
            raise ParseError("extract_failed", f"its parser gave up: {what}")
    return tree


def visible_text(fragment: str) -> str:
    """Return the visible text of a fragment of HTML, a line for each block."""
    if not fragment.strip() or ("<" not in fragment and "&" not in fragment):
        return fragment
    tree = load_tree(fragment)
    drop_hidden(tree)
    parts: list[str] = []
    for body in tree.iter("body"):
        _collect(body, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _collect(root: Any, parts: list[str]) -> None:
    """Collect text with an explicit stack: hostile mail is nested deeper than Python's."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, left = stack.pop()
        block = element.tag in _BLOCKS
        if left:
            parts.append(
                ("\n" if block else "")
                + (" ".join((element.tail or "").split("\n")) if element is not root else "")
            )
            continue
        parts.append(("\n" if block else "") + " ".join((element.text or "").split("\n")))
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element) if child.tag != "script")
