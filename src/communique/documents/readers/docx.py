"""Word documents (.docx, .docm, .dotx), as mammoth reads them: tracked changes accepted, footnotes behind the text.

Headers, comments, deletions and hidden runs are left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from communique.documents.readers.fragment import tree_text
from communique.documents.readers.reader import Article, ReadError
from communique.documents.readers.sandbox import SandboxedReader

MAX_PARTS = 5000  # files that the archive may hold

FREE = 1 << 20
_TEXT_PART = re.compile(r"word/[^/]+\.xml$")
_STYLES = "word/styles.xml"
_LOOKS = ("{*}latentStyles", "{*}rPr", "{*}tblPr", "{*}tblStylePr")
"""Most of the styles that Word writes; mammoth, which takes longest over them, asks only how a style is called."""
_WRAPPERS = {"fldSimple", "bdo", "dir", "rubyBase", "ruby"}
"""Elements around text that mammoth leaves out with what is in them."""
_OFF = {"0", "false", "off"}
_REFERENCE = (
    "//sup[a[starts-with(@id, 'footnote-ref') or starts-with(@id, 'endnote-ref')]] | //a[starts-with(@href,"
    " '#footnote-ref') or starts-with(@href, '#endnote-ref')]"
)


class DocxReader(SandboxedReader):
    """Reads a Word document as one article."""

    suffixes = (".docx", ".docm", ".dotx", ".dotm")


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a Word document; runs in the worker.

    Raises:
        ReadError: It is no Word document, encrypted, a bomb, or holds no text.
    """
    import lxml.html
    import mammoth

    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        raise ReadError("encrypted", "the Word document needs a password, or has the old format")
    archive = _checked_archive(raw, int(hints["max_ratio"]), int(hints["max_container"]))
    notes: dict[str, int] = {}
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
            what = f"elements {message.message.rpartition(':')[2].strip()} left out"
            notes[what] = notes.get(what, 0) + 1
    return [
        Article(
            text,
            title=_title(archive),
            notes=tuple(f"{count} {what}" for what, count in notes.items() if count),
            wrapped=False,
        )
    ]


def _prepared(old: zipfile.ZipFile, notes: dict[str, int]) -> io.BytesIO:
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
                content = tostring(_prepare(fromstring(content, parser), hiding, notes))
            new.writestr(name, content)
    return out


def _prepare(root: Any, hiding: set[str], notes: dict[str, int]) -> Any:
    for name, what in (
        ("del", "tracked deletions left out"),
        ("ins", "tracked insertions read"),
        ("altChunk", "embedded documents left out"),
    ):
        notes[what] = notes.get(what, 0) + sum(1 for e in root.iter(f"{{*}}{name}") if len(e) or name == "altChunk")
    for run in list(root.iter("{*}r")):
        style = run.find("{*}rPr/{*}rStyle")
        if _is_hidden(run) or (style is not None and _value(style, "val") in hiding):
            for text in run.findall("{*}t"):
                what = "characters of hidden text dropped"
                notes[what] = notes.get(what, 0) + len(text.text or "")
                run.remove(text)
    for element in [e for e in root.iter("{*}*") if e.tag.rpartition("}")[2] in _WRAPPERS]:
        element.tag = element.tag.rpartition("}")[0] + "}smartTag"
    for box in list(root.iter("{*}txbxContent")):
        _take_out(box)
    return root


def _take_out(box: Any) -> None:
    """Put the paragraphs of a text box behind the paragraph that it hangs on; its copy for older programs goes."""
    if any(
        a.tag.endswith("}Fallback") and a.getparent().find(".//{*}Choice//{*}txbxContent") is not None
        for a in box.iterancestors()
    ):
        box.getparent().remove(box)
        return
    host = next((a for a in box.iterancestors() if a.tag.endswith("}p")), None)
    if host is not None and host.getparent() is not None:
        for child in reversed(list(box)):
            host.addnext(child)


def _is_hidden(element: Any) -> bool:
    vanish = element.find("{*}rPr/{*}vanish")
    return vanish is not None and _value(vanish, "val") not in _OFF


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
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as error:
        raise ReadError("unreadable", f"a damaged archive: {error}") from error
    if not any(_TEXT_PART.match(part.filename) for part in parts):
        raise ReadError("binary", "a ZIP archive that is not a Word document")
    if any(part.flag_bits & 1 for part in parts):
        raise ReadError("encrypted", "the archive needs a password")
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if size > max_bytes or len(parts) > MAX_PARTS or size > max(FREE, packed * max_ratio) or packed > len(raw):
        raise ReadError("bomb", f"{len(parts):,} parts expand to {size:,} bytes")
    return archive
