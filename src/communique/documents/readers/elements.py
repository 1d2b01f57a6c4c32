"""Elements of a page: what they weigh, how one goes and the text behind it stays, where streamed ones belong."""

from __future__ import annotations

from typing import Any

_BESIDE = {"footer", "nav", "aside", "form", "button", "a", "script", "style", "select", "textarea", "head"}
"""What is not the text that a page is there for."""


def weigh(tree: Any) -> dict[Any, int]:
    """Return, for each element, the code points of text in it that stand neither in links nor in headers and footers."""
    weights: dict[Any, int] = {}
    for element in reversed(list(tree.iter())):
        if not isinstance(element.tag, str) or (element.tag in _BESIDE):
            weights[element] = 0
        else:
            weights[element] = len((element.text or "").strip()) + sum(
                weights[child] + len((child.tail or "").strip()) for child in element
            )
    return weights


def remove(element: Any) -> None:
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


def put_streamed(tree: Any) -> None:
    """Put what a page streams behind its end to its place, as React's script does."""
    for waiting in tree.xpath("//template[starts-with(@id, 'B:')]"):
        parts = tree.xpath("//*[@hidden][@id = $id]", id="S:" + waiting.get("id")[2:])
        if parts and waiting.getparent() is not None and waiting not in set(parts[0].iterdescendants()):
            part = parts[0]
            tail, part.tail = part.tail, None
            if tail and part.getparent() is not None:
                part.addnext(part.makeelement("span"))
                part.getnext().tail = tail
            del part.attrib["hidden"]
            waiting.addprevious(part)
