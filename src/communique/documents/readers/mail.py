"""Mail (EML, mbox): attachments and what an answer quotes are left out, a forwarded message is its own article.

A message that only hands on another one (a cover note of a few words) gives that one. Pages that browsers save in the
form of a message (MHTML) are read like any other page.
"""

from __future__ import annotations

import contextlib
import dataclasses
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from communique.documents.document import Document
from communique.documents.readers import html
from communique.documents.readers.bounded import bounded_lines, open_inflated
from communique.documents.readers.fragment import visible_text
from communique.documents.readers.quotations import FEW_WORDS, parted, unsigned
from communique.documents.readers.reader import Article, ReadError, ReadOptions, Skipped
from communique.documents.readers.sandbox import SandboxedReader
from communique.documents.readers.text import Decoded, decode, decode_page, find_encoding

_LONGEST_LINE = 1 << 20
_STUB = 0.4  # words of the plain text for each of the HTML: fewer, and it only says that there is HTML
_LONGEST_STUB = 40
_DEEPEST = 50
_SENT = ("message-id", "received", "to", "return-path")
_PLACES = ("snapshot-content-location", "content-location")
_MOST_ACCENTS = 0.25  # share of a text: what has more letters beyond ASCII is not of the West, whatever it is called
_HTML_QUOTES = (
    "//blockquote[@type='cite'] | //*[contains(concat(' ', @class, ' '), ' gmail_quote ')] | //*[@class='yahoo_quoted'"
    " or @class='moz-cite-prefix']"
)


@dataclasses.dataclass(slots=True)
class _Found:
    """What stands in the parts of a message."""

    texts: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    forwarded: list[MIMEPart] = dataclasses.field(default_factory=list)
    attachments: list[MIMEPart] = dataclasses.field(default_factory=list)


class EmlReader(SandboxedReader):
    """Reads a message as one article, one that it forwards as another; and the pages that browsers save in this form."""

    suffixes = (".eml", ".mht", ".mhtml")


class MboxReader:
    """Reads each message of a folder of mail in one file as one article. A line `From ` behind a blank line begins a message."""

    suffixes = (".mbox",)

    def read(self, path: Path, options: ReadOptions) -> Iterator[Document | Skipped]:
        """Yield the messages in order; they count from 1."""
        source = options.source or str(path)
        for number, raw in enumerate(_messages(path, options), 1):
            where = f"{source}:{number}"
            if raw is None:
                yield Skipped(where, "too_long", f"a message of more than {options.max_container:,} bytes")
            else:
                yield from EmlReader().read_bytes(raw, where, options)


def _messages(path: Path, options: ReadOptions) -> Iterator[bytes | None]:
    """Yield the bytes of each message, None for one over the limit; mailbox.mbox reads them unbounded."""
    message: bytearray | None = bytearray()
    begun, blank = False, True
    with open_inflated(path, options.max_ratio) as stream:
        for line in bounded_lines(stream, _LONGEST_LINE):
            if line is not None and blank and line.startswith(b"From "):
                if begun:
                    yield message if message is None else bytes(message)
                message, begun, blank = bytearray(), True, False
                continue
            begun = begun or bool(line and line.strip())
            if line is None or message is None or len(message) + len(line) > options.max_container:
                message = None
            else:
                message += line.removeprefix(b">") if line.startswith(b">From ") else line
            blank = line in {b"\n", b"\r\n"}
    if begun:
        yield message if message is None else bytes(message)


def parse(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a message: its text, and the messages that it forwards; runs in the worker. No text is a ReadError."""
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)
    articles = _saved_page(message, hints) or list(_articles(message, hints, _DEEPEST))
    if not articles:
        raise ReadError("no_text", "the message has no text")
    return articles


def _saved_page(message: EmailMessage, hints: dict[str, Any]) -> list[Article]:
    """Read a page that was saved with its address, without its frames; nothing for a message that was sent."""
    if any(name in message for name in _SENT) or message.get_content_type() not in {"multipart/related", "text/html"}:
        return []
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    found = ("".join((_header(at, name) or "").split()) for at in (message, *pages[:1]) for name in _PLACES)
    url = next((address for address in found if address.startswith(("http:", "https:"))), None)
    if not pages or not url:
        return []
    envelope = {"url": url, "charset": pages[0].get_content_charset(), "seen": _header(message, "date")}
    articles = html.parse(_payload(pages[0]), {**hints, **envelope})
    notes = (f"{len(pages) - 1} frames of the page left out",) if len(pages) > 1 else ()
    return [dataclasses.replace(article, notes=article.notes + notes) for article in articles]


def _header(part: MIMEPart, name: str) -> str | None:
    """Return a header of a message or of a part of it; None if there is none, or it can't be read."""
    with contextlib.suppress(Exception):  # the standard library raises IndexError and worse on bad headers
        return str(part[name] or "") or None
    return None


def _payload(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _articles(message: MIMEPart, hints: dict[str, Any], depth: int) -> Iterator[Article]:
    """Yield the message, unless it only hands on others, then those that it forwards."""
    found = _Found()
    _collect(message, hints, found, depth)
    part = next((p for p in found.attachments if p.get_content_maintype() == "text"), None)
    if part is not None and not any(map(str.strip, found.texts)):
        found.attachments.remove(part)
        found.texts.append(_text(part, hints, found))
    if found.attachments:
        found.notes.append(f"{len(found.attachments)} attachments left out")
    forwarded = [each for part in found.forwarded if depth for each in _articles(part, hints, depth - 1)]
    article = _article(message, found)
    if article is not None and forwarded and _words(unsigned(article.text, article.author)) < FEW_WORDS:
        note = f"forwarded by {article.author or 'somebody'}: {' '.join(article.text.split())!r}"
        forwarded = [dataclasses.replace(each, notes=(*each.notes, note)) for each in forwarded]
    elif article is not None:
        yield from parted(article, " ".join(filter(None, (_header(message, "to"), _header(message, "cc")))))
    yield from forwarded


def _article(message: MIMEPart, found: _Found) -> Article | None:
    texts = [t for t in found.texts if t.strip()]
    if not texts:
        return None
    longest = max(texts, key=_words)
    kept = [t for t in texts if t is longest or _words(t) >= FEW_WORDS]
    if len(kept) < len(texts):
        found.notes.append(f"{len(texts) - len(kept)} short parts left out")
    return Article(
        "\n\n".join(kept),
        title=_header(message, "subject"),
        published=_header(message, "date"),
        published_basis="mail header",
        author=_header(message, "from"),
        id=(_header(message, "message-id") or "").strip("<> ") or None,
        notes=tuple(found.notes),
    )


def _collect(part: MIMEPart, hints: dict[str, Any], found: _Found, depth: int) -> None:
    kind = part.get_content_type()
    if kind == "message/rfc822":
        found.forwarded += part.iter_parts()
    elif part.is_multipart():
        children = list(part.iter_parts())
        if depth == 0:
            raise ReadError("extract_failed", "it is nested too deeply")
        if kind == "multipart/alternative":
            _choose(children, hints, found, depth - 1)
            return
        for child in children:
            if kind == "multipart/digest" and child.get_content_type() == "text/plain" and not child.is_multipart():
                child.set_type("message/rfc822")
            _collect(child, hints, found, depth - 1)
    elif kind in {"text/plain", "text/html"} and part.get_content_disposition() != "attachment":
        found.texts.append(_text(part, hints, found))
    else:
        found.attachments.append(part)


def _choose(children: list[MIMEPart], hints: dict[str, Any], found: _Found, depth: int) -> None:
    """Take the plain text of several forms of one text, or the longest where the plain text only says that there is HTML."""
    forms: list[tuple[bool, _Found]] = []
    for child in children:
        form = _Found()
        _collect(child, hints, form, depth)
        forms.append((child.get_content_type() == "text/plain", form))
        found.forwarded += form.forwarded
        found.attachments += form.attachments
    if not forms:
        return
    longest = max((form for _, form in forms), key=lambda form: sum(map(_words, form.texts)))
    chosen = next((form for plain, form in forms if plain and not _is_stub(form.texts, longest.texts)), longest)
    found.texts += chosen.texts
    found.notes += chosen.notes


def _is_stub(texts: list[str], others: list[str]) -> bool:
    """Tell whether a text is far shorter than another form of it, or says something else in few words."""
    words, other = " ".join(texts).casefold().split(), " ".join(others).casefold().split()
    strange = len(set(words) & set(other)) * 2 < len(set(words))
    return len(words) <= _STUB * len(other) or (strange and len(words) < min(_LONGEST_STUB, len(other)))


def _text(part: MIMEPart, hints: dict[str, Any], found: _Found) -> str:
    payload, charset, named = _payload(part), part.get_content_charset(), hints.get("encoding")
    if part.get_content_type() == "text/html":
        decoded = decode_page(payload, named or charset, named=bool(named))
        text, hidden = visible_text(decoded.text, _HTML_QUOTES)
        found.notes += decoded.notes + hidden
        return text
    text, notes = _decoded(payload, charset, named)
    found.notes += notes
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _unflowed(text, keep_space=str(part.get_param("delsp", "")).lower() != "yes")
    return text


def _unflowed(text: str, *, keep_space: bool) -> str:
    """Join the lines that format=flowed (RFC 3676) marks with a space at their end."""
    lines: list[str] = []
    open_quote: str | None = None
    for line in text.splitlines():
        bare = line.lstrip(">")
        marks, content = line[: len(line) - len(bare)], bare.removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        content = content[:-1] if soft and not keep_space else content
        if open_quote == marks and lines and content != "-- ":
            lines[-1] += content
        else:
            lines.append(f"{marks} {content}" if marks else content)
        open_quote = marks if soft else None
    return "\n".join(lines)


def _words(text: str) -> int:
    return len(text.split())


def _decoded(payload: bytes, charset: str | None, encoding: str | None) -> Decoded:
    """Decode plain text as mail programs do: by what it is called, with the characters of Windows."""
    if encoding or not charset or b"\0" in payload:
        return decode(payload, encoding)
    name, notes = find_encoding(payload, charset, what="message")
    western = name != "cp1252" or sum(byte > 127 for byte in payload) <= _MOST_ACCENTS * len(payload)
    with contextlib.suppress(ReadError):  # not what it says
        if western:
            decoded = decode(payload, name)
            return Decoded(decoded.text, notes + decoded.notes)
    return decode(payload)
