"""Blocking: which mentions are compared at all. Two that share a kind, actors and a week or two stand in one block."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np

from communique.events.mention import Mention, Name, analysed, squeezed

STRIDE = 7  # days; a window is two strides long and begins with each, so that two days that are a week apart share one
MONTH = 31  # days that a stated time may span to place a mention; how far from it a record without one is looked for
ACTORS = 4  # of a mention that blocks are made of, the subjects first
CAP = 400  # mentions of a block that are all compared with one another
NEIGHBOURS = 100  # next ones, by day, activity and names, that each is compared with in a larger block
_ANY_DAY = (-(1 << 40), 1 << 40)
_HELD = 20_000_000  # pairs that are held before those that stand in several blocks are counted once


class Blocks(NamedTuple):
    """How many blocks were over the cap, and how many pairs were left out for it and were compared, each once."""

    capped: int
    not_compared: int
    compared: int


def keys(mention: Mention) -> set[str]:
    """Return the keys of the blocks that a mention stands in."""
    actors = sorted(mention.roles.items(), key=lambda item: item[0] not in mention.subjects)
    named = [(role in mention.subjects, _name_keys(name)) for role, names in actors for name in names][:ACTORS]
    pairs_of = ((one, other) for (is_subject, one), (_, other) in combinations(named, 2) if is_subject)
    whom = {"+".join(sorted(pair)) for one, other in pairs_of for pair in product(one, other)}
    alone = {key for is_subject, own in named[:2] if is_subject for key in own}
    whom |= {f"{key}@{place}" for key in alone for names in mention.places for place in names if place}
    if len(named) < 2:
        whom |= alone
    if mention.activity and not (len(named) > 1 and all(is_subject for is_subject, _ in named)):
        whom |= {f"{key}@{mention.activity}" for _, own in named[:2] for key in own}  # a side may have other names
    if not named:
        whom = {f"@{word}" for word in mention.words}
    windows = _windows(mention)
    far = range(-MONTH // STRIDE, MONTH // STRIDE + 1) if mention.when is None else (0,)
    near = {when + later for when in windows for later in far}
    firsts = ("+".join(sorted(pair)) for pair in combinations([own[0] for _, own in named], 2))
    found = {f"{who}|{when}" for who in whom for when in windows}
    found |= {f"{pair}@{place}|{when}" for pair in firsts for place, _ in mention.places for when in near}
    return {f"{mention.kind}|{key}" for key in found}


@lru_cache(maxsize=200_000)
def _name_keys(name: Name) -> tuple[str, ...]:
    """Return what blocks a name: its country's code, and how its last word sounds; its first one if it has none."""
    found = [name.code] if name.code else []
    if name.kind != "country" or not name.code:
        taken_apart = analysed(name.name, name.kind in {"person", ""})
        parts = [p.metaphone or p.comparable for p in taken_apart.parts if len(p.comparable) > 1] if taken_apart else []
        found += parts[-1:] if name.code or name.kind == "person" else [*parts[-1:], *parts[:1]]
    return tuple(dict.fromkeys(found)) or (squeezed(name.name),)


def _windows(mention: Mention) -> set[int]:
    spans = [(mention.published, mention.published)] if mention.published else []
    if mention.when and mention.when[1] - mention.when[0] < MONTH:
        spans.append(mention.when)
    elif mention.when and not spans:
        spans.append((mention.when[0], mention.when[0]))
    return {day for first, last in spans for day in range(first // STRIDE - 1, last // STRIDE + 1)} or {0}


def pairs(
    mentions: Sequence[Mention], new_from: int = 0, keys_of: Callable[[Mention], Collection[str]] = keys
) -> tuple[Any, Blocks]:
    """Return the pairs to compare, an array of shape (pairs, 2) of places in the list, and what blocking came to.

    Pairs of two mentions before the place `new_from` are left out: they are grouped already.
    """
    hashes, sizes = array("q"), array("q")
    for mention in mentions:
        own = keys_of(mention)
        hashes.extend(map(hash, own))
        sizes.append(len(own))
    blocks = np.frombuffer(hashes, np.int64)
    places = np.repeat(np.arange(len(mentions)), np.frombuffer(sizes, np.int64))
    rank = np.argsort(sorted(range(len(mentions)), key=lambda place: _neighbour(mentions[place])))
    places = places[np.lexsort((rank[places], blocks))]
    size = np.unique(blocks, return_counts=True)[1]
    reach = np.repeat(np.where(size > CAP, NEIGHBOURS, size), size)
    reach = np.minimum(reach, np.repeat(np.cumsum(size) - 1, size) - np.arange(len(places)))
    days = np.array([m.when or _ANY_DAY for m in mentions], np.int64)
    at, kept = np.arange(len(places)), [np.empty(0, np.int64)]
    for step in range(1, reach.max(initial=0) + 1):  # each with the next one in its block, then with the one after it
        at = at[reach[at] >= step]
        one, other = places[at], places[at + step]
        low, high = np.minimum(one, other), np.maximum(one, other)
        gap = np.maximum(days[one, 0] - days[other, 1], days[other, 0] - days[one, 1])
        kept.append((low << 32 | high)[(high >= new_from) & (gap <= 2)])  # what has other days is another event
        if sum(map(len, kept[1:])) > _HELD:
            kept = [np.unique(np.concatenate(kept))]
    both = np.stack(np.divmod(np.unique(np.concatenate(kept)), 1 << 32), axis=1)
    left_out = size[size > CAP] - NEIGHBOURS
    return both, Blocks(len(left_out), int((left_out * (left_out - 1) // 2).sum()), len(both))


def _neighbour(mention: Mention) -> tuple[Any, ...]:
    day = mention.when[0] if mention.when else mention.published or 0
    names = sorted(name.name for role in mention.subjects for name in mention.roles.get(role, ()))
    return day, mention.activity, names, mention.order
