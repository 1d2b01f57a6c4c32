"""Mention: a record as it is compared, whatever its type; the markers on its fields say what is an actor, a place, a time."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any

from rigour.text.stopwords import is_stopword
from rigour.text.translit import ascii_text

from communique.evaluation.values import interval
from communique.events.copies import signature_of
from communique.events.names import Name, squeezed
from communique.grounding.countries import is_country
from communique.grounding.identity import kind_of
from communique.schemas import (
    Actor,
    DocumentInfo,
    Identity,
    Mentioned,
    Place,
    Quoted,
    Record,
    StatedNumber,
    StatedPlace,
    VerifiedSummary,
    Worded,
    leaves,
)
from communique.schemas.markers import Leaf
from communique.schemas.stored import dumped, json_line
from communique.sinks.identifiers import record_key

Key = tuple[str, str, str]
"""A record's own: id and SHA-256 of its document, id of the record."""
Days = tuple[int, int]
"""First and last day, as ordinals of the proleptic Gregorian calendar."""

VAGUE = frozenset({"other", "none", "unclear", "unspecified", ""})
"""Values of closed lists that say nothing, and contradict nothing."""
_OTHERS = frozenset({"attributions", "responses"})
"""Fields that name who tells of an event or answers to it, not who takes part."""
_WORD = re.compile(r"\w+")
_STEM = 6
"""Letters of a word that are compared: what an ending changes mostly stands behind them."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What one record says, as it is compared.

    Attributes:
        key: Which record it is.
        kind: The record type's plural key.
        roles: The names in each role.
        subjects: The roles without which it is another matter; all if the record type names none.
        essential: The roles that may not contradict one another.
        when: The days of the event, as the article states it.
        bound: Last day on which it can have happened.
        published: Day of publication.
        places: Names of places, and the codes of their countries.
        activity: The record's activity, or `call` or `meeting` of its mode, or "".
        words: Stems of its own words, without the names.
        language: ISO 639-1 code of the article, or "".
        result: The record as a result of its own: a line of JSON.
        signature: Of the article, to find its copies.
    """

    key: Key
    kind: str
    roles: dict[str, tuple[Name, ...]]
    subjects: tuple[str, ...]
    essential: tuple[str, ...]
    when: Days | None
    bound: int | None
    published: int | None
    places: tuple[tuple[str, str], ...]
    activity: str
    words: frozenset[str]
    language: str
    result: str
    signature: str

    @property
    def order(self) -> tuple[int, Key]:
        """The earliest publication comes first; one without a date comes last."""
        return self.published or dt.date.max.toordinal(), self.key


def mentions(summary: VerifiedSummary, signature: str | None = None) -> Iterator[Mention]:
    """Yield a mention for each record of a result; what the checks rejected is no record.

    Args:
        summary: The result.
        signature: Of the article, where it is known already.
    """
    signature = signature_of(summary) if signature is None else signature
    info = summary.document
    head: dict[str, Any] = {"schema_version": summary.schema_version}
    head["document"] = info.model_dump(mode="json", exclude_defaults=True, exclude={"text"})
    for plural, group in summary.records.items():
        for record in group:
            own = record if record.id else record.model_copy(update={"id": record_key(record, info.id)})
            shown = {plural: [{"headline": own.headline} | dumped(own, exclude_defaults=True)]}
            yield _mention(plural, own, info, json_line(head | shown), signature)


def _mention(plural: str, record: Record, info: DocumentInfo, result: str, signature: str) -> Mention:
    kind, derived, language = type(record), record.derived, info.language or "en"
    roles: dict[str, dict[Name, None]] = {}
    places: dict[tuple[str, str], None] = {}
    said: list[str] = []
    for leaf in leaves(record):
        role = re.split(r"[.\[]", leaf.path, maxsplit=1)[0]
        if role in _OTHERS or not isinstance(leaf.value, (str, int)):
            continue
        if leaf.marker(Mentioned) or leaf.marker(Identity):
            roles.setdefault(role, {})[_name(leaf, language)] = None
        if leaf.marker(StatedPlace) and leaf.field != "country":  # an actor's or a place's country is not where it was
            code = leaf.owner.country_code if isinstance(leaf.owner, Place) else None
            places[squeezed(str(leaf.value)), code or ""] = None
        words = leaf.marker(Worded) or (leaf.marker(Quoted) and leaf.field != "cue") or leaf.marker(StatedNumber)
        if words and isinstance(leaf.owner, Record):
            said.append(str(leaf.value))
    named = {word for names in roles.values() for name in names for word in _words(f"{name.name} {name.code}")}
    subjects = tuple(role for role in kind.subjects_of if role in roles) or tuple(kind.subjects_of) or tuple(roles)
    return Mention(
        key=(info.id, info.sha256, record_key(record, info.id)),
        kind=plural,
        roles={role: tuple(names) for role, names in roles.items()},
        subjects=subjects,
        essential=tuple(dict.fromkeys((*subjects, *(role for role in kind.essential if role in roles)))),
        when=days_of(derived.date),
        bound=(days_of(derived.not_after) or (None, None))[1],
        published=(days_of((info.published or "")[:10]) or (None, None))[0],
        places=tuple(places),
        activity=_activity(record),
        words=_words(" ".join(said)) - named,
        language=language,
        result=result,
        signature=signature,
    )


def _activity(record: Record) -> str:
    found = kind_of(record)
    if found and not hasattr(record, "activity"):
        return found if found == "call" else "meeting"  # what is a visit in one article is talks in another
    return "" if found in VAGUE else found


@lru_cache(maxsize=100_000)
def days_of(edtf: str | None) -> Days | None:
    """Return the days of an EDTF date or interval, or None."""
    found = interval(edtf) if edtf else None
    if found is None:
        return None
    try:
        first, (year, month, day) = dt.date(*found[0]), found[1]
        last = dt.date(year, month, min(day, monthrange(year, month)[1]))
    except ValueError:  # it came from a file, and may say anything
        return None
    return (first.toordinal(), last.toordinal()) if first <= last else None


def _name(leaf: Leaf, language: str) -> Name:
    name, owner = str(leaf.value), leaf.owner
    kind, code = (getattr(owner, field, None) or "" for field in ("kind", "country_code"))
    if not kind and code and _is_country(name, language):
        kind = "country"
    return Name(name, kind if isinstance(kind, str) else "", code, owner.aliases if isinstance(owner, Actor) else ())


def _words(text: str) -> frozenset[str]:
    plain = (ascii_text(text) or text).casefold()
    return frozenset(intern(w[:_STEM]) for w in _WORD.findall(plain) if len(w) > 1 and not _is_stopword(w))


_is_country = lru_cache(maxsize=100_000)(is_country)
_is_stopword = lru_cache(maxsize=200_000)(is_stopword)
