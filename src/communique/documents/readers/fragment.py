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

    Where the parser gives up on the way (tags nested deeper than 256, one piece of text of 10 MB), a ReadError is
    raised: in what it has read till then, nobody could tell that the rest is missing.
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
            raise ReadError("extract_failed", f"its parser failed: {fault.message.partition(',')[0].strip()}")
    for behind in list(tree.itersiblings("html")):  # what stands behind "</html>", as browsers take it
        behind.tag = "div"
        next(tree.iter("body"), tree).append(behind)
    return tree


def visible_text(fragment: str, quoted: str = "") -> tuple[str, tuple[str, ...]]:
    """Return the visible text of a fragment of HTML, a line for each block, and notes of what is hidden.

    The lines of what `quoted`, an XPath, finds begin with `>`, as quotations of other messages do in plain text.
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
    from lxml.etree import iterwalk, strip_elements

    strip_elements(tree, "script", with_tail=False)
    for row in list(tree.iter("tr")):
        _mark_cells(row)
    parts: list[str] = []
    for body in tree.iter("body"):
        for event, element in iterwalk(body, events=("start", "end")):
            text = element.text if event == "start" else element.tail if element is not body else None
            parts += ("\n" if element.tag in _BLOCKS else "", (text or "").replace("\n", " "))
    rows = ("".join(parts)).split("\n")
    lines = ("\t".join(filter(None, (" ".join(cell.split()) for cell in row.split(_CELL)))) for row in rows)
    return "\n".join(filter(None, lines))


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
