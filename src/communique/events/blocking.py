"""Blocking: which mentions are compared at all. Two that share a kind, actors and a week or two stand in one block."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations, product
from typing import Any

import numpy as np

from communique.events.mention import Mention
from communique.events.names import name_keys

STRIDE = 7
"""Days. A window is two strides long and begins with each stride, so that two days that are a week apart share one."""
MONTH = 31
"""Days that a stated time may span to place a mention; and how far from its day a record without one is looked for."""
ACTORS = 4
"""Actors of a mention that blocks are made of, the subjects first."""
CAP = 400
"""Mentions of a block that are all compared with one another."""
NEIGHBOURS = 100
"""In a larger block each is compared with so many next ones, by day, activity and names (sorted neighbourhood)."""
_HELD = 20_000_000
"""Pairs that are held before those that stand in several blocks are counted once."""


@dataclass(slots=True)
class Blocks:
    """How many blocks were over the cap, and how many pairs were compared (each once) and were not for the cap."""

    capped: int = 0
    not_compared: int = 0
    compared: int = 0


def keys(mention: Mention) -> set[int]:
    """Return the keys of the blocks that a mention stands in, the same on every machine."""
    actors = sorted(mention.roles.items(), key=lambda item: item[0] not in mention.subjects)
    named = [(role in mention.subjects, name_keys(name)) for role, names in actors for name in names][:ACTORS]
    whom = {
        "+".join(sorted(pair))
        for (one_is_subject, one), (other_is_subject, other) in combinations(named, 2)
        if one_is_subject or other_is_subject
        for pair in product(one, other)
    }
    alone = {key for is_subject, own in named[:2] if is_subject for key in own}
    whom |= {f"{key}@{place}" for key in alone for pair in mention.places for place in pair if place}
    if len(named) < 2:
        whom |= alone
    if mention.activity and not (len(named) > 1 and all(is_subject for is_subject, _ in named)):
        whom |= {f"{key}@{mention.activity}" for _, own in named[:2] for key in own}  # a side may have other names
    if not named:
        whom = {f"@{word}" for word in mention.words}
    windows = _windows(mention)
    found = {f"{who}|{when}" for who in whom for when in windows}
    far = range(-MONTH // STRIDE, MONTH // STRIDE + 1) if mention.when is None else (0,)
    near = {when + later for when in windows for later in far}
    firsts = combinations([own[0] for _, own in named], 2)
    found |= {f"{'+'.join(sorted(p))}@{place}|{when}" for p in firsts for place, _ in mention.places for when in near}
    return {_hashed(f"{mention.kind}|{key}") for key in found}


def _windows(mention: Mention) -> set[int]:
    spans = [(mention.published, mention.published)] if mention.published else []
    if mention.when and mention.when[1] - mention.when[0] < MONTH:
        spans.append(mention.when)
    elif mention.when and not spans:
        spans.append((mention.when[0], mention.when[0]))
    return {day for first, last in spans for day in range(first // STRIDE - 1, last // STRIDE + 1)} or {0}


def _hashed(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def pairs(mentions: Sequence[Mention], new_from: int = 0) -> tuple[Any, Blocks]:
    """Return the pairs to compare, an array of shape (pairs, 2) of places in the list, and what blocking came to.

    Args:
        mentions: In their order.
        new_from: Pairs of two mentions before this place are left out: they are grouped already.
    """
    hashes, sizes = array("Q"), array("q")
    for mention in mentions:
        own = keys(mention)
        hashes.extend(own)
        sizes.append(len(own))
    places = np.repeat(np.arange(len(mentions), dtype=np.int64), np.frombuffer(sizes, np.int64))
    return paired(np.frombuffer(hashes, np.uint64), places, mentions, new_from)


def paired(blocks: Any, places: Any, mentions: Sequence[Mention], new_from: int = 0) -> tuple[Any, Blocks]:
    """Return what `pairs` does, given the block of each place, as two arrays of one length."""
    counted, held, kept = Blocks(), 0, [np.empty(0, np.int64)]
    if len(places):
        for one, other in _side_by_side(blocks, places, mentions, counted):
            low, high = np.minimum(one, other), np.maximum(one, other)
            kept.append((low << 32 | high)[high >= new_from])
            held += len(kept[-1])
            if held > _HELD:
                kept = [np.unique(np.concatenate(kept))]
                held = 0
    both = np.stack(np.divmod(np.unique(np.concatenate(kept)), 1 << 32), axis=1)
    counted.compared = len(both)
    return both, counted


def _side_by_side(blocks: Any, places: Any, mentions: Sequence[Mention], counted: Blocks) -> Iterator[tuple[Any, Any]]:
    """Yield each block's first with its second, its second with its third, and so on; then what is two steps apart."""
    by_day = sorted(range(len(mentions)), key=lambda place: _neighbour(mentions[place]))
    rank = np.empty(len(mentions), np.int64)
    rank[by_day] = np.arange(len(mentions))
    order = np.lexsort((rank[places], blocks))
    blocks, places = blocks[order], places[order]
    first = np.flatnonzero(np.r_[True, blocks[1:] != blocks[:-1]])
    size = np.diff(np.r_[first, len(blocks)])
    over = size[size > CAP]
    counted.capped = len(over)
    counted.not_compared = int(((over - NEIGHBOURS) * (over - NEIGHBOURS - 1) // 2).sum())
    reach = np.repeat(np.where(size > CAP, NEIGHBOURS, size), size)
    reach = np.minimum(reach, np.repeat(first + size - 1, size) - np.arange(len(blocks)))
    unknown = (-(1 << 40), 1 << 40)
    days = np.array([m.when or unknown for m in mentions], np.int64)
    at = np.arange(len(blocks))
    for step in range(1, CAP):
        at = at[reach[at] >= step]
        if not len(at):
            return
        one, other = places[at], places[at + step]
        gap = np.maximum(days[one, 0] - days[other, 1], days[other, 0] - days[one, 1])
        yield one[gap <= 2], other[gap <= 2]  # what has other days is another event


def _neighbour(mention: Mention) -> tuple[Any, ...]:
    day = mention.when[0] if mention.when else mention.published or 0
    names = sorted(name.name for role in mention.subjects for name in mention.roles.get(role, ()))
    return day, mention.activity, names, mention.order
