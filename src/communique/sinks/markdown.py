"""Markdown: a brief to paste into a note or a ticket, each statement with its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from communique.schemas import VerifiedSummary
from communique.sinks.cards import Card, card_of
from communique.sinks.identifiers import safe_link
from communique.sinks.plain_text import visible
from communique.sinks.remarks import GROUPS, VERDICTS, explained, join, why, words
from communique.sinks.sink import TextFileSink

_SYNTAX = re.compile(r"([\\`*_{}\[\]<>#+|~@$^]|[:!&](?=\S))")
_LINE_START = re.compile(r"^(\s*)(\d+)?([.)=-])")


def escape_markdown(text: str) -> str:
    """Return the text so that Markdown shows it as it is: no mark-up, no HTML, no link, no mention, one line."""
    line = re.sub(r"\s+", " ", visible(text.replace("\n", " "), one_line=True)).strip()
    line = _SYNTAX.sub(r"\\\1", line)
    return re.sub(r"(?i)\bwww\.", r"www\\.", _LINE_START.sub(r"\1\2\\\3", line))


def brief_of(summary: VerifiedSummary) -> str:
    """Return the Markdown brief of one document."""
    return "\n".join(_lines(summary)) + "\n"


def _lines(summary: VerifiedSummary) -> Iterator[str]:
    info = summary.document
    link = (safe_link(info.source) or "").translate({ord("<"): "%3C", ord(">"): "%3E", ord("\\"): "%5C"})
    yield f"# {escape_markdown(info.title or info.source or info.id)}"
    yield ""
    told = [
        info.outlet,
        f"published {info.published}" if info.published else "no publication date",
        info.language,
    ]
    yield " · ".join(escape_markdown(t) for t in told if t) + (f" · [source](<{link}>)" if link else "")
    yield from (f"\n**Warning:** {escape_markdown(words(w))}" for w in summary.provenance.warnings)
    for kind, group in summary.records.items():
        if group:
            yield f"\n## {escape_markdown(words(kind).capitalize())}\n"
        for record in group:
            yield from _record(card_of(kind, record))
    if not any(summary.records.values()):
        yield "\nNothing to report."
    if summary.rejections:
        yield "\n## Rejected\n"
        for r in summary.rejections:
            yield f"- {escape_markdown(words(r.kind))}: {escape_markdown(why(r))}"
    for meaning in explained(summary.all_records()):
        yield f"\n_{escape_markdown(meaning)}_"


def _record(card: Card) -> Iterator[str]:
    tags = [*card.badges, *["**denied**"] * card.denied, f"**{VERDICTS[card.verdict][0]}**"]
    shown_tags = ", ".join(t if t.startswith("**") else escape_markdown(t) for t in tags)
    yield f"- {escape_markdown(card.headline)} ({shown_tags})"
    for answer in card.answers:
        yield (
            f"  - {escape_markdown(words(answer.type)).capitalize()} by"
            f" {escape_markdown(join([v.text for v in answer.responders]) or 'an unnamed party')}"
        )
        yield from (f"    > [{e.sentence}] {escape_markdown(e.exact)}" for e in answer.evidence)
    for remark in card.remarks:
        if remark.group != "note":
            yield f"  - **{GROUPS[remark.group]}** {escape_markdown(str(remark))}"
    for j in card.judgements:
        yield f"  - Judge, {j.probability:.0%} sure: {escape_markdown(j.statement)}"
    for item in card.evidence:
        yield ""
        yield f"  > [{item.sentence}] {escape_markdown(item.exact)}"
    yield ""


class MarkdownSink(TextFileSink):
    """Briefs one after the other."""

    name: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"
    between: ClassVar[str] = "\n---\n\n"

    def pieces(self, summary: VerifiedSummary, text: str | None) -> Iterator[str]:
        yield brief_of(summary)
