"""Word documents (.docx, .docm, .dotx), as mammoth reads them: tracked changes accepted, footnotes behind the text.

Headers, comments, deletions and hidden runs are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from typing import Any

from communique.documents.readers.bounded import FREE
from communique.documents.readers.fragment import tree_text
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader

MAX_PARTS = 5000  # files that the archive may hold
_TEXT_PART = re.compile(r"word/[^/]+\.xml$")
_STYLES = "word/styles.xml"
# Most of the styles that Word writes; mammoth, which takes longest over them, asks only how a style is called.
_LOOKS = ("{*}latentStyles", "{*}rPr", "{*}tblPr", "{*}tblStylePr")
_WRAPPERS = {"fldSimple", "bdo", "dir", "rubyBase", "ruby"}  # mammoth leaves them out with the text in them
_REFERENCE = (
    "//sup[a[starts-with(@id, 'footnote-ref') or starts-with(@id, 'endnote-ref')]] | //a[starts-with(@href,"
    " '#footnote-ref') or starts-with(@href, '#endnote-ref')]"
)


class DocxReader(SandboxedReader):
    """Reads a Word document as one article."""

    suffixes = (".docx", ".docm", ".dotx", ".dotm")


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a Word document; runs in the worker. What is none, encrypted, a bomb or without text is a ReadError."""
    import lxml.html
    import mammoth

    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError("encrypted", "the Word document needs a password, or has the old format")
    archive = _checked_archive(raw, int(hints["max_ratio"]), int(hints["max_container"]))
    notes: Counter[str] = Counter()
    try:
        found = mammoth.convert_to_html(_prepared(archive, notes), convert_image=lambda _: [])
    except (KeyError, ValueError, zipfile.BadZipFile, SyntaxError) as error:
        raise ReadError("unreadable", f"a damaged Word document: {error!r}"[:200]) from error
    tree = lxml.html.document_fromstring(f"<html><body>{found.value}</body></html>")
    for reference in tree.xpath(_REFERENCE):
        reference.drop_tree()
    text = tree_text(tree)
    if not text.strip():
        raise ReadError("no_text", "the Word document has no text")
    for message in found.messages:
        if "element was ignored" in message.message:
            notes[f"elements {message.message.rpartition(':')[2].strip()} left out"] += 1
    told = tuple(f"{count} {what}" for what, count in notes.items() if count)
    return [Article(text, title=_title(archive), notes=told, wrapped=False)]


def _prepared(old: zipfile.ZipFile, notes: Counter[str]) -> io.BytesIO:
    """Return the archive without what is hidden, and with text boxes behind the paragraph that holds them."""
    from lxml.etree import XMLParser, fromstring, strip_elements, tostring

    parser = XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    out = io.BytesIO()
    hiding: set[str] = set()
    with zipfile.ZipFile(out, "w") as new:
        for name in sorted(dict.fromkeys(old.namelist()), key=_STYLES.__ne__):  # styles first: they say what is hidden
            content = old.read(name)
            if name == _STYLES:
                styles = fromstring(content, parser)
                hiding = {_value(style, "styleId") for style in styles.iterfind(".//{*}style") if _is_hidden(style)}
                strip_elements(styles, *_LOOKS)
                content = tostring(styles)
            elif _TEXT_PART.match(name):
                root = fromstring(content, parser)
                _prepare(root, hiding, notes)
                content = tostring(root)
            new.writestr(name, content)
    return out


def _prepare(root: Any, hiding: set[str], notes: Counter[str]) -> None:
    notes["tracked deletions left out"] += sum(len(e) > 0 for e in root.iter("{*}del"))
    notes["tracked insertions read"] += sum(len(e) > 0 for e in root.iter("{*}ins"))
    notes["embedded documents left out"] += sum(1 for _ in root.iter("{*}altChunk"))
    for run in list(root.iter("{*}r")):
        style = run.find("{*}rPr/{*}rStyle")
        if _is_hidden(run) or (style is not None and _value(style, "val") in hiding):
            for text in run.findall("{*}t"):
                notes["characters of hidden text dropped"] += len(text.text or "")
                run.remove(text)
    for element in list(root.iter(*(f"{{*}}{name}" for name in _WRAPPERS))):
        element.tag = element.tag.rpartition("}")[0] + "}smartTag"
    for box in list(root.iter("{*}txbxContent")):
        _take_out(box)


def _take_out(box: Any) -> None:
    """Put the paragraphs of a text box behind the paragraph that it hangs on; its copy for older programs goes."""
    copies = (a.getparent() for a in box.iterancestors("{*}Fallback"))
    if any(parent.find(".//{*}Choice//{*}txbxContent") is not None for parent in copies):
        box.getparent().remove(box)
        return
    host = next(box.iterancestors("{*}p"), None)
    if host is not None and host.getparent() is not None:
        for child in reversed(list(box)):
            host.addnext(child)


def _is_hidden(element: Any) -> bool:
    vanish = element.find("{*}rPr/{*}vanish")
    return vanish is not None and _value(vanish, "val") not in {"0", "false", "off"}


def _value(element: Any, name: str) -> str:
    return next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == name), "")


def _title(archive: zipfile.ZipFile) -> str | None:
    from lxml.etree import XMLParser, fromstring

    if "docProps/core.xml" not in archive.namelist():
        return None
    core = fromstring(archive.read("docProps/core.xml"), XMLParser(resolve_entities=False, recover=True))
    return (core.findtext("{*}title") or "").strip() or None if core is not None else None


def _checked_archive(raw: bytes, max_ratio: int, max_bytes: int) -> zipfile.ZipFile:
    """Refuse a bomb before anything is inflated: sizes, ratio, number of parts, parts that overlap."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise ReadError("unreadable", f"a damaged archive: {error}") from error
    parts = archive.infolist()
    if not any(_TEXT_PART.match(part.filename) for part in parts):
        raise ReadError("binary", "a ZIP archive that is not a Word document")
    if any(part.flag_bits & 1 for part in parts):
        raise ReadError("encrypted", "the archive needs a password")
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if size > max_bytes or len(parts) > MAX_PARTS or size > max(FREE, packed * max_ratio) or packed > len(raw):
        raise ReadError("bomb", f"{len(parts):,} parts expand to {size:,} bytes")
    return archive
