"""What is compared: records as mentions, whatever their types, and articles by what they have in common with others.

The markers on a record's fields say what is an actor, a place, a time. Articles that are the same text, or nearly, count
as one source: MinHash, over five words at a time.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import zlib
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any, Literal, NamedTuple

import numpy as np
from datasketch import MinHash
from rigour.names import NameTypeTag, analyze_names
from rigour.text.stopwords import is_stopword
from rigour.text.translit import ascii_text

from communique.grounding.countries import is_country
from communique.grounding.identity import kind_of
from communique.schemas import Actor, Place, Record, VerifiedSummary, leaves
from communique.schemas.edtf import interval
from communique.schemas.markers import Identity, Leaf, Mentioned, Quoted, StatedNumber, StatedPlace, Worded
from communique.schemas.stored import dumped, json_line
from communique.sinks.identifiers import identified, record_key

Key = tuple[str, str, str]  # id and SHA-256 of the document, id of the record
Days = tuple[int, int]  # first and last, as ordinals of the proleptic Gregorian calendar
VAGUE = frozenset({"other", "none", "unclear", "unspecified", ""})  # values that say nothing, and contradict nothing
Basis = Literal["sha256", "text", "cited"]
"""The same text, nearly the same, or nearly the same sentences are cited (of an article without its text)."""
SAME: dict[Basis, float] = {"text": 0.5, "cited": 0.7}
"""Shares of shingles that copies have in common. Texts that were written apart have under a tenth; of outlets that were at
one press conference, each cites the same sentences."""
FEWEST = 30  # words without which nothing is said
SHINGLE = 5  # words that are looked at together
SIGNATURE = r"^((text|cited):[A-Za-z0-9+/]{342}==)?$"  # 64 numbers of 32 bits
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word, or one sign of a script that writes without spaces."""
_OTHERS = frozenset({"attributions", "responses"})  # fields of who tells of an event or answers, not of who takes part
_WORD = re.compile(r"\w+")
_STEM = 6  # letters of a word that are compared: what an ending changes mostly stands behind them


class Name(NamedTuple):
    """An actor as it is compared."""

    name: str
    kind: str = ""  # as in `Actor.kind`; `country` for any name of a country
    code: str = ""  # ISO 3166-1 alpha-2 code of its country
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """What one record says, as it is compared."""

    key: Key
    kind: str  # the record type's plural key
    roles: dict[str, tuple[Name, ...]]
    subjects: tuple[str, ...]  # roles without which it is another matter; all if the record type names none
    essential: tuple[str, ...]  # roles that may not contradict one another
    when: Days | None  # of the event, as the article states it
    bound: int | None  # last day on which it can have happened
    published: int | None
    places: tuple[tuple[str, str], ...]  # names as `squeezed` gives them, and the codes of their countries
    activity: str  # of the record, or `call` or `meeting` of its mode
    words: frozenset[str]  # stems of its own words, without the names
    language: str
    result: str  # the record as a result of its own: a line of JSON
    signature: str  # of the article, to find its copies

    @property
    def order(self) -> tuple[int, Key]:
        """The earliest publication comes first; one without a date comes last."""
        return self.published or dt.date.max.toordinal(), self.key


def mentions(summary: VerifiedSummary, signature: str | None = None) -> Iterator[Mention]:
    """Yield a mention of each record of a result; `signature` is the article's, where it is known already."""
    signature = signature_of(summary) if signature is None else signature
    info, language = summary.document, summary.document.language or "en"
    document = info.model_dump(mode="json", exclude_defaults=True, exclude={"text"})
    head: dict[str, Any] = {"schema_version": summary.schema_version, "document": document}
    for plural, _, record in identified(summary):
        kind, derived = type(record), record.derived
        roles: dict[str, dict[Name, None]] = {}
        places: dict[tuple[str, str], None] = {}
        said: list[str] = []
        for leaf in leaves(record):
            role = re.split(r"[.\[]", leaf.path, maxsplit=1)[0]
            if role in _OTHERS or not isinstance(leaf.value, (str, int)):
                continue
            if leaf.marker(Mentioned) or leaf.marker(Identity):
                roles.setdefault(role, {})[_name(leaf, language)] = None
            # An actor's or a place's country is not where it was.
            if leaf.marker(StatedPlace) and leaf.field != "country":
                code = leaf.owner.country_code if isinstance(leaf.owner, Place) else None
                places[squeezed(str(leaf.value)), code or ""] = None
            words = leaf.marker(Worded) or (leaf.marker(Quoted) and leaf.field != "cue") or leaf.marker(StatedNumber)
            if words and isinstance(leaf.owner, Record):
                said.append(str(leaf.value))
        activity = kind_of(record)
        if activity and activity != "call" and not hasattr(record, "activity"):
            activity = "meeting"  # what is a visit in one article is talks in another
        named = (_words(f"{name.name} {name.code}") for names in roles.values() for name in names)
        subjects = tuple(role for role in kind.subjects_of if role in roles) or tuple(kind.subjects_of) or tuple(roles)
        shown = {plural: [{"headline": record.headline} | dumped(record, exclude_defaults=True)]}
        yield Mention(
            key=(info.id, info.sha256, record_key(record, info.id)),
            kind=plural,
            roles={role: tuple(names) for role, names in roles.items()},
            subjects=subjects,
            essential=tuple(dict.fromkeys((*subjects, *(role for role in kind.essential if role in roles)))),
            when=days_of(derived.date),
            bound=(days_of(derived.not_after) or (None, None))[1],
            published=(days_of((info.published or "")[:10]) or (None, None))[0],
            places=tuple(places),
            activity="" if activity in VAGUE else activity,
            words=_words(" ".join(said)).difference(*named),
            language=language,
            result=json_line(head | shown),
            signature=signature,
        )


@lru_cache(maxsize=100_000)
def days_of(edtf: str | None) -> Days | None:
    """Return the days of an EDTF date or interval, or None."""
    try:
        first, last = (dt.date(y, m, min(d, monthrange(y, m)[1])).toordinal() for y, m, d in interval(edtf or "") or ())
    except (ValueError, OverflowError):  # none or no date: it came from a file, and may say anything
        return None
    return (first, last) if first <= last else None


def _name(leaf: Leaf, language: str) -> Name:
    name, owner = str(leaf.value), leaf.owner
    kind, code = (getattr(owner, field, None) or "" for field in ("kind", "country_code"))
    if not kind and code and is_country(name, language):
        kind = "country"
    return Name(name, kind if isinstance(kind, str) else "", code, owner.aliases if isinstance(owner, Actor) else ())


def _words(text: str) -> frozenset[str]:
    plain = (ascii_text(text) or text).casefold()
    return frozenset(intern(w[:_STEM]) for w in _WORD.findall(plain) if len(w) > 1 and not is_stopword(w))


@lru_cache(maxsize=500_000)
def squeezed(name: str) -> str:
    """Return a name in ASCII letters without case, spaces and signs: `习近平` gives `xijinping`."""
    return "".join(filter(str.isalnum, (ascii_text(name) or name).casefold()))


@lru_cache(maxsize=500_000)
def analysed(name: str, person: bool) -> Any:
    """Return a name taken apart by `rigour`, as of a person or of a body; None if there is nothing to it."""
    return next(iter(analyze_names(NameTypeTag.PER if person else NameTypeTag.ORG, [name])), None)


def signature_of(summary: VerifiedSummary) -> str:
    """Return the MinHash of an article: `text:` or `cited:` and base64, or "" where there is too little of it.

    It is made of the article's text where the result holds it, else of the sentences that the records cite.
    """
    basis, text = "text", summary.document.text
    if text is None:
        cited = {(e.start, e.exact) for record in summary.all_records() for e in record.evidence}
        basis, text = "cited", " ".join(exact for _, exact in sorted(cited))
    tokens = _TOKEN.findall(text.casefold())
    if len(tokens) < FEWEST:
        return ""
    shingles = {" ".join(tokens[i : i + SHINGLE]) for i in range(len(tokens) - SHINGLE + 1)}
    hashed = MinHash(num_perm=64, hashfunc=zlib.crc32)
    hashed.update_batch([shingle.encode("utf-8", "replace") for shingle in shingles])
    return f"{basis}:{base64.b64encode(hashed.hashvalues.astype('<u4').tobytes()).decode()}"


def copies(articles: Sequence[tuple[str, str]]) -> list[tuple[int, Basis] | None]:
    """Return the place of the original of each article that is a copy, and how that was seen; else None.

    Articles are SHA-256 and signature, the earliest first. An original is no copy itself, so that copies don't chain.
    """
    bases: list[Basis | None] = [next((b for b in SAME if signed.startswith(b)), None) for _, signed in articles]
    hashes = [np.frombuffer(base64.b64decode(signature.partition(":")[2]), "<u4") for _, signature in articles]

    def shared(one: int, other: int) -> Basis | None:
        if articles[one][0] == articles[other][0]:
            return "sha256"
        basis = bases[one]
        if basis is None or basis != bases[other] or (hashes[one] == hashes[other]).mean() < SAME[basis]:
            return None
        return basis

    found: list[tuple[int, Basis] | None] = []
    for place in range(len(articles)):
        originals = (i for i, match in enumerate(found) if match is None)
        found.append(next(((i, basis) for i in originals if (basis := shared(place, i))), None))
    return found
