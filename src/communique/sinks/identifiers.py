"""What other systems ask of a summary: who stands in which role, stable ids, safe links, ISO codes."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from communique.schemas import Actor, Attribution, Evidence, Place, Record, Response, VerifiedSummary
from communique.schemas.annotation import LISTS, ordered

_NOISE = re.compile("[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
"""What a browser drops from an address before it reads the scheme, and what hides one from a person."""


def parts(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield (field, value) of a record, each item of a list by itself."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        yield from ((name, item) for item in (ordered(value) if isinstance(value, LISTS) else (value,)))


def cited(record: Record) -> Iterator[tuple[str, Actor, tuple[Evidence, ...]]]:
    """Yield (role, actor, sentences that state it) for every actor of a record, whatever its type.

    The role is the field's name, `source` of an attribution, or the kind of answer.
    """
    for name, item in parts(record):
        if isinstance(item, Actor):
            yield name, item, record.evidence
        elif isinstance(item, Attribution):
            yield from (("source", a, record.evidence) for a in item.source)
        elif isinstance(item, Response):
            yield from ((item.type, a, item.evidence or record.evidence) for a in item.responders)


def actors(record: Record) -> Iterator[tuple[str, Actor]]:
    """Yield (role, actor) for every actor of a record, as `cited` does."""
    return ((role, actor) for role, actor, _ in cited(record))


def responses(record: Record) -> list[Response]:
    """Return the denials and other answers that a record holds; a stranger's field of that name may hold something else."""
    value = getattr(record, "responses", ())
    return [r for r in value if isinstance(r, Response)] if isinstance(value, (tuple, list)) else []


def countries(record: Record) -> list[str]:
    """Return the alpha-2 codes of the countries that a record touches, in the order of its fields, each once."""
    codes = [a.country_code for _, a in actors(record)]
    place = getattr(record, "place", None)
    if isinstance(place, Place):
        codes.append(place.country_code)
    return list(dict.fromkeys(c for c in codes if c))


def make_id(*parts: str | None) -> str:
    """Return `cmq-` and the SHA-1, in hex, of the parts with `|` between them."""
    digest = hashlib.sha1("|".join(p or "" for p in parts).encode("utf-8", "replace"), usedforsecurity=False)
    return f"cmq-{digest.hexdigest()}"


def actor_id(actor: Actor) -> str:
    """Return the id of an actor: from its kind, its name without case and spacing, and its country's code."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", actor.name)).strip().casefold()
    return make_id(actor.kind, name, actor.country_code)


def safe_id(given: str) -> str:
    """Return an id that is safe in file names, URNs and graphs: as given if it is plain, its hash otherwise."""
    return given if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,120}", given) and ".." not in given else make_id(given)


def record_key(record: Record, article: str) -> str:
    """Return the id of a record, safe as `safe_id` says; one without an id gets one from its article and its content."""
    return safe_id(record.id) if record.id else make_id(article, record.model_dump_json(by_alias=False))


def identified(summary: VerifiedSummary) -> Iterator[tuple[str, Record, Record]]:
    """Yield each record of a result: its type's plural key, the record, and the same with an id that no other has.

    A record without an id, or with one that another record of the document has, gets an id from its content.
    """
    times = Counter(record.id for record in summary.all_records())
    for plural, group in summary.records.items():
        for record in group:
            own = record
            if not record.id or times[record.id] > 1:
                bare = record.model_copy(update={"id": ""})
                own = bare.model_copy(update={"id": record_key(bare, summary.document.id)})
            yield plural, record, own


def safe_link(address: str | None) -> str | None:
    """Return the address, without white space and control characters, if it is `http` or `https` with a host, else None."""
    clean = _NOISE.sub("", address or "")
    try:
        parts = urlsplit(clean)
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return clean if usable and "\\" not in clean else None


def language_alpha3(code: str | None) -> str | None:
    """Return the ISO 639-3 code for an ISO 639-1 code (`en` gives `eng`), or None."""
    return _iso_codes()["languages"].get((code or "").lower())


def country_alpha3(code: str | None) -> str | None:
    """Return the ISO 3166-1 alpha-3 code for an alpha-2 code of any case (`kp` gives `PRK`), or None."""
    return _iso_codes()["countries"].get((code or "").upper())


@functools.cache
def _iso_codes() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((files("communique.sinks") / "iso_codes.json").read_text("utf-8"))
    return found
