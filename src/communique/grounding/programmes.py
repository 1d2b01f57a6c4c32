"""From the sanctions that an article names to programme keys, as OpenSanctions writes them.

Only words that the article has count: the issuer must stand in the regime's words, the target is the subject's
country, and a numbered resolution of the Security Council decides by itself. Where the words choose one of an issuer's
programmes ("EU sanctions over hybrid attacks"), it stands in place of the one for the territory. No law is added.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from communique.languages import Lexicon
from communique.schemas import Programme

_RESOLUTION = re.compile(
    r"\b(?:\w*resolution\w*|résolution\w*|resoluci\w+|UNSCR)\D{0,12}(\d[\d, andundety]*\d)", re.IGNORECASE
)
_LONGEST = 500


class _Entry(NamedTuple):
    key: str
    issuer: str
    territories: frozenset[str]
    phrases: tuple[str, ...]  # words that choose it; without any it is the one programme of its issuer for a territory
    alone: bool  # the phrases decide without the issuer


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
    for number in numbers:
        for key in _resolutions().get(number, ()):
            yield Programme(key=key, basis=f"issuer UN + resolution {number}")
    chosen = list(_named(words, issuers, targets))
    for entry, phrase in chosen:
        who = "" if entry.alone else f"issuer {entry.issuer} + "
        yield Programme(key=entry.key, basis=f"{who}words {phrase!r}")
    for issuer in issuers:
        if issuer == "UN" and numbers:
            continue  # the number says which resolution: the target must not add another
        for territory in targets:
            if any(e.issuer == issuer and (e.alone or territory in e.territories) for e, _ in chosen):
                continue  # the words say which of the issuer's programmes
            for entry in _entries():
                if entry.issuer == issuer and territory in entry.territories and not entry.phrases:
                    yield Programme(key=entry.key, basis=f"issuer {issuer} + target territory {territory}")


def _named(words: str, issuers: list[str], targets: list[str]) -> Iterator[tuple[_Entry, str]]:
    """Yield the programmes that the words choose, each with those words."""
    found = _phrases().scan_text(words)
    for entry in _entries() if found else ():
        if entry.key not in found or not (entry.alone or entry.issuer in issuers):
            continue
        if targets and entry.territories and entry.territories.isdisjoint(targets):
            continue
        start, end = found[entry.key][0]
        yield entry, words[start:end]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files("communique.grounding") / "programmes.toml").read_text(encoding="utf-8"))


@cache
def _issuers() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(str(pattern), re.IGNORECASE) for name, pattern in _table()["issuers"].items()}


@cache
def _resolutions() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for key, numbers in _table()["resolutions"].items():
        for number in numbers:
            found.setdefault(number, []).append(key)
    return found


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _entry(issuer, key, line) for issuer, rows in _table()["programmes"].items() for key, line in rows.items()
    )


def _entry(issuer: str, key: str, line: str) -> _Entry:
    alone = line.startswith("!")
    territories, _, phrases = ("", "", line[1:]) if alone else line.partition("|")
    several = tuple(filter(None, (phrase.strip() for phrase in phrases.split(";"))))
    return _Entry(key, issuer, frozenset(territories.split()), several, alone)


@cache
def _phrases() -> Lexicon:
    return Lexicon({entry.key: entry.phrases for entry in _entries() if entry.phrases})
