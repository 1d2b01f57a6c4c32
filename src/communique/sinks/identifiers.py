"""How a summary's actors, records, places and sources are named for other systems: stable ids, safe links, their codes."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from urllib.parse import urlsplit

from communique.schemas import Actor, Record, VerifiedSummary


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
            bare = record if times[record.id] == 1 else record.model_copy(update={"id": ""})
            own = bare if bare.id else bare.model_copy(update={"id": record_key(bare, summary.document.id)})
            yield plural, record, own


_NOISE = re.compile("[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
"""What a browser drops from an address before it reads the scheme, and what hides one from a person."""


def safe_link(address: str | None) -> str | None:
    """Return the address if it is `http` or `https` with a host, without white space and control characters.

    Else None.
    """
    if not address:
        return None
    clean = _NOISE.sub("", address)
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
