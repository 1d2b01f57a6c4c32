"""Which language a text is in."""

from __future__ import annotations

from itertools import islice

_FEW = 20
_CODES = {"iw": "he", "fil": "tl", "und": "en"}
"""What CLD3 calls otherwise than ISO 639-1; `und` is a text that it can't tell."""


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the text's language; `en` for a text with too few letters to tell.

    Only the first 1,000 code points are looked at. A language without a code of two letters has its one of three.
    """
    sample = text[:1000]
    if len(list(islice(filter(str.isalpha, sample), _FEW))) < _FEW:
        return "en"
    from gcld3 import NNetLanguageIdentifier  # of cld3-py; needed only when a language is not given

    # The language with the largest share: CLD3's single guess takes Chinese with Latin names in it for Hindi. One identifier a
    # text costs 30 microseconds; sharing one between threads is not promised.
    identifier = NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4000)
    code = identifier.FindTopNMostFreqLangs(text=sample, num_langs=1)[0].language.partition("-")[0]
    return _CODES.get(code, str(code))
