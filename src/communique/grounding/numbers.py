"""Numbers as values: is 1200 stated where the text says "1,200", 7.1 where it says "7,1"?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache

from communique.grounding.matching import is_unspaced
from communique.languages import LETTERS
from communique.languages import language as known

_NUMBER = re.compile(
    r"(?<![^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f])(?<![.,])[-+−]?"
    r"(?:\d{1,2}(?:,\d\d)+,\d{3}|\d+(?:[.,'’\u00a0\u202f ]\d{3})*)(?:[.,]\d+)?(?!\d)"
)
_LAKHS = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}")
"""As India groups digits: 1,50,000."""
_WORD = re.compile(rf"{LETTERS}(?:-{LETTERS})*")
_SCALE = re.compile(rf"\s{{0,9}}[-\u00a0]?({LETTERS})")


def states_number(value: float | Decimal, text: str, language: str = "en") -> bool:
    """Tell whether a text states a number: in digits of any usual grouping, with a scale, or as a word.

    A number with a scale counts both ways: "20 million" states 20 and 20,000,000. A percent sign changes nothing.

    Args:
        value: The number.
        text: The cited sentences.
        language: ISO 639-1 code of the text; English words are known in every language.
    """
    try:
        wanted = Decimal(str(value))
    except InvalidOperation:
        return False
    return wanted.is_finite() and any(wanted == found for found in numbers_in(text, language))


def numbers_in(text: str, language: str = "en") -> Iterator[Decimal]:
    """Yield every number that a text may be read to state, in order."""
    words, scales = _words(language)
    text = unicodedata.normalize("NFC", text)
    for match in _NUMBER.finditer(text):
        power = _power(text, match.end(), scales)
        for number in _readings(match.group()):
            yield number
            if power:
                yield number.scaleb(power)
    for word in _WORD.finditer(text):
        said = words.get(word.group().lower())
        if said is not None:
            yield Decimal(said)
            power = _power(text, word.end(), scales)
            if power:
                yield Decimal(said).scaleb(power)


def _power(text: str, at: int, scales: Mapping[str, int]) -> int:
    scale = _SCALE.match(text, at)
    if scale is None:
        return 0
    word = scale[1].lower()
    if is_unspaced(word):  # the scale is written together with what is counted: 万人
        word = next((word[:length] for length in (2, 1) if word[:length] in scales), word)
    return scales.get(word, 0)


@cache
def _words(language: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Return the number words of a language and of English, and their scales."""
    found = [own for code in ("en", language) if (own := known(code)) is not None]
    words = {word: value for own in found for word, value in own.number_words.items()}
    return words, {word: power for own in found for word, power in own.number_scales.items()}


def _readings(digits: str) -> set[Decimal]:
    """Return what digits with separators may mean: `1,200` is 1200, or 1.2 where a comma parts decimals."""
    sign = Decimal(-1 if digits[0] in "-−" else 1)
    bare = re.sub(r"['’\u00a0\u202f ]", "", digits.lstrip("+-−"))
    found = {Decimal(re.sub(r"[.,]", "", bare))} if re.fullmatch(r"\d{1,3}([.,]\d{3})+", bare) else set()
    for point, group in ((".", ","), (",", ".")):
        text = bare.replace(group, "").replace(point, ".")
        if text.count(".") <= 1 and not _misgrouped(bare, group, point):
            found.add(Decimal(text))
    return {sign * number for number in found}


def _misgrouped(bare: str, group: str, point: str) -> bool:
    """Tell whether the separators of thousands don't stand at thousands."""
    whole = bare.partition(point)[0] if bare.count(point) == 1 else bare
    parts = whole.split(group)
    if group == "," and _LAKHS.fullmatch(whole):
        return False
    return len(parts) > 1 and any(len(part) != 3 for part in parts[1:])
