"""How an article is shown to a model: one numbered sentence a line, and nothing that could pass for a turn."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communique.documents import Sentence

SENTENCE, FILL_IN = "Sentence", "Fill in"
"""The labels of our question to a small model."""

TEMPLATE_TOKENS = re.compile(
    r"<[|\uff5c][^|\uff5c<>\n]{0,40}[|\uff5c]>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>|</?s>"
    r"|<(?:start|end)_of_turn>|</?(?:tool_call|tool_response|think)>",
    re.IGNORECASE,
)
_FORM = re.compile(
    rf"{TEMPLATE_TOKENS.pattern}|^(?:{SENTENCE}|{FILL_IN}) ?:"  # lines of our question
    r"|^\[(?=\s?\d{1,4}\s?\])",  # the number of one of our lines
    re.IGNORECASE,
)


def neutral(text: str) -> str:
    """Put a sentence on one line and break chat-template tokens in it with a space, so that no text can open a turn.

    A sentence that starts as a line of our own does (`Sentence:`, `Fill in:`, `[7]`) is broken, too.

    Offsets are not touched: the model only gives numbers, and code copies the words from the document.
    """
    return _FORM.sub(lambda m: m.group()[0] + " " + m.group()[1:], " ".join(text.split()))


def numbered(sentences: Iterable[Sentence]) -> str:
    """Render sentences as `[7] text`. Link lines are left out: they are never evidence."""
    return "\n".join(f"[{s.number}] {neutral(s.text)}" for s in sentences if s.kind != "link")
