"""Text: what `communique extract` prints for people, and untrusted text made safe to look at."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

from communique.schemas import Evidence, VerifiedSummary
from communique.sinks.cards import Card, card_of
from communique.sinks.remarks import GROUPS, VERDICTS, counted, explained, join, numbered, path_label, why, words
from communique.sinks.sink import TextFileSink

_HIDDEN_FACTS = {"group_key", "cue", "response_status"}
"""Facts that say nothing to a reader beyond the rest of the layout; JSON has them."""
_MARK = {"derived": " (derived)", "worded": " (the model's words)"}
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_IN_LINE = re.compile(f"[\t\n]|{_UNSAFE.pattern}")


def render_text(summary: VerifiedSummary, *, width: int = 100) -> str:
    """Return the layout for terminals: each record in plain words, its denials, what the checks say, its evidence quoted below.

    Control and bidi characters are symbols, so that nothing in the article reaches the terminal as a command.

    Args:
        summary: The checked summary.
        width: Columns to wrap at; long words are never cut.
    """
    lines = list(_lines(summary))
    wrapped = [piece for indent, text in lines for piece in _wrap(visible(text, one_line=True), indent, width)]
    return "\n".join(wrapped) + "\n"


def visible(text: str, *, one_line: bool = False) -> str:
    """Return the text with control and bidi characters as symbols: ESC becomes `␛`, U+202E `⟨U+202E⟩`.

    Nothing that a terminal, a log or a browser would act on is left; tab and newline stay unless one line is wanted.

    Args:
        text: Any text, lone surrogates included.
        one_line: Whether tab and newline are turned into symbols too (`␉`, `␊`), as a log needs.
    """
    return (_UNSAFE_IN_LINE if one_line else _UNSAFE).sub(_symbol, text)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"⟨U+{code:04X}⟩"


def _lines(summary: VerifiedSummary) -> Iterator[tuple[int, str]]:
    info = summary.document
    records = list(summary.all_records())
    dated = f"published {info.published} ({info.published_basis})" if info.published else "no publication date"
    yield 0, info.title or info.source or info.id
    counts = f"{counted(Counter(r.verdict for r in records)) or 'no records'}, {len(summary.rejections)} rejected"
    yield 0, " · ".join(t for t in (info.outlet, dated, info.language, counts) if t)
    for warning in summary.provenance.warnings:
        yield 0, f"Warning: {words(warning)}"
    for kind, group in summary.records.items():
        for number, record in enumerate(group, 1):
            yield 0, ""
            yield from _card(card_of(kind, record), number)
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


def _card(card: Card, number: int) -> Iterator[tuple[int, str]]:
    tags = [*card.badges, *["DENIED"] * card.denied, VERDICTS[card.verdict][0].upper()]
    yield 0, f"{card.label.upper()} {number} · {', '.join(tags)}"
    yield 2, card.headline
    for fact in card.facts:
        if fact.field not in _HIDDEN_FACTS:
            values = (f"{v.text} ({v.detail})" if v.detail else v.text for v in fact.values)
            yield 2, f"{fact.label}: {'; '.join(values)}{_MARK.get(fact.origin, '')}"
    yield from _evidence(card.evidence)
    for answer in card.answers:
        who = join([v.text for v in answer.responders]) or "an unnamed party"
        cue = f" (“{answer.cue}”)" if answer.cue else ""
        yield 2, f"{words(answer.type).capitalize()} by {who}{cue}"
        yield from _evidence(answer.evidence)
    for group, heading in GROUPS.items():
        found = [r for r in card.remarks if r.group == group and group != "note"]
        yield from ((2, heading) for _ in found[:1])
        yield from ((4, f"! {remark}") for remark in found)
    for j in card.judgements:
        seen = f" ({numbered(j.sentences)})" if j.sentences else ""
        yield 2, f"Judge: {j.probability:.0%} sure that the article says this{seen}: {j.statement}"


def _evidence(evidence: tuple[Evidence, ...]) -> Iterator[tuple[int, str]]:
    for item in evidence:
        page = f", page {item.page}" if item.page else ""
        yield 4, f"│ [{item.sentence}{page}] {item.exact}"


def _wrap(text: str, indent: int, width: int) -> list[str]:
    space = " " * indent
    hang = space + "  " * (indent > 0)
    return textwrap.wrap(
        text,
        width,
        initial_indent=space,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


class TextSink(TextFileSink):
    """The terminal's layout, in a file."""

    name: ClassVar[str] = "text"
    suffix: ClassVar[str] = ".txt"
    between: ClassVar[str] = f"\n{'─' * 100}\n\n"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield render_text(summary)
