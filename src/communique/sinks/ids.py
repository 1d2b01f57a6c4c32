"""Stable ids for what a summary names: the same actor has the same id wherever it turns up."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from communique.schemas import Actor


def make_id(*parts: str | None) -> str:
    """Return `cmq-` and the SHA-1 of the parts, as FollowTheMoney's `make_entity_id` joins them."""
    digest = hashlib.sha1("|".join(p or "" for p in parts).encode("utf-8", "replace"), usedforsecurity=False)
    return f"cmq-{digest.hexdigest()}"


def actor_id(actor: Actor) -> str:
    """Return the id of an actor: from its kind, its name without case and spacing, and its country's code."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", actor.name)).strip().casefold()
    return make_id(actor.kind, name, actor.country_code)


def safe_id(given: str) -> str:
    """Return an id that is safe in file names, URNs and graphs: as given if it is plain, its hash otherwise."""
    return given if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,120}", given) and ".." not in given else make_id(given)
