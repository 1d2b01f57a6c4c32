"""From a mail message to an article; EML and mbox share it. Attachments are left out."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from communique.documents.readers.article import Article
from communique.documents.readers.decoding import NotTextError, decode
from communique.documents.readers.fragment import visible_text
from communique.documents.readers.html import decode_page
from communique.documents.readers.sandbox import ParseError

PARSER = f"{__name__}:parse_mail"


def parse_mail(raw: bytes, hints: dict[str, Any]) -> list[Article]:
    """Parse a message: its plain text, else the text of its HTML; runs in the worker.

    Raises:
        ParseError: It holds no text.
    """
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(raw)
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        raise ParseError("no_text", "the message has no text")
    payload = body.get_payload(decode=True)
    payload = payload if isinstance(payload, bytes) else b""
    notes: tuple[str, ...] = ()
    if body.get_content_type() == "text/html":
        charset = hints.get("encoding") or body.get_content_charset()
        text = visible_text(decode_page(payload, charset, named=bool(hints.get("encoding"))).text)
    else:
        text, notes = _decoded(payload, body.get_content_charset())
    dropped = sum(1 for _ in message.iter_attachments())
    if dropped:
        notes += (f"{dropped} attachments left out",)
    if not text.strip():
        raise ParseError("no_text", "the message has no text")
    return [
        Article(
            text,
            title=_header(message, "subject"),
            published=_date(message),
            published_basis="mail header",
            author=_header(message, "from"),
            id=(_header(message, "message-id") or "").strip("<> ") or None,
            notes=notes,
        )
    ]


def _decoded(payload: bytes, charset: str | None) -> tuple[str, tuple[str, ...]]:
    for name in (charset, None):
        try:
            found = decode(payload, name)
        except NotTextError as error:
            if name is None:
                raise ParseError(error.reason, error.detail) from error
        except Exception:  # noqa: BLE001, S112 - a charset that nobody knows: find out
            continue
        else:
            return found.text, found.notes
    return "", ()


def _date(message: EmailMessage) -> str | None:
    try:
        found = message["date"].datetime
    except (AttributeError, ValueError, TypeError, IndexError):
        return None
    return found.isoformat() if found else None


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message[name]
    except Exception:  # noqa: BLE001 - the header parser of the standard library raises IndexError and worse on bad headers
        return None
    return str(value) if value else None
