"""Tell apart, in the text of a message, what its sender wrote, what it hands on and what it only quotes.

A message that is forwarded inside the text is an article of its own, with its own date. What an answer quotes was said by
someone else, on another day: it is left out, with a note, unless the answer adds a few words only.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any, NamedTuple

from communique.documents.readers.reader import DAY, Article, as_date

FEW_WORDS = 15  # a cover note has fewer words than this; its signature doesn't count

MOST_FORWARDED = 10  # messages inside one another that are looked for

_SUBJECT = re.compile(r"(?im)^(?:subject|betreff|objet|asunto|oggetto|onderwerp|temat|ämne|emne)\s*:\s*(.+)$")
_FIELD = re.compile(r"^[*> ]*[^\W\d_][\w /-]{0,24}\*?\s?[:：]\*?[ \t]*(?=\S)", re.MULTILINE)
_MARKER = re.compile(r"[-_=*]{3}.*")  # the line above the header of a forwarded message, in any language
_CONTACT = re.compile(r"\S@\w[\w-]*\.\w|\bwww\.\w|(?:\d[ ()/.-]{0,3}){9}")  # an address, or a telephone number
_LONGEST_CONTACT = 12
_LONGEST_SIGNATURE = 150  # words, with what lawyers add; what is longer is text below a letterhead
_ENDS = re.compile(r"[.!?。！？,:]$")
_LONGEST_NOTE = 300


class _Parts(NamedTuple):
    """The text of a message: what stands before and around the first message inside, its header and its text."""

    own: str
    header: str
    inside: str


def parted(article: Article, recipients: str, depth: int = MOST_FORWARDED) -> Iterator[Article]:
    """Yield what the sender of a message to `recipients` wrote, and what it forwards or, if that is most of it, quotes.

    Messages inside one another are looked for `depth` times.
    """
    parts = _split(article.text, article.author) if depth else None
    if parts is None:
        yield article
        return
    sender, others = _people(parts.header)
    forwarded = len(_FIELD.findall(parts.header)) > 1 and not _is_among(sender, recipients)
    above, _, last = parts.own.rstrip().rpartition("\n")
    own = above.rstrip() if forwarded and _MARKER.fullmatch(last.strip()) else parts.own
    words = len(unsigned(own, article.author).split())
    note = f"{'forwarded' if forwarded else 'quoted'} by {article.author or 'somebody'}"
    if shown := " ".join(own.split()):
        note += f": {shown if len(shown) <= _LONGEST_NOTE else shown[:_LONGEST_NOTE] + '…'!r}"
    day = next(filter(None, map(as_date, DAY.findall(parts.header))), None)
    subject = _SUBJECT.search(_unmarked(parts.header))
    inside = dataclasses.replace(
        article,
        text=parts.inside,
        title=subject.group(1).strip() if subject else article.title,
        published=day.isoformat() if day else None,
        author=sender or None,
        id=None,
    )
    if words < FEW_WORDS and (forwarded or words < len(parts.inside.split())):
        inside = dataclasses.replace(inside, notes=(*article.notes, note))
        yield from parted(inside, others, depth - 1)
    elif forwarded:
        yield dataclasses.replace(article, text=own)
        yield from parted(inside, others, depth - 1)
    else:
        yield dataclasses.replace(article, text=own, notes=(*article.notes, "quotations of other messages left out"))


def unsigned(text: str, author: str | None) -> str:
    """Return a text of a message before its signature, as well as that can be told; for counting its words."""
    message = _message(text)
    signature = message.SIGNATURE_REGEX.search(message.text)
    lines = message.text[: signature.start() if signature else None].split("\n")
    above = "\n".join(lines[: _signed_at(lines, _letters(parseaddr(author or "")[0]))])
    return above if len(text.split()) - len(above.split()) <= _LONGEST_SIGNATURE else text


def _message(text: str) -> Any:
    from mailparser_reply import EmailMessage
    from mailparser_reply.constants import MAIL_LANGUAGES

    return EmailMessage(text=text, languages=[*MAIL_LANGUAGES], keep_hyphen_lists=True)


def _signed_at(lines: list[str], name: list[str]) -> int:
    """Return the line at which a signature begins: the name of the sender, or what stands over an address."""
    for at, line in enumerate(lines):
        if name and _letters(line) == name:
            return at
        if _CONTACT.search(line) and _is_short(line):
            return 1 + max((n for n in range(at) if not lines[n].strip() or not _is_short(lines[n])), default=-1)
    return len(lines)


def _is_short(line: str) -> bool:
    """Tell whether a line may be one of a signature, and is no running text."""
    return len(line.split()) <= _LONGEST_CONTACT and not _ENDS.search(line.strip())


def _letters(text: str) -> list[str]:
    return sorted(re.findall(r"[^\W\d_]+", text.casefold()))


def _split(text: str, author: str | None) -> _Parts | None:
    """Find the first message inside the text of another, or what is marked as quoted; None where there is none."""
    message = _message(f"\n\n{text}")
    found = message.HEADER_REGEX.search(message.text)
    before, header, behind = _whole(message, found) if found else (message.text, "", "")
    is_quoted = header.startswith(">")
    if len(_FIELD.findall(header)) > 1 and not is_quoted:
        all_marked = all(line.startswith(">") for line in behind.split("\n") if line.strip())
        return _Parts(before.strip(), header, _unmarked(behind) if all_marked else behind.strip())
    outer = "" if is_quoted else header
    lines = message.text.replace(outer, "", 1).split("\n")
    marked = [line for line in lines if line.startswith(">")]
    if not marked:
        return _Parts(before.strip(), header, behind.strip()) if header else None
    first = lines.index(marked[0])
    own = "\n".join(lines[:first]).strip()
    below = "\n".join(line for line in lines[first:] if not line.startswith(">")).strip()
    if len(unsigned(own, author).split()) < FEW_WORDS and below:
        own = f"{own}\n{unsigned(below, author)}".strip()
    inside = _unmarked("\n".join(marked))
    nested = _split(inside, None) if is_quoted else None
    if nested and nested.header and len(nested.own.split()) < FEW_WORDS:
        return _Parts(own, nested.header, nested.inside)
    return _Parts(own, outer, inside) if inside else None


def _whole(message: Any, found: re.Match[str]) -> tuple[str, str, str]:
    """Return the whole header of a message inside, between what stands before and behind it."""
    before, header, behind = message.text[: found.start()], found.group().strip("\n"), message.text[found.end() :]
    following = message.HEADER_REGEX.search(behind) if len(_FIELD.findall(header)) < 2 else None
    if following and not behind[: following.start()].strip("\n> "):  # the first only said that it follows
        header, behind = following.group().strip("\n"), behind[following.end() :]
    if len(_FIELD.findall(header)) < 2:
        return before, header, behind
    lines = header.split("\n")
    if lines[-1].strip("> ") and not _FIELD.match(lines[-1]):
        behind = f"\n{lines.pop()}{behind}"
    above = before.split("\n")
    while above and _FIELD.match(above[-1]):
        lines.insert(0, above.pop())
    return "\n".join(above), "\n".join(lines), behind


def _unmarked(text: str) -> str:
    """Return a text without the outermost mark of each line."""
    return "\n".join(re.sub(r"^> ?", "", line) for line in text.split("\n")).strip()


def _people(header: str) -> tuple[str, str]:
    """Return who sent a message with such a header in its text, and the rest of it, where the others stand."""
    fields = [line for line in _unmarked(header).split("\n") if _FIELD.match(line)]
    if len(fields) < 2:
        return "", ""
    first = fields[0] if not _SUBJECT.match(fields[0]) else next((f for f in fields if "@" in f), "")
    return _FIELD.sub("", first).strip(" *"), "\n".join(f for f in fields if f != first)


def _is_among(sender: str, recipients: str) -> bool:
    """Tell whether a message goes back to the one who sent what stands in it."""
    name, address = parseaddr(sender)
    known = address if "@" in address else name or sender
    return bool(known) and known.casefold() in recipients.casefold()
