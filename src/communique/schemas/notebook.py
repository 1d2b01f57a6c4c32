"""Records as small HTML cards, which notebooks show by themselves; the colours are those of the report."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

COLOURS = {"meetings": "#0b7285", "allegations": "#b4470f", "sanctions_concerns": "#6b3fc4"}
OTHER = "#4a6a1f"
VERDICTS = {"verified": "#1d6b3a", "flagged": "#8a6100"}


def card(record: Any) -> str:
    """Return a record as a card: its kind and verdict, its headline, its sentences, what is to be checked."""
    colour = COLOURS.get(record.plural, OTHER)
    kind, verdict = record.plural.replace("_", " ").removesuffix("s"), str(record.verdict)
    sentences = "".join(
        f'<div style="font-family:Georgia,serif;opacity:.8;margin-top:.3em">[{e.sentence}] {escape(e.exact)}</div>'
        for e in record.evidence
    )
    told = "; ".join(dict.fromkeys(f"{_in_words(c.field)}: {c.detail or _in_words(c.reason)}" for c in record.flags))
    doubt = (
        f'<div style="color:{VERDICTS["flagged"]};margin-top:.3em">Please check: {escape(told)}</div>' if told else ""
    )
    return (
        f'<div style="border-left:4px solid {colour};padding:.4em .8em;margin:.5em 0;max-width:60em">'
        f'<div style="font-size:.8em"><b style="color:{colour}">{escape(kind)}</b> · '
        f'<span style="color:{VERDICTS.get(verdict, "inherit")}">{escape(verdict)}</span></div>'
        f"<div><b>{escape(record.headline)}</b></div>{sentences}{doubt}</div>"
    )


def cards(title: str | None, records: Iterable[Any], rejected: int) -> str:
    """Return the records of one document, below its title.

    Args:
        title: Of the document.
        records: In the order in which they are shown.
        rejected: How many drafts were rejected.
    """
    shown = "".join(map(card, records)) or "<div>no records</div>"
    left = f'<div style="font-size:.8em">{rejected} rejected</div>' if rejected else ""
    return f'<div><div style="font-size:1.1em"><b>{escape(title or "")}</b></div>{shown}{left}</div>'


def _in_words(path: str) -> str:
    """Return a field's path as words: `participants[1].name` gives `participants`."""
    return re.sub(r"\[\d+\]", "", path).removesuffix(".name").replace("_", " ").replace(".", ", ")
