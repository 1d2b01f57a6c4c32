"""Codes of languages and countries as other systems write them, from CLDR."""

from __future__ import annotations

import functools


def language_alpha3(code: str | None) -> str | None:
    """Return the ISO 639-3 code for an ISO 639-1 code (`en` gives `eng`), or None."""
    return _languages().get((code or "").lower())


def country_alpha3(code: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-3 code for an alpha-2 code of any case (`kp` gives `PRK`), or None."""
    return _countries().get((code or "").upper())


_LANGUAGES = {
    "ak": "aka", "ar": "ara", "ay": "aym", "az": "aze", "cr": "cre", "dz": "dzo", "et": "est", "fa": "fas", "ff": "ful",
    "gn": "grn", "hr": "hrv", "ik": "ipk", "iu": "iku", "kg": "kon", "kr": "kau", "ku": "kur", "kv": "kom", "lv": "lav",
    "mg": "mlg", "mn": "mon", "ms": "msa", "ne": "nep", "no": "nor", "oj": "oji", "om": "orm", "or": "ori", "ps": "pus",
    "qu": "que", "ro": "ron", "sa": "san", "sc": "srd", "sq": "sqi", "sr": "srp", "sw": "swa", "uz": "uzb", "yi": "yid",
    "za": "zha", "zh": "zho", "sh": "hbs",
}  # fmt: skip
"""Macro-languages, for which CLDR lists several three-letter aliases."""

_BIBLIOGRAPHIC = frozenset("alb arm baq bur chi cze dut fre geo ger gre ice mac may".split())  # noqa: SIM905
_FORMER = frozenset({"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR", "ZZZ"})
"""Three-letter codes of states that are no more, which CLDR sends to their successors, and the one for no state."""


@functools.cache
def _languages() -> dict[str, str]:
    from babel.core import get_global

    pairs = ((alias, str(code)) for alias, code in get_global("language_aliases").items())
    found = {code: alias for alias, code in pairs if len(alias) == 3 and len(code) == 2 and alias not in _BIBLIOGRAPHIC}
    return found | _LANGUAGES


@functools.cache
def _countries() -> dict[str, str]:
    from babel.core import get_global

    pairs = get_global("territory_aliases").items()
    return {
        codes[0]: alias
        for alias, codes in pairs
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1 and alias not in _FORMER
    }
