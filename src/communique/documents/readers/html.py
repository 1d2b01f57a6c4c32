"""Web pages: the visible article, its title, date of publication, author, publisher and address.

What is beside the article is dropped: cards that lead to others, dialogs, newsletters, biographies of authors.
"""

from __future__ import annotations

import re
from typing import Any

from communique.documents.paragraphs import join_lines
from communique.documents.readers.fragment import HEADINGS, load_tree
from communique.documents.readers.page_metadata import headings, key, page_metadata, text_of, without_site
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader
from communique.documents.readers.text import decode_page
from communique.documents.readers.visibility import drop_hidden, weigh
from communique.documents.sanitise import sanitise

_ENOUGH_TO_DETECT = 400  # code points
_MOST_NULS = 100  # one in so many: browsers pass over a stray NUL
_MAX_TREE = 50_000  # elements: five times those of a rich page; extraction slows down with their square
_LONG_TAG = re.compile(r"<[a-z][^<>]{50000,}", re.IGNORECASE)
_MAX_ATTRIBUTES = 5000  # of one tag: the parser compares each with all before it

_ASIDE_NAMES = (
    r"(newsletter|author-?_?bio\w*|author__bio\w*|biograph\w*|related\w*|recommend\w*|most-?_?(popular|read|viewed)"
    r"|trending|comments?(-?_?(section|widget|list|area|form))?|cookie\w*|consent\w*|social-?_?share"
    r"|share-?_?(bar|buttons?|tools?)|breadcrumbs?\w*|promo\w*|sponsored|advert\w*|outbrain|taboola"
    r"|paywall-?_?(prompt|offer))"
)
_ASIDE = re.compile(rf"(^|[-_\s]){_ASIDE_NAMES}($|[-_\s])", re.IGNORECASE)
_ASIDE_ALONE = re.compile(_ASIDE_NAMES, re.IGNORECASE)
_BIOGRAPHY = re.compile(r"biograph\w*", re.IGNORECASE)
_WRITER = re.compile(r"author|writer|byline|contributor", re.IGNORECASE)
_SAYS_OF_ARTICLE = re.compile(
    r"^(no|has|have|with|without|is|can|show|hide|js|allow|enable)-?_"
    r"|[-_](closed|open|enabled|disabled|given|accepted|visible|loaded|on|off)$",
    re.IGNORECASE,
)
_WIDE = {"html", "body", "main", "article"}
_CHAPTERS = {"p", "section", *HEADINGS}  # their ids may say what stands in them: "related-party-deals"
_HEADING = " or ".join(f"self::{name}" for name in HEADINGS)
_BLOCKS = f"descendant::*[self::p or self::div or self::section or {_HEADING}]"
_HEADED = f"descendant::*[self::img or {_HEADING}]"
_PLAIN_CARD = f"descendant::*[self::img or self::div or self::section or {_HEADING}]"
_SENTENCE = re.compile(r"[.。।۔][\"”’»)\]]*$")
_LONGEST_CARD = 2000
_MOST_OF_ARTICLE = 0.4  # share of a page's own text: what holds more is no aside


class HtmlReader(SandboxedReader):
    """Reads a page as one article.

    The hints of its envelope are `url`, `charset`, `published`, `published_basis` and `seen`, a day on which it was there.
    """

    suffixes = (".html", ".htm", ".xhtml")


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a page; runs in the worker. A page without an article is a ReadError."""
    from trafilatura import bare_extraction

    if not raw.strip():
        raise ReadError("empty", "there is no text")
    text, notes = decode_page(raw, hints.get("encoding") or hints.get("charset"), named=bool(hints.get("encoding")))
    if text.count("\0") * _MOST_NULS > len(text):
        raise ReadError("binary", "contains NUL bytes, so it is not text")
    if any(tag.count("=") > _MAX_ATTRIBUTES for tag in _LONG_TAG.findall(text)):
        raise ReadError("extract_failed", f"a tag has more than {_MAX_ATTRIBUTES:,} attributes")
    tree = load_tree(text.replace("\0", ""))
    if sum(1 for _ in tree.iter()) > _MAX_TREE:
        raise ReadError("extract_failed", f"the page has more than {_MAX_TREE:,} elements")
    url = hints.get("url")
    metadata = page_metadata(tree, url, hints.get("seen"))
    titles = headings(tree)
    notes += metadata.notes + drop_hidden(tree) + _drop_asides(tree) + _unwrap(tree)
    found: Any = bare_extraction(
        tree,
        url=url,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"extensive_search": False},  # what it guesses is not used
    )
    if found is None or not (found.text or "").strip():
        raise ReadError("no_text", "no article was found on the page")
    outlet, url = metadata.outlet or found.sitename, url or found.url
    title = without_site(metadata.title or found.title or "", titles, outlet, found.sitename, url)
    lines = list(filter(None, map(_without_bars, found.text.strip().split("\n"))))
    if len(lines) > 1 and key(lines[0]) in titles | {key(title)}:
        lines = lines[1:]  # the headline, which is kept as the title
    text = "\n".join(lines)
    published, basis = metadata.published, "page metadata"
    if not published:
        published, basis = hints.get("published"), hints.get("published_basis") or ""
    return [
        Article(
            text,
            title=title or None,
            published=published,
            published_basis=basis if published else None,
            language=metadata.language if len(text) < _ENOUGH_TO_DETECT else None,  # a page's own word is often wrong
            outlet=outlet,
            author=found.author,
            url=url,
            wrapped=False,
            notes=notes,
        )
    ]


def _unwrap(tree: Any) -> tuple[str, ...]:
    """Make paragraphs of preformatted text that was cut at a column; return a note of the line ends that stood in them."""
    ends = 0
    for block in list(tree.iter("pre")):
        for line_end in block.iter("br"):
            line_end.tail = f"\n{line_end.tail or ''}"
        clean = sanitise(block.text_content())
        text = join_lines(clean).text
        if text == clean.text:
            continue
        ends += clean.text.count("\n") - text.count("\n")
        for child in list(block):
            block.remove(child)
        block.tag, block.text = "div", None
        for line in filter(str.strip, text.split("\n")):
            block.append(block.makeelement("p"))
            block[-1].text = line.strip()
    return (f"{ends} line ends inside paragraphs joined",) if ends else ()


def _without_bars(line: str) -> str:
    """Return a line, a row of a table with tabs between its cells instead of the extractor's bars."""
    if not (line.startswith("|") and line.rstrip().endswith("|")):
        return line
    return "\t".join(cell.strip() for cell in line.split("|") if cell.strip(" -:"))


def _drop_asides(tree: Any) -> tuple[str, ...]:
    """Drop what is beside the article; return a note of the code points that stood inside the page's article."""
    dropped = sum(map(_drop, filter(_is_card, tree.xpath(f"//a[@href][{_BLOCKS}]"))))
    weights = weigh(tree)
    whole = len("".join(tree.itertext()))
    for element in tree.xpath("//*[@class or @id or @role]"):
        if element.tag in _WIDE or element.getparent() is None:
            continue
        if weights[element] > _MOST_OF_ARTICLE * weights[tree]:
            _rename(element)
        elif _is_aside(element) and element.find(".//h1") is None and len("".join(element.itertext())) * 2 < whole:
            dropped += _drop(element)
        elif _is_chapter(element):
            _rename(element)
            element.attrib.pop("id", None)  # the extractor drops "navy-contracts", too
    return (f"{dropped} characters beside the article left out",) if dropped else ()


def _drop(element: Any) -> int:
    """Drop an element; return the code points of text that it added to the article around it, 0 outside of one."""
    length = 0
    if next(element.iterancestors("article"), None) is not None:
        scripts = sum(len(text_of(script)) for script in element.iter("script", "style"))
        length = len(text_of(element)) - scripts
    element.drop_tree()
    return length


def _is_card(link: Any) -> bool:
    """Tell whether a link around blocks leads to another article, and is no part of the text."""
    if link.getparent() is None or len("".join(link.itertext())) > _LONGEST_CARD:
        return False
    if link.xpath("preceding-sibling::p and following-sibling::p") and not link.xpath(_PLAIN_CARD):
        return False
    around = next(link.iterancestors("ul", "ol"), None)
    if around is None or next(around.iterancestors("article"), None) is None or around.find(".//img") is not None:
        return True
    several = [text_of(item) for item in around.iterchildren("li")]  # sentences, or the titles of others
    return len(several) < 2 or not all(map(_SENTENCE.search, several)) or bool(around.xpath(_HEADED))


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
    near = [element, *list(element.iterancestors())[:2]]
    of_author = any(_WRITER.search(" ".join(_names(e, "class", "id"))) for e in near)
    return of_author or not all(map(_BIOGRAPHY.fullmatch, found))


def _is_chapter(element: Any) -> bool:
    """Tell whether an element may be a part of the article that has its id from what it says."""
    if next(element.iterancestors("article", "main"), None) is None:
        return False
    if element.tag not in _CHAPTERS:
        place = key(element.get("id", "")[:1000])
        heading = next(element.iter(*HEADINGS), None) if place else None
        if heading is None or key(heading.text_content()) != place:
            return False
    return not _is_of_links(element)


def _is_of_links(element: Any) -> bool:
    links = sum(len(text_of(link)) for link in element.iter("a"))
    return links * 2 > len(text_of(element))


def _names(element: Any, *attributes: str) -> list[str]:
    return str(" ".join(element.get(name, "")[:1000] for name in attributes)).split()
