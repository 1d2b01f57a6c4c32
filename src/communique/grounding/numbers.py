"""Numbers as values: does a text state 1200 where it says "1,200", 7.1 where it says "7,1", 20000000 where it says "20 million"?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?:[.,]\d+)?(?!\d)")
_SCALE = re.compile(
    r"\s*[-\u00a0]?(?:(?P<k>thousand|tausend|mille?|mil|tys|тысяч\w*)|(?P<m>m|mn|mln|million\w*|mio|millones|millón|milion\w*"
    r"|milhões|млн|миллион\w*)|(?P<b>bn|billion|billions|milliard\w*|mrd|mld|miliard\w*|млрд|миллиард\w*)"
    r"|(?P<t>trillion|trillions|tn|billionen|bln))\b",
    re.IGNORECASE,
)
_POWERS = {"k": 3, "m": 6, "b": 9, "t": 12}
_WORDS = {
    word: Decimal(number)
    for number, words in enumerate(
        (
            "zero no none null keine kein aucun cero",
            "one eins",
            "two zwei deux dos",
            "three drei trois tres",
            "four vier quatre cuatro",
            "five fünf cinq cinco",
            "six sechs seis",
            "seven sieben sept siete",
            "eight acht huit ocho",
            "nine neun neuf nueve",
            "ten zehn dix diez",
            "eleven elf onze once",
            "twelve zwölf douze doce",
        )
    )
    for word in words.split(" ")
}
_WORD = re.compile(r"[^\W\d_]+")


def states_number(value: float | Decimal, text: str) -> bool:
    """Tell whether a text states a number: in digits of any usual grouping, with a scale, or as a word up to twelve.

    A number with a scale counts both ways: "20 million" states 20 and 20,000,000. A percent sign changes nothing.

    Args:
        value: The number.
        text: The cited sentences.
    """
    try:
        wanted = Decimal(str(value))
    except InvalidOperation:
        return False
    return wanted.is_finite() and any(wanted == found for found in numbers_in(text))


def numbers_in(text: str) -> Iterator[Decimal]:
    """Yield every number that a text may be read to state, in order."""
    for match in _NUMBER.finditer(text):
        scale = _SCALE.match(text, match.end())
        power = _POWERS[scale.lastgroup] if scale and scale.lastgroup else 0
        for number in _readings(match.group()):
            yield number
            if power:
                yield number.scaleb(power)
    for word in _WORD.finditer(text):
        said = _WORDS.get(word.group().lower())
        if said is not None:
            yield said
            scale = _SCALE.match(text, word.end())
            if scale and scale.lastgroup:
                yield said.scaleb(_POWERS[scale.lastgroup])


def _readings(digits: str) -> set[Decimal]:
    """Return what digits with separators may mean: `1,200` is 1200, or 1.2 where a comma parts decimals."""
    sign = Decimal(-1 if digits[0] in "-−" else 1)
    bare = re.sub(r"['’\u00a0\u202f ]", "", digits.lstrip("+-−"))
    found = {_plain(re.sub(r"[.,]", "", bare))} if re.fullmatch(r"\d{1,3}([.,]\d{3})+", bare) else set()
    for point, group in ((".", ","), (",", ".")):
        text = bare.replace(group, "").replace(point, ".")
        if text.count(".") <= 1 and not _misgrouped(bare, group, point):
            found.add(_plain(text))
    return {sign * number for number in found}


def _misgrouped(bare: str, group: str, point: str) -> bool:
    """Tell whether the separators of thousands don't stand at thousands."""
    whole = bare.partition(point)[0] if bare.count(point) == 1 else bare
    parts = whole.split(group)
    return len(parts) > 1 and any(len(part) != 3 for part in parts[1:])


def _plain(text: str) -> Decimal:
    return Decimal(text)
