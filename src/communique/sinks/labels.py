"""Names of the schema as words for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LABELS: Mapping[str, str] = {
    "raised_by": "Raised by",
    "anticipated_topics": "Expected topics",
    "counterparties": "Others involved",
    "regime": "Rules named",
    "cue": "Linking words",
    "attributions": "According to",
    "when": "When",
    "place": "Where",
    "responses": "Answer",
    "record": "The record",
}


def words(name: str) -> str:
    """Return a name of the schema as words: `arms_transfer` gives `arms transfer`."""
    return name.replace("_", " ")


def field_label(field: str) -> str:
    """Return the name of a field for people."""
    return LABELS.get(field) or words(field).capitalize()


def path_label(path: str) -> str:
    """Return a field's path for people: `responses[0].responders[1].name` gives `Answer, responders`."""
    first, *rest = re.sub(r"\[\d+\]", "", path).removesuffix(".name").split(".")
    return ", ".join([field_label(first), *map(words, rest)])


def numbered(sentences: Sequence[int]) -> str:
    """Return numbers of sentences as words: `sentences 2 and 4`."""
    return f"sentence{'s' * (len(sentences) > 1)} {join([str(n) for n in sentences])}" if sentences else ""


def join(names: Sequence[str]) -> str:
    """Join names as a sentence does: `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
