"""Files made to hurt: for each its suffix, how it must end, and what makes its bytes.

Our own making, small to write down.
"""

import functools
import gzip
import io
import zipfile
import zlib

PAGES = {
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">Hello</p>",
    "same_attribute": "<p " + "style='a:b' " * 50_000 + ">Hello</p>",
    "nested": "<div>" * 100_000 + "Hello",
    "nested_inline": "<b>" * 100_000 + "Hello",
    "nested_links": "<a href='x'>" * 100_000 + "Hello",
    "nested_tables": "<table><tr><td>" * 30_000 + "Hello",
    "tags_of_many_attributes": ("<p " + " ".join(f"a{n}=1" for n in range(4_900)) + ">Hello</p>") * 8,
    "angles": "<" * 200_000,
    "cells": "<table>" + ("<tr>" + "<td>1</td>" * 1000 + "</tr>") * 1000 + "</table>",
    "entities": "<p>" + "&amp;&#x26;&lt;" * 70_000 + "</p>",
    "comments": "<!--" * 100_000 + "Hello",
    "long_comment": "<!-- " + "-" * 2_000_000 + "Hello",
    "style": "<p style='" + "color:" * 200_000 + "'>Hello</p>",
    "sheet": "<style>" + "@media{" * 100_000 + "</style><p>Hello</p>",
    "open_rules": "<style>" + "a{b" * 100_000 + "</style><p>Hello</p>",
    "classes": "<p class='" + "related-" * 100_000 + "'>Hello</p>",
    "doctype": "<!doctype html " + "[" * 500_000,
    "json": "<script type='application/ld+json'>" + "[" * 400_000 + "</script><p>Hello</p>",
    "one_line": "<p>" + "word " * 2_000_000 + "</p>",
    "no_spaces": "<p>" + "x" * 10_000_000 + "</p>",
    "paragraphs": "<article>" + "<p>The minister met the envoy in Quito and they talked.</p>" * 100_000 + "</article>",
    "dates": "<p>" + "2024-05-02 1/2/2024 May 2 " * 50_000 + "</p>",
    "urls": "<p>" + "<a href='http://169.254.169.254/latest'>x</a> " * 30_000 + "</p>",
    "meta": "<meta property='og:title' content='" + "x" * 3_000_000 + "'><p>Hello</p>",
    "charset": "<meta charset='" + "a" * 1_000_000 + "'><p>Hello</p>",
}
"""Web pages."""

OUTCOMES = {
    "attributes": "extract_failed",
    "same_attribute": "extract_failed",
    "nested": "extract_failed",
    "nested_inline": "extract_failed",
    "nested_links": "extract_failed",
    "nested_tables": "extract_failed",
    "angles": "read",
    "cells": "extract_failed",
    "entities": "read",
    "comments": "no_text",
    "long_comment": "no_text",
    "style": "read",
    "sheet": "read",
    "open_rules": "read",
    "classes": "read",
    "doctype": "no_text",
    "json": "read",
    "one_line": "extract_failed",
    "no_spaces": "extract_failed",
    "paragraphs": "extract_failed",
    "dates": "read",
    "urls": "read",
    "meta": "read",
    "charset": "read",
    "tags_of_many_attributes": "read",
}
"""`read` where nothing is lost: the page is odd, and its text is there."""


def slow():
    return "<article>" + "<p>The minister met the envoy in Quito and they talked.</p>" * 15_000 + "</article>"


@functools.cache
def gzip_bomb():
    return gzip.compress(b"0" * 60_000_000)


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("word/document.xml", b"0" * 120_000_000)
    return out.getvalue()


def warc(length):
    """A record whose header says that its body has so many bytes."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Ito met the envoy.</p>"
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/1\r\nWARC-Date:"
        f" 2024-05-02T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {length}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def laughs():
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    item = "<rss version='2.0'><channel><item><description>&j;</description></item></channel></rss>"
    return f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha">{entities}]>{item}'.encode()


def outside_entity():
    item = "<rss version='2.0'><channel><item><description>&a;</description></item></channel></rss>"
    return f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>{item}'.encode()


def pdf(*, password=None, recursive=False, bomb=False):
    """One page without text.

    Or one that needs a password, whose tree of pages holds itself, whose content is a bomb.
    """
    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, NameObject, StreamObject

    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    if bomb:
        content = StreamObject()
        squeeze = zlib.compressobj(9)
        begins = squeeze.compress(b"BT /F1 12 Tf (a) Tj ET ") + squeeze.flush(zlib.Z_FULL_FLUSH)
        zeros = squeeze.compress(b"0" * 1_000_000) + squeeze.flush(zlib.Z_FULL_FLUSH)  # stands for itself
        content.set_data(begins + zeros * 600)
        content[NameObject("/Filter")] = NameObject("/FlateDecode")
        page[NameObject("/Contents")] = writer._add_object(content)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        font = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if recursive:
        tree = writer._root_object["/Pages"].get_object()
        tree["/Kids"].append(writer._root_object.raw_get("/Pages"))
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


TEXT = "The ministers met in Quito again, and the envoys of both states agreed to go on with the talks."
FILES = {name: (".html", outcome, lambda name=name: PAGES[name].encode()) for name, outcome in OUTCOMES.items()} | {
    "slow_page": (".html", "read", lambda: slow().encode()),
    "gzip_bomb": (".html.gz", "bomb", gzip_bomb),
    "gzip_bomb_named_txt": (".txt", "bomb", gzip_bomb),
    "zip_bomb": (".docx", "bomb", zip_bomb),
    "warc_too_long": (".warc", "unreadable", lambda: warc(99_999)),
    "warc_too_short": (".warc", "unreadable", lambda: warc(5)),
    "warc_no_number": (".warc", "unreadable", lambda: warc("-1")),
    "warc_blank_header": (".warc", "unreadable", lambda: b"WARC/1.1\r\n" + b" \n" * 21_000 + b"\r\n\r\n"),
    "xml_laughs": (".rss", "bomb", laughs),
    "xml_outside_entity": (".rss", "bomb", outside_entity),
    "pdf_without_text": (".pdf", "no_text", pdf),
    "pdf_with_password": (".pdf", "encrypted", lambda: pdf(password="secret")),
    "pdf_recursive": (".pdf", "no_text", lambda: pdf(recursive=True)),
    "pdf_bomb": (".pdf", "extract_failed", lambda: pdf(bomb=True)),
    "png_named_txt": (".txt", "binary", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99),
    "nul": (".txt", "binary", lambda: TEXT.encode() + b"\0" + TEXT.encode()),
    "utf16_without_mark": (".txt", "read", lambda: TEXT.encode("utf-16-le")),
    "invalid_utf8": (".txt", "read", lambda: TEXT.encode() + b"\xff\xfe\x80 " + TEXT.encode()),
    "not_utf8_at_all": (".txt", "wrong_encoding", lambda: "Министры встретились в Кито".encode("cp1251")),
    "lone_surrogate": (".jsonl", "read", lambda: b'{"text": "Ito met the envoy \\ud800 in Quito."}'),
    "deep_json": (".jsonl", "bad_row", lambda: b"[" * 200_000),
    "line_of_50_mb": (".txt", "too_long", lambda: b"x" * 50_000_000),
    "row_of_50_mb": (".jsonl", "too_long", lambda: b'{"text": "' + b"x" * 50_000_000 + b'"}'),
    "ansi": (".txt", "read", lambda: b"\x1b]0;owned\x07" + TEXT.encode() + b"\x1b[31m"),
    "empty": (".txt", "empty", lambda: b""),
}
"""Name: suffix, reason or `read`, what makes the bytes."""
