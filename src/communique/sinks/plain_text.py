"""Text for people: what `communique extract` prints, a Markdown brief, and untrusted text made safe to look at."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import ClassVar

from communique.schemas import Evidence, VerifiedSummary
from communique.sinks.cards import Card, card_of
from communique.sinks.identifiers import safe_link
from communique.sinks.remarks import GROUPS, VERDICTS, counted, explained, numbered, path_label, responders, why, words
from communique.sinks.sink import TextFileSink

_HIDDEN_FACTS = {"group_key", "cue", "response_status"}
"""Facts that say nothing to a reader beyond the rest of the layout; JSON has them."""
_MARK = {"derived": " (derived)", "worded": " (the model's words)"}
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_IN_LINE = re.compile(f"[\t\n]|{_UNSAFE.pattern}")
_SYNTAX = re.compile(r"([\\`*_{}\[\]<>#+|~@$^]|[:!&](?=\S))")
_LINE_START = re.compile(r"^(\s*)(\d+)?([.)=-])")


def visible(text: str, *, one_line: bool = False) -> str:
    """Return the text with control and bidi characters as symbols: ESC becomes `␛`, U+202E `⟨U+202E⟩`.

    Nothing that a terminal, a log or a browser would act on is left, lone surrogates included. Tab and newline stay unless
    one line is wanted, as a log needs (`␉`, `␊`).
    """
    return (_UNSAFE_IN_LINE if one_line else _UNSAFE).sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"⟨U+{code:04X}⟩"


def render_text(summary: VerifiedSummary, *, width: int = 100) -> str:
    """Return the layout for terminals: each record in plain words, its denials, what the checks say, its evidence quoted below.

    Control and bidi characters are symbols, so that nothing in the article reaches the terminal as a command. Lines are
    wrapped at `width` columns; long words are never cut.
    """
    wrapped: list[str] = []
    for indent, text in _text_of(summary):
        space = " " * indent
        wrapped += textwrap.wrap(
            visible(text, one_line=True),
            width,
            initial_indent=space,
            subsequent_indent=space + "  " * (indent > 0),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(wrapped) + "\n"


def _text_of(summary: VerifiedSummary) -> Iterator[tuple[int, str]]:
    """Yield the lines before they are wrapped, each with its indent."""
    info = summary.document
    records = list(summary.all_records())
    dated = f"published {info.published} ({info.published_basis})" if info.published else "no publication date"
    yield 0, info.title or info.source or info.id
    counts = f"{counted(Counter(r.verdict for r in records)) or 'no records'}, {len(summary.rejections)} rejected"
    yield 0, " · ".join(filter(None, [info.outlet, dated, info.language, counts]))
    yield from ((0, f"Warning: {words(warning)}") for warning in summary.provenance.warnings)
    for kind, group in summary.records.items():
        for number, record in enumerate(group, 1):
            yield 0, ""
            yield from _text_of_card(card_of(kind, record), number)
    if not records:
        yield 0, ""
        yield 0, "Nothing to report."
    if summary.rejections:
        yield 0, ""
        yield 0, "REJECTED"
        for rejection in summary.rejections:
            where = f", {path_label(rejection.field).lower()}" if rejection.field else ""
            yield 2, f"{words(rejection.kind)}{where}: {why(rejection)}"
    if records:
        yield 0, ""
        yield from ((0, told) for told in explained(records))


def _text_of_card(card: Card, number: int) -> Iterator[tuple[int, str]]:
    tags = [*card.badges, *["DENIED"] * card.denied, VERDICTS[card.record.verdict][0].upper()]
    yield 0, f"{card.label.upper()} {number} · {', '.join(tags)}"
    yield 2, card.headline
    for fact in card.facts:
        if fact.field not in _HIDDEN_FACTS:
            yield 2, f"{fact.label}: {'; '.join(map(str, fact.values))}{_MARK.get(fact.origin, '')}"
    yield from _quoted(card.record.evidence)
    for answer in card.answers:
        cue = f" (“{answer.cue}”)" if answer.cue else ""
        yield 2, f"{words(answer.type).capitalize()} by {responders(answer)}{cue}"
        yield from _quoted(answer.evidence)
    for group, found in groupby(card.remarks, key=lambda remark: remark.group):
        if group != "note":
            yield 2, GROUPS[group]
            yield from ((4, f"! {remark}") for remark in found)
    for j in card.record.judgements:
        seen = f" ({numbered(j.sentences)})" if j.sentences else ""
        yield 2, f"Judge: {j.probability:.0%} sure that the article says this{seen}: {j.statement}"


def _quoted(evidence: Iterable[Evidence]) -> Iterator[tuple[int, str]]:
    for item in evidence:
        page = f", page {item.page}" if item.page else ""
        yield 4, f"│ [{item.sentence}{page}] {item.exact}"


class TextSink(TextFileSink):
    """The terminal's layout, in a file."""

    name: ClassVar[str] = "text"
    suffix: ClassVar[str] = ".txt"
    between: ClassVar[str] = f"\n{'─' * 100}\n\n"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield render_text(summary)


class MarkdownSink(TextFileSink):
    """Briefs to paste into a note or a ticket, each statement with its sentences, one after the other."""

    name: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"
    between: ClassVar[str] = "\n---\n\n"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield "\n".join(_markdown_of(summary)) + "\n"


def _markdown_of(summary: VerifiedSummary) -> Iterator[str]:
    info = summary.document
    link = (safe_link(info.source) or "").translate({ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C"})
    yield f"# {_escaped(info.title or info.source or info.id)}"
    yield ""
    dated = f"published {info.published}" if info.published else "no publication date"
    told = (info.outlet, dated, info.language)
    yield " · ".join(_escaped(t) for t in told if t) + (f" · [source](<{link}>)" if link else "")
    yield from (f"\n**Warning:** {_escaped(words(w))}" for w in summary.provenance.warnings)
    for kind, group in summary.records.items():
        if group:
            yield f"\n## {_escaped(words(kind).capitalize())}\n"
        for record in group:
            yield from _markdown_of_card(card_of(kind, record))
    if not any(summary.records.values()):
        yield "\nNothing to report."
    if summary.rejections:
        yield "\n## Rejected\n"
        yield from (f"- {_escaped(words(r.kind))}: {_escaped(why(r))}" for r in summary.rejections)
    yield from (f"\n_{_escaped(meaning)}_" for meaning in explained(summary.all_records()))


def _markdown_of_card(card: Card) -> Iterator[str]:
    tags = [*map(_escaped, card.badges), *["**denied**"] * card.denied, f"**{VERDICTS[card.record.verdict][0]}**"]
    yield f"- {_escaped(card.headline)} ({', '.join(tags)})"
    for answer in card.answers:
        yield f"  - {_escaped(words(answer.type)).capitalize()} by {_escaped(responders(answer))}"
        yield from (f"    > [{e.sentence}] {_escaped(e.exact)}" for e in answer.evidence)
    for remark in card.remarks:
        if remark.group != "note":
            yield f"  - **{GROUPS[remark.group]}** {_escaped(str(remark))}"
    yield from (f"  - Judge, {j.probability:.0%} sure: {_escaped(j.statement)}" for j in card.record.judgements)
    yield from (f"\n  > [{item.sentence}] {_escaped(item.exact)}" for item in card.record.evidence)
    yield ""


def _escaped(text: str) -> str:
    """Return the text so that Markdown shows it as it is: no mark-up, no HTML, no link, no mention, one line."""
    line = re.sub(r"\s+", " ", visible(text.replace("\n", " "), one_line=True)).strip()
    line = _SYNTAX.sub(r"\\\1", line)
    return re.sub(r"(?i)\bwww\.", r"www\\.", _LINE_START.sub(r"\1\2\\\3", line))
