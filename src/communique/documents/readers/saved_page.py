"""Pages that browsers save in the form of a message (MHTML): the page is read like any other, its frames are left out."""

from __future__ import annotations

import dataclasses
from email.message import MIMEPart
from typing import Any

from communique.documents.readers import html
from communique.documents.readers.reader import Article

_SENT = ("message-id", "received", "to", "return-path")
_PLACES = ("snapshot-content-location", "content-location")


def saved_page(message: MIMEPart) -> MIMEPart | None:
    """Return the part of a message that is a page saved with its address; None for a message that was sent."""
    if any(name in message for name in _SENT) or message.get_content_type() not in {"multipart/related", "text/html"}:
        return None
    part = next((p for p in message.walk() if p.get_content_type() == "text/html"), None)
    return part if part is not None and _address(message, part) else None


def page_articles(message: MIMEPart, part: MIMEPart, hints: dict[str, Any]) -> list[Article]:
    """Parse the page that is a part of a message.

    Raises:
        ReadError: There is no article in it.
    """
    payload = part.get_payload(decode=True)
    envelope = {"url": _address(message, part), "charset": part.get_content_charset(), "seen": header(message, "date")}
    found = html.parse(payload if isinstance(payload, bytes) else b"", {**hints, **envelope})
    frames = sum(p.get_content_type() == "text/html" for p in message.walk()) - 1
    notes = (f"{frames} frames of the page left out",) if frames else ()
    return [dataclasses.replace(article, notes=article.notes + notes) for article in found]


def _address(message: MIMEPart, part: MIMEPart) -> str | None:
    """Return where the page stood; the addresses of frames and of files are none."""
    found = ("".join((header(at, name) or "").split()) for at in (message, part) for name in _PLACES)
    return next((address for address in found if address.startswith(("http:", "https:"))), None)


def header(part: MIMEPart, name: str) -> str | None:
    """Return a header of a message or of a part of it; None if there is none, or it can't be read."""
    try:
        value = part[name]
    except Exception:  # noqa: BLE001 - the header parser of the standard library raises IndexError and worse on bad headers
        return None
    return str(value) if value else None
