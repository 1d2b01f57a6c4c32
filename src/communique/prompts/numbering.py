"""How an article is shown to a model: one numbered sentence a line, and nothing that could pass for a turn."""

from __future__ import annotations

import re
from collections.abc import Iterable

from communique.documents import Sentence

_TEMPLATE_TOKENS = re.compile(
    r"<\|[^|<>\n]{0,40}\|>|\[/?INST\]|<</?SYS>>|</?s>|<(start|end)_of_turn>", re.IGNORECASE
)


def neutral(text: str) -> str:
    """Put a sentence on one line and break chat-template tokens in it with a space, so that no text can open a turn.

    Offsets are not touched: the model only gives numbers, and code copies the words from the document.
    """
    return _TEMPLATE_TOKENS.sub(lambda m: m.group()[0] + " " + m.group()[1:], " ".join(text.split()))


def numbered(sentences: Iterable[Sentence]) -> str:
    """Render sentences as `[7] text`. Link lines are left out: they are never evidence."""
    return "\n".join(f"[{s.number}] {neutral(s.text)}" for s in sentences if s.kind != "link")
