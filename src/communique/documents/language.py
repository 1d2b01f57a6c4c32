"""Which language a text is in."""

from __future__ import annotations

from itertools import islice

_FEW = 20


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language; `en` for a text with too few letters to tell.

    Only the first 1,000 code points are looked at.
    """
    sample = text[:1000]
    if len(list(islice(filter(str.isalpha, sample), _FEW))) < _FEW:
        return "en"
    import py3langid  # 0.2 s and numpy: only when a language is not given

    code, _ = py3langid.classify(sample)
    return str(code)
