"""What a model worded itself: numbers, dates and names in its sentence must stand in the evidence or the article."""

from __future__ import annotations

import re
from collections.abc import Sequence

from communique.documents import Document, Sentence
from communique.grounding.countries import aliases_of, country_code
from communique.grounding.matching import bare, find

_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-ZÀ-ÖØ-ÞŁŚŻ][\w’'.-]*(?:\s+[A-ZÀ-ÖØ-ÞŁŚŻ][\w’'.-]*)*")


def unsupported(worded: str, cited: Sequence[Sentence], document: Document) -> list[str]:
    """Return the numbers and names of a worded sentence that neither the evidence nor the article holds.

    Numbers must stand in the cited sentences, names anywhere in the article. Nothing is said of German, where every noun
    has a capital, beyond numbers.
    """
    evidence = " ".join(s.text for s in cited)
    missing = [
        n for n in _NUMBER.findall(worded) if not re.search(rf"(?<![\d.,]){re.escape(n)}(?![\d])", evidence)
    ]
    if document.language == "de":
        return missing
    for name in _NAME.findall(worded):
        form = bare(name.strip(" .,'’"))
        if len(form) < 3 or find(form, document.text, document.language):
            continue
        code = country_code(form, "en") or country_code(form, document.language)
        if code and any(
            find(a, document.text, document.language) for a in aliases_of(code, document.language)
        ):
            continue
        parts = [p for p in form.split() if len(p) > 2]
        if parts and all(
            find(bare(p), document.text, document.language) or country_code(p, "en") for p in parts
        ):
            continue
        missing.append(name)
    return missing
