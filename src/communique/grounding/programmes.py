"""From the sanctions that an article names to programme keys, as OpenSanctions writes them.

Only words that the article has count: the issuer must stand in the regime's words, the target is the subject's
country, and a numbered resolution of the Security Council decides by itself. No law is added.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from communique.schemas import Programme

_RESOLUTION = re.compile(
    r"\b(?:\w*resolution\w*|résolution\w*|resoluci\w+|UNSCR)\D{0,12}(\d[\d, andundety]*\d)", re.IGNORECASE
)
_LONGEST = 500


class _Entry(NamedTuple):
    key: str
    issuer: str
    territories: frozenset[str]
    resolutions: frozenset[int]


def programmes_for(regime: Iterable[str], territories: Iterable[str]) -> tuple[Programme, ...]:
    """Return the programmes that the words and the targets lead to, in order of the words, each once.

    Args:
        regime: Words for sanctions or resolutions, copied from the article.
        territories: Codes of the countries of those concerned, such as `kp`.
    """
    targets = list(dict.fromkeys(territories))
    found: dict[str, Programme] = {}
    for words in regime:
        for programme in _of(words, targets):
            found.setdefault(programme.key, programme)
    return tuple(found.values())


def _of(words: str, targets: list[str]) -> Iterator[Programme]:
    if len(words) > _LONGEST:
        return
    issuers = [name for name, pattern in _issuers().items() if pattern.search(words)]
    numbers = [int(n) for run in _RESOLUTION.findall(words) for n in re.findall(r"\d{3,4}", run)]
    numbered = [(e, n) for n in numbers for e in _entries() if n in e.resolutions]
    yield from (Programme(key=e.key, basis=f"issuer UN + resolution {n}") for e, n in numbered)
    for issuer in issuers:
        if issuer == "UN" and numbers:
            continue  # the number says which resolution: the target must not add another
        for territory in targets:
            for entry in _entries():
                if entry.issuer == issuer and territory in entry.territories:
                    yield Programme(key=entry.key, basis=f"issuer {issuer} + target territory {territory}")


@cache
def _table() -> dict[str, dict[str, object]]:
    return tomllib.loads((files("communique.grounding") / "programmes.toml").read_text(encoding="utf-8"))


@cache
def _issuers() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(str(pattern), re.IGNORECASE) for name, pattern in _table()["issuers"].items()}


@cache
def _entries() -> tuple[_Entry, ...]:
    rows: dict[str, object] = _table()["programmes"]
    return tuple(_entry(key, row) for key, row in rows.items() if isinstance(row, dict))


def _entry(key: str, row: dict[str, list[object]]) -> _Entry:
    return _Entry(
        key,
        str(row["issuer"]),
        frozenset(str(code) for code in row["territories"]),
        frozenset(int(str(number)) for number in row.get("resolutions", [])),
    )
