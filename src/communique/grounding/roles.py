"""Who does what to whom in a sentence that accuses: swapped sides and receivers taken for accused are caught here.

English, German, French and Spanish have fixed patterns: *X accused Y of supplying Z*. What stands between the verb and
its preposition is accused; what stands before an active verb accuses; what stands only behind the preposition does
neither. Where the pattern is not there, nothing is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from communique.grounding.matching import bare, find

_PATTERNS = {
    "en": re.compile(
        r"\b(?P<verb>accus(?:ed|es|e|ing)|suspect(?:ed|s)?)\s(?P<object>[^.;:]{1,120}?)\s(?P<of>of)\b"
    ),
    "de": re.compile(
        r"\b(?P<verb>beschuldig(?:te|ten|t|en)|bezichtig(?:te|ten|t|en))\s(?P<object>[^.;:]{1,120}?),?\s(?P<of>zu|des|der|,)"
    ),
    "fr": re.compile(
        r"\b(?P<verb>accus(?:é|e|ent|ait|aient|er))\s(?P<object>[^.;:]{1,120}?)\s(?P<of>de|d['’])"
    ),
    "es": re.compile(
        r"\b(?P<verb>acus(?:ó|a|an|aron|aba))\sa(?:l)?\s(?P<object>[^.;:]{1,120}?)\s(?P<of>de)\b"
    ),
}
_PASSIVE = re.compile(r"\b(was|were|is|are|been|being|be|wurde|wurden|werden|été|fue|fueron)\s+(\w+\s+)?$")


@dataclass(frozen=True, slots=True)
class Sides:
    """The three stretches of an accusing sentence: before the verb, the accused, and what they are accused of."""

    before: str
    accused: str
    behind: str

    def place(self, forms: tuple[str, ...], language: str) -> set[str]:
        """Return in which stretches any of the forms occurs."""
        stretches = {"before": self.before, "accused": self.accused, "behind": self.behind}
        return {k for k, text in stretches.items() if any(find(bare(f), text, language) for f in forms)}


def sides(sentence: str, language: str) -> Sides | None:
    """Split a sentence with an active accusing verb, or return None."""
    pattern = _PATTERNS.get(language)
    match = pattern.search(sentence) if pattern else None
    if match is None or _PASSIVE.search(sentence[: match.start("verb")]):
        return None
    return Sides(sentence[: match.start("verb")], match["object"], sentence[match.start("of") :])
