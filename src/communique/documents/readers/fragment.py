"""HTML as text, for pages, bodies of mail and entries of feeds."""

from __future__ import annotations

from typing import Any

from communique.documents.readers.reader import ReadError
from communique.documents.readers.text import without_controls
from communique.documents.readers.visibility import drop_hidden

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = {"p", "div", *HEADINGS, "li", "ul", "ol", "table", "tr", "blockquote", "pre", "section",
    "article", "header", "footer", "figure", "figcaption", "dt", "dd", "hr", "br", "main", "aside", "nav", "form"}  # fmt: skip
_CELL = "\ufdd0"
_QUOTE, _END = "\ufdd1", "\ufdd2"


def load_tree(text: str) -> Any:
    """Parse HTML into an lxml tree without comments, an empty one where there are no elements; nothing is fetched.

    Raises:
        ReadError: The parser gave up on the way: tags nested deeper than 256, or one piece of text of 10 MB. What it
            has read till then is not given, as nobody could tell that the rest is missing.
    """
    import lxml.html
    from lxml.etree import ParserError

    parser = lxml.html.HTMLParser(encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except ParserError:  # nothing but comments or declarations
        return lxml.html.document_fromstring("<html><body></body></html>", parser=parser)
    for fault in parser.error_log.filter_from_fatals():
        if fault.type_name == "ERR_RESOURCE_LIMIT":
            what = fault.message.partition(",")[0].strip()
            raise ReadError("extract_failed", f"its parser failed: {what}")
    for behind in list(tree.itersiblings("html")):  # what stands behind "</html>", as browsers take it
        behind.tag = "div"
        next(tree.iter("body"), tree).append(behind)
    return tree


def visible_text(fragment: str, quoted: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the visible text of a fragment of HTML, a line for each block.

    Args:
        fragment: The HTML.
        quoted: XPath of quotations of other messages; their lines begin with `>`, as in plain text.

    Returns:
        The text, and notes of what the fragment hides.
    """
    if not fragment.strip() or ("<" not in fragment and "&" not in fragment):
        return fragment, ()
    tree = load_tree(without_controls(fragment)[0])
    notes = drop_hidden(tree)
    for element in tree.xpath(quoted) if quoted else ():
        element.text = f"{_QUOTE}{element.text or ''}"
        element.append(element.makeelement("span"))
        element[-1].text = _END
    text = tree_text(tree)
    return _with_marks(text) if quoted else text, notes


def _with_marks(text: str) -> str:
    """Mark the lines between the beginnings and the ends of quotations."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        depth += line.count(_QUOTE)
        if bare := line.replace(_QUOTE, "").replace(_END, "").strip():
            lines.append(f"{'>' * depth} {bare}" if depth else bare)
        depth -= line.count(_END)
    return "\n".join(lines)


def tree_text(tree: Any) -> str:
    """Return the text of an lxml tree, a line for each block and each row of a table of single lines."""
    parts: list[str] = []
    for row in list(tree.iter("tr")):
        _mark_cells(row)
    for body in tree.iter("body"):
        _collect(body, parts)
    lines = (
        "\t".join(filter(None, (" ".join(cell.split()) for cell in line.split(_CELL))))
        for line in "".join(parts).split("\n")
    )
    return "\n".join(line for line in lines if line)


def _mark_cells(row: Any) -> None:
    """Put a mark between the cells of a row where each holds one line, so that they don't run into each other."""
    cells = [cell for cell in row if cell.tag in {"td", "th"}]
    blocks = [[e for e in cell.iterdescendants() if e.tag in _BLOCKS] for cell in cells]
    single = all(len(found) <= 1 and all(e.tag in {"p", "div"} for e in found) for found in blocks)
    for cell, found in zip(cells, blocks, strict=True):
        if not single:
            cell.tag = "div"
            continue
        for block in found:
            block.tag = "span"
        cell.tail = _CELL + (cell.tail or "")


def _collect(root: Any, parts: list[str]) -> None:
    """Collect text with an explicit stack: hostile mail is nested deeper than Python's."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, left = stack.pop()
        block = element.tag in _BLOCKS
        if left:
            parts.append(
                ("\n" if block else "") + (" ".join((element.tail or "").split("\n")) if element is not root else "")
            )
            continue
        parts.append(("\n" if block else "") + " ".join((element.text or "").split("\n")))
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element) if child.tag != "script")
