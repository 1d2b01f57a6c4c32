"""Mention: a record as it is compared, whatever its type; the markers on its fields say what is an actor, a place, a time."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
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
            yield _mention(plural, own, info, head, signature)


def _mention(plural: str, record: Record, info: DocumentInfo, head: dict[str, Any], signature: str) -> Mention:
    kind = type(record)
    found = [leaf for leaf in leaves(record) if role_of(leaf) not in _OTHERS and isinstance(leaf.value, (str, int))]
    language = info.language or "en"
    roles: dict[str, dict[Name, None]] = {}
    for leaf in found:
        if leaf.marker(Mentioned) or leaf.marker(Identity):
            roles.setdefault(role_of(leaf), {})[_name(leaf, language)] = None
    named = {word for names in roles.values() for name in names for word in _words(f"{name.name} {name.code}")}
    said = " ".join(str(leaf.value) for leaf in found if _is_content(leaf))
    subjects = tuple(role for role in kind.subjects_of if role in roles) or tuple(kind.subjects_of) or tuple(roles)
    derived = record.derived
    return Mention(
        key=(info.id, info.sha256, record_key(record, info.id)),
        kind=plural,
        roles={role: tuple(names) for role, names in roles.items()},
        subjects=subjects,
        essential=tuple(dict.fromkeys((*subjects, *(role for role in kind.essential if role in roles)))),
        when=days_of(derived.date),
        bound=(days_of(derived.not_after) or (None, None))[1],
        published=(days_of((info.published or "")[:10]) or (None, None))[0],
        places=tuple(dict.fromkeys(_place(leaf) for leaf in found if is_place(leaf))),
        activity=_activity(record),
        words=_words(said) - named,
        language=language,
        result=json_line(head | {plural: [{"headline": record.headline} | dumped(record, exclude_defaults=True)]}),
        signature=signature,
    )


def _activity(record: Record) -> str:
    found = kind_of(record)
    if found and not hasattr(record, "activity"):
        return found if found == "call" else "meeting"  # what is a visit in one article is talks in another
    return "" if found in VAGUE else found


def role_of(leaf: Leaf) -> str:
    """Return the field of the record that a value stands in."""
    return re.split(r"[.\[]", leaf.path, maxsplit=1)[0]


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
    owner = leaf.owner
    kind, code = (getattr(owner, name, None) or "" for name in ("kind", "country_code"))
    aliases = owner.aliases if isinstance(owner, Actor) else ()
    if not kind and code and _is_country(str(leaf.value), language):
        kind = "country"
    return Name(str(leaf.value), kind if isinstance(kind, str) else "", code, aliases)


_is_country = lru_cache(maxsize=100_000)(is_country)


def is_place(leaf: Leaf) -> bool:
    """Tell whether a value names a place of the event; the country of an actor, or of a place, is none."""
    return bool(leaf.marker(StatedPlace)) and leaf.field != "country"


def _place(leaf: Leaf) -> tuple[str, str]:
    code = leaf.owner.country_code if isinstance(leaf.owner, Place) else None
    return squeezed(str(leaf.value)), code or ""


def _is_content(leaf: Leaf) -> bool:
    """Tell whether a value is what the record says in words, not how the article says it."""
    words = leaf.marker(Worded) or (leaf.marker(Quoted) and leaf.field != "cue") or leaf.marker(StatedNumber)
    return bool(words) and isinstance(leaf.owner, Record)


def _words(text: str) -> frozenset[str]:
    plain = (ascii_text(text) or text).casefold()
    return frozenset(w[:_STEM] for w in _WORD.findall(plain) if len(w) > 1 and not _is_stopword(w))


_is_stopword = lru_cache(maxsize=200_000)(is_stopword)
